package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import dev.natgrad.oracle.Rounding;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kronecker factors of rows with weights are those of the rows as often as their weights say. */
class KroneckerWeightsTest {
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;
  private static final int OUTPUTS = 3;
  private static final int ROWS = 8;

  /** A network at a random point on rows, with weights or, where they are null, without. */
  private static final class Case {
    final Workspace w;
    final Precision precision;
    final LayeredLinearization linearization;
    final OutputDistribution distribution;
    final Mlp model;
    final Vec theta;
    final Mat x;
    final Mat mean;

    Case(
        Workspace w,
        Precision precision,
        List<Integer> hidden,
        OutputDistribution base,
        double[][] rows,
        double[] weights) {
      this.w = w;
      this.precision = precision;
      this.model = Mlp.of(INPUTS, hidden, Activation.TANH, OUTPUTS);
      this.distribution = weights == null ? base : weighted(w, base, precision, weights);
      this.linearization = model.linearize(w, rows.length, precision);
      this.theta = gaussian(3);
      this.x = Mat.allocate(w, rows.length, INPUTS, precision);
      for (int i = 0; i < rows.length; i++) {
        x.copyRowFrom(i, rows[i], 0);
      }
      this.mean = Mat.allocate(w, rows.length, OUTPUTS, precision);
      linearization.evaluate(theta, x, mean);
      distribution.mean(mean, mean);
    }

    private static Weighted weighted(
        Workspace w, OutputDistribution base, Precision precision, double[] weights) {
      Weighted weighted = new Weighted(w, base, weights.length, precision);
      weighted.setWeights(vec(w, weights));
      return weighted;
    }

    Vec gaussian(long seed) {
      Vec v = Vec.allocate(w, model.parameters(), precision);
      v.copyFrom(NaiveDense.gaussian(model.parameters(), new Random(seed)), 0);
      return v;
    }

    KroneckerFactors factors() {
      return new KroneckerFactors(
          w, linearization, distribution, model.parameters(), x.rows(), precision);
    }

    KroneckerFactors exact() {
      KroneckerFactors factors = factors();
      factors.updateExact(mean);
      return factors;
    }

    double parameter(DenseLayer layer, int i, int j) {
      return theta.get(layer.weightOffset() + i * layer.outputs() + j);
    }
  }

  private static Vec vec(Workspace w, double... values) {
    Vec v = Vec.allocate(w, values.length, Precision.F64);
    v.copyFrom(values, 0);
    return v;
  }

  private static double[][] random(int rows) {
    double[][] x = new double[rows][];
    Random random = new Random(5);
    for (int i = 0; i < rows; i++) {
      x[i] = NaiveDense.gaussian(INPUTS, random);
    }
    return x;
  }

  private static double[][] padded(double[][] rows, int more, double filler) {
    double[][] all = Arrays.copyOf(rows, rows.length + more);
    for (int i = rows.length; i < all.length; i++) {
      all[i] = new double[INPUTS];
      Arrays.fill(all[i], filler);
    }
    return all;
  }

  /** {@code ones} rows that count and then {@code zeros} that do not. */
  private static double[] mask(int ones, int zeros) {
    double[] weights = new double[ones + zeros];
    Arrays.fill(weights, 0, ones, 1);
    return weights;
  }

  /**
   * The sizes of what is added up to ā and to δ of every layer at a row: |ā| ≤ size, and what is
   * rounded on the way is no larger. |u| ≤ 1 for a column of a factor of the F_z of a categorical.
   */
  private static double[][][] sizes(Case c, int row) {
    List<DenseLayer> layers = c.linearization.denseLayers();
    double[][][] sizes = new double[2][layers.size()][];
    double[] in = new double[INPUTS + 1];
    in[INPUTS] = 1;
    for (int i = 0; i < INPUTS; i++) {
      in[i] = Math.abs(c.x.get(row, i));
    }
    for (int l = 0; l < layers.size(); l++) {
      DenseLayer layer = layers.get(l);
      sizes[0][l] = in;
      double[] out = new double[layer.outputs() + 1];
      out[layer.outputs()] = 1;
      for (int j = 0; j < layer.outputs(); j++) {
        for (int i = 0; i < layer.rows(); i++) {
          out[j] += in[i] * Math.abs(c.parameter(layer, i, j));
        }
      }
      in = out;
    }
    double[] delta = new double[OUTPUTS];
    Arrays.fill(delta, 1);
    for (int l = layers.size() - 1; l >= 0; l--) {
      sizes[1][l] = delta;
      DenseLayer layer = layers.get(l);
      double[] below = new double[layer.inputs()];
      for (int i = 0; i < layer.inputs(); i++) {
        for (int j = 0; j < layer.outputs(); j++) {
          below[i] += delta[j] * Math.abs(c.parameter(layer, i, j));
        }
        // tanh' = 1 − t² errs by 2|t|·(the error of t), which goes with the size of its sum.
        below[i] *= 1 + 2 * sizes[0][l][i];
      }
      delta = below;
    }
    return sizes;
  }

  /**
   * The two factors have the same exact value. Each is a mean over at most n rows, of products of
   * two numbers with at most 2(N + 4) roundings each, N the longest sum: a product with a layer's
   * weights, tanh or the softmax, the root of the weight, the scaling by it; and two roundings of
   * the mean's scale.
   */
  private static void assertSameFactors(Case expected, KroneckerFactors e, KroneckerFactors a) {
    int rows = expected.x.rows();
    int n = 2 * rows * OUTPUTS + 4 * 2 * (Math.max(HIDDEN, INPUTS) + 1 + 4) + 4;
    double gamma = 2 * Rounding.gamma(n, expected.precision);
    for (int l = 0; l < expected.linearization.denseLayers().size(); l++) {
      for (int side = 0; side < 2; side++) {
        Mat want = side == 0 ? e.inputFactor(l) : e.outputFactor(l);
        Mat is = side == 0 ? a.inputFactor(l) : a.outputFactor(l);
        for (int i = 0; i < want.rows(); i++) {
          for (int j = 0; j <= i; j++) {
            double size = 0;
            for (int r = 0; r < rows; r++) {
              double[] at = sizes(expected, r)[side][l];
              size += at[i] * at[j] * (side == 0 ? 1 : OUTPUTS) / rows;
            }
            String what = (side == 0 ? "A" : "G") + l + "[" + i + ", " + j + "]";
            assertEquals(want.get(i, j), is.get(i, j), gamma * size, what);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void maskedRowsAreAsIfTheyWereNotThere(Precision precision) {
    for (List<Integer> hidden : List.of(List.<Integer>of(), List.of(HIDDEN))) {
      for (double filler : new double[] {0, 1e3, 1e30}) {
        try (Workspace w = Workspace.create()) {
          OutputDistribution base = new Categorical(OUTPUTS);
          double[][] rows = random(ROWS);
          Case plain = new Case(w, precision, hidden, base, rows, null);
          double[][] more = padded(rows, ROWS, filler);
          Case masked = new Case(w, precision, hidden, base, more, mask(ROWS, ROWS));
          KroneckerFactors factors = masked.exact();
          assertSameFactors(plain, plain.exact(), factors);
          double[][] zeros = padded(rows, ROWS, 0);
          Case empty = new Case(w, precision, hidden, base, zeros, mask(ROWS, ROWS));
          KroneckerFactors expected = empty.exact();
          for (int l = 0; l <= hidden.size(); l++) {
            assertSameBits(expected.inputFactor(l), factors.inputFactor(l));
            assertSameBits(expected.outputFactor(l), factors.outputFactor(l));
          }
        }
      }
    }
  }

  private static void assertSameBits(Mat expected, Mat actual) {
    for (int i = 0; i < expected.rows(); i++) {
      for (int j = 0; j <= i; j++) {
        assertEquals(expected.get(i, j), actual.get(i, j));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void weightsAreRepetitions(Precision precision) {
    for (List<Integer> hidden : List.of(List.<Integer>of(), List.of(HIDDEN))) {
      try (Workspace w = Workspace.create()) {
        OutputDistribution base = new Categorical(OUTPUTS);
        double[][] x = random(3);
        Case plain = new Case(w, precision, hidden, base, new double[][] {x[0], x[0], x[2]}, null);
        Case weighted = new Case(w, precision, hidden, base, x, new double[] {2, 0, 1});
        KroneckerFactors expected = plain.exact();
        KroneckerFactors actual = weighted.exact();
        assertSameFactors(plain, expected, actual);
        // Another update of the same rows is the mean of twice the same.
        expected.updateExact(plain.mean);
        actual.updateExact(weighted.mean);
        assertSameFactors(plain, expected, actual);
      }
    }
  }

  /** On one layer with Gaussian outputs the form is F itself, if its basis has the weights too. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e3, 1e30})
  void correctedEigenvaluesHaveTheWeightsToo(double filler) {
    for (Precision precision : Precision.values()) {
      try (Workspace w = Workspace.create()) {
        Gaussian base = new Gaussian(OUTPUTS, 0.5);
        double[] weights = mask(ROWS, ROWS);
        weights[2] = 5;
        Case c =
            new Case(w, precision, List.of(), base, padded(random(ROWS), ROWS, filler), weights);
        KroneckerFactors factors = c.exact();
        EigenKroneckerFisher eigen =
            new EigenKroneckerFisher(w, factors, c.linearization, c.distribution, 2 * ROWS);
        assertTrue(eigen.refresh());
        eigen.updateExact(c.mean);
        ExactFisher exact =
            new ExactFisher(
                w, c.linearization, c.distribution, c.model.parameters(), 2 * ROWS, precision);
        exact.setPoint(c.mean);
        Vec v = c.gaussian(9);
        Vec expected = c.gaussian(0);
        Vec actual = c.gaussian(0);
        exact.apply(1, v, 0, expected);
        eigen.apply(1, v, 0, actual);
        double off = NaiveDense.norm(NaiveDense.minus(expected.toArray(), actual.toArray()));
        // As EigenKroneckerProperties has it: 64(n + 1)u of the eigenvectors, and five products.
        double n = INPUTS + 1 + OUTPUTS + 2 * ROWS;
        double norm = 0;
        for (int i = 0; i < ROWS; i++) {
          norm += weights[i] * (1 + Math.pow(NaiveDense.norm(random(ROWS)[i]), 2)) / (ROWS + 4);
        }
        norm *= OUTPUTS / 0.5 * NaiveDense.norm(v.toArray());
        assertTrue(off <= 128 * (n + 2) * n * precision.unitRoundoff() * norm, "off by " + off);
      }
    }
  }

  /** A part of a batch may be nothing but padding: it says nothing of A. */
  @Test
  void rowsWithoutAnyWeightTeachNothing() {
    for (Precision precision : Precision.values()) {
      try (Workspace w = Workspace.create()) {
        double[][] x = padded(random(ROWS), 0, 0);
        Case c =
            new Case(w, precision, List.of(HIDDEN), new Categorical(OUTPUTS), x, mask(ROWS, 0));
        Weighted weighted = (Weighted) c.distribution;
        KroneckerFactors factors = c.factors();
        weighted.setWeights(vec(w, new double[ROWS]), 1);
        factors.updateExact(c.mean);
        factors.updateSigns(c.mean, 1, 1, 1);
        assertEquals(0, factors.updates());
        weighted.setWeights(vec(w, mask(ROWS, 0)));
        factors.updateExact(c.mean);
        EigenKroneckerFisher eigen =
            new EigenKroneckerFisher(w, factors, c.linearization, weighted, ROWS);
        assertTrue(eigen.refresh());
        double trace = factors.trace();
        double[] moments = eigen.moments(0).toArray();
        weighted.setWeights(vec(w, new double[ROWS]), 1);
        factors.updateSampled(c.mean, 2, 1, 1);
        factors.updateEmpirical(c.mean, c.mean);
        eigen.updateExact(c.mean);
        assertEquals(1, factors.updates());
        assertEquals(trace, factors.trace());
        assertTrue(Arrays.equals(moments, eigen.moments(0).toArray()));
      }
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void weightsAllocateNothing(Precision precision) {
    try (Workspace w = Workspace.create()) {
      double[][] x = padded(random(ROWS), ROWS, 1e30);
      double[] weights = mask(ROWS, ROWS);
      Case c = new Case(w, precision, List.of(HIDDEN), new Categorical(OUTPUTS), x, weights);
      KroneckerFactors factors = c.exact();
      EigenKroneckerFisher eigen =
          new EigenKroneckerFisher(w, factors, c.linearization, c.distribution, 2 * ROWS);
      assertTrue(eigen.refresh());
      Allocation.assertNone(
          "Kronecker factors with weights",
          () -> {
            factors.updateSigns(c.mean, 1, 1, 1);
            eigen.updateSigns(c.mean, 1, 1, 1);
          });
    }
  }
}
