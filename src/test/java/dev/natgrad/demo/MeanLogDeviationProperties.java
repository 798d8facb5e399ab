package dev.natgrad.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

/** Against the density itself: finite differences and quadrature. */
class MeanLogDeviationProperties {
  private static final double U = 0x1p-53;
  private static final double SMALLEST = 0.05;
  private static final MeanLogDeviation DISTRIBUTION = new MeanLogDeviation(SMALLEST);

  /** Trapezoid nodes over ±12σ, a sixteenth of σ apart: for a Gaussian exact to e⁻⁷². */
  private static final int NODES = 384;

  private static double logDensity(double x, double mu, double s) {
    double r = (x - mu) / Math.exp(s);
    return -0.5 * r * r - s - 0.5 * Math.log(2 * Math.PI);
  }

  /** E f under N(μ, e²ˢ), and a bound on its rounding error as the second element. */
  private static double[] expectation(double mu, double s, DoubleUnaryOperator f) {
    double sigma = Math.exp(s);
    double sum = 0;
    double size = 0;
    for (int i = 0; i <= NODES; i++) {
      double x = mu + sigma * 12 * (2.0 * i / NODES - 1);
      double term = Math.exp(logDensity(x, mu, s)) * f.applyAsDouble(x) * 24 * sigma / NODES;
      sum += term;
      size += Math.abs(term);
    }
    // exp of an argument below 80 and the squares in it: 2·80 + 50 roundings a term, NODES sums.
    return new double[] {sum, (NODES + 210) * U * size};
  }

  private static Mat row(Workspace workspace, double a, double b) {
    return Contest.matrix(workspace, new double[][] {{a, b}}, Precision.F64);
  }

  private static Vec vector(Workspace workspace, double... values) {
    Vec vector = Vec.allocate(workspace, values.length, Precision.F64);
    vector.copyFrom(values, 0);
    return vector;
  }

  private static double[] score(double mu, double s, double x) {
    try (Workspace workspace = Workspace.create()) {
      Mat m = row(workspace, mu, s);
      DISTRIBUTION.mean(m, m);
      Mat u = row(workspace, 0, 0);
      DISTRIBUTION.score(1, m, row(workspace, x, x * x), u);
      return u.toArray();
    }
  }

  private static double kl(double mu, double s, double toMu, double toS) {
    try (Workspace workspace = Workspace.create()) {
      return DISTRIBUTION.kl(row(workspace, mu, s), row(workspace, toMu, toS), KlOver.MEAN);
    }
  }

  /** σ² comes from M as a difference, so its relative error is up to 6u(1 + μ²/σ²). */
  private static double varianceError(double mu, double s) {
    return 6 * U * (1 + mu * mu * Math.exp(-2 * s));
  }

  @Property
  void lossIsMinusTheLogDensity(
      @ForAll @DoubleRange(min = -3, max = 3) double mu,
      @ForAll @DoubleRange(min = -2, max = 2) double s,
      @ForAll @DoubleRange(min = -3, max = 3) double x) {
    try (Workspace workspace = Workspace.create()) {
      double loss =
          DISTRIBUTION.negativeLogLikelihood(row(workspace, mu, s), row(workspace, x, x * x));
      double expected = -logDensity(x, mu, s);
      double r = (x - mu) * Math.exp(-s);
      assertEquals(expected, loss, 20 * U * (3 + 0.5 * r * r));
    }
  }

  @Property
  void scoreIsTheDerivativeOfTheLoss(
      @ForAll @DoubleRange(min = -3, max = 3) double mu,
      @ForAll @DoubleRange(min = -2, max = 2) double s,
      @ForAll @DoubleRange(min = -3, max = 3) double x) {
    double h = 0x1p-14;
    double[] score = score(mu, s, x);
    double r2 = (x - mu) * (x - mu) * Math.exp(-2 * s);
    double rounding = 40 * U * (3 + r2) / h;
    double byMu = (logDensity(x, mu - h, s) - logDensity(x, mu + h, s)) / (2 * h);
    double byS = (logDensity(x, mu, s - h) - logDensity(x, mu, s + h)) / (2 * h);
    double relative = varianceError(mu, s);
    // The loss is a parabola in μ and has the third derivative −4r² in ln σ.
    double shift = h * Math.exp(-s);
    assertEquals(byMu, score[0], rounding * (1 + shift * shift) + relative * Math.abs(score[0]));
    assertEquals(byS, score[1], rounding + h * h * r2 + relative * (1 + r2));
  }

  @Property
  void fisherIsTheCovarianceOfTheScore(
      @ForAll @DoubleRange(min = -3, max = 3) double mu,
      @ForAll @DoubleRange(min = -2, max = 2) double s) {
    double precision = Math.exp(-2 * s);
    double[] first = expectation(mu, s, x -> Math.pow((x - mu) * precision, 2));
    double[] mixed =
        expectation(mu, s, x -> (mu - x) * precision * (1 - (x - mu) * (x - mu) * precision));
    double[] second = expectation(mu, s, x -> Math.pow(1 - (x - mu) * (x - mu) * precision, 2));
    assertEquals(0, mixed[0], mixed[1]);
    try (Workspace workspace = Workspace.create()) {
      Mat m = row(workspace, mu, s);
      DISTRIBUTION.mean(m, m);
      Mat t = row(workspace, 1, 1);
      DISTRIBUTION.fisherProduct(1, m, t, t);
      assertEquals(first[0], t.get(0, 0), first[1] + varianceError(mu, s) * first[0]);
      assertEquals(second[0], t.get(0, 1), second[1]);
      Mat b = row(workspace, 1, 1);
      DISTRIBUTION.fisherFactorTranspose(1, m, b, b);
      DISTRIBUTION.fisherFactor(1, m, b, b);
      assertEquals(t.get(0, 0), b.get(0, 0), 6 * U * t.get(0, 0));
      assertEquals(t.get(0, 1), b.get(0, 1), 6 * U * t.get(0, 1));
    }
  }

  @Property
  void klIsTheExpectedLogRatio(
      @ForAll @DoubleRange(min = -3, max = 3) double mu,
      @ForAll @DoubleRange(min = -2, max = 2) double s,
      @ForAll @DoubleRange(min = -3, max = 3) double toMu,
      @ForAll @DoubleRange(min = -2, max = 2) double toS) {
    double[] expected = expectation(mu, s, x -> logDensity(x, mu, s) - logDensity(x, toMu, toS));
    double[] sizes =
        expectation(
            mu, s, x -> Math.abs(logDensity(x, mu, s)) + Math.abs(logDensity(x, toMu, toS)));
    double found = kl(mu, s, toMu, toS);
    assertEquals(expected[0], found, expected[1] + 30 * U * (sizes[0] + found));
  }

  @Property
  void aTinyKlKeepsItsDigits(
      @ForAll @DoubleRange(min = -2, max = 2) double s,
      @ForAll @DoubleRange(min = -9, max = -1) double decade) {
    double to = s + Math.pow(10, decade);
    double exactly = to - s;
    double t = 2 * exactly;
    // h(−t)/(t²/2) = 1 − t/3 + t²/12 − …, alternating and falling.
    double ratio = kl(0, s, 0, to) / (exactly * exactly);
    assertEquals(1 - t / 3 + t * t / 24, ratio, t * t / 24 + 40 * U);
  }

  @Property
  void outputsThatAreOffMoveTheKlByNoMoreThanTheBound(
      @ForAll @DoubleRange(min = -3, max = 3) double mu,
      @ForAll @DoubleRange(min = -2, max = 2) double s,
      @ForAll @DoubleRange(min = -0.5, max = 0.5) double byMu,
      @ForAll @DoubleRange(min = -0.5, max = 0.5) double byS,
      @ForAll @DoubleRange(min = -12, max = -2) double decade,
      @ForAll @DoubleRange(min = -1, max = 1) double a,
      @ForAll @DoubleRange(min = -1, max = 1) double b) {
    double error = Math.pow(10, decade);
    double computed = kl(mu, s, mu + byMu, s + byS);
    double exact = kl(mu + a * error, s + b * error, mu + byMu - a * error, s + byS - b * error);
    double bound = DISTRIBUTION.klErrorBound(null, null, KlOver.MEAN, computed, error);
    assertTrue(Math.abs(exact - computed) <= bound, () -> exact + " − " + computed + " > " + bound);
  }

  @Test
  void belowTheSmallestDeviationNothingIsPossible() {
    double below = Math.log(SMALLEST) - 1e-9;
    assertEquals(Double.POSITIVE_INFINITY, kl(0, 0, 0, below));
    try (Workspace workspace = Workspace.create()) {
      double loss =
          DISTRIBUTION.negativeLogLikelihood(row(workspace, 0, below), row(workspace, 1, 1));
      assertEquals(Double.POSITIVE_INFINITY, loss);
      assertThrows(
          IllegalArgumentException.class, () -> DISTRIBUTION.checkTargets(row(workspace, 2, 5)));
    }
    assertThrows(IllegalArgumentException.class, () -> new MeanLogDeviation(0));
  }

  @Property(tries = 100)
  void aDrawIsItsOwnPairOfStatistics(@ForAll long seed) {
    try (Workspace workspace = Workspace.create()) {
      Mat m = row(workspace, 1.5, -1);
      DISTRIBUTION.mean(m, m);
      Mat y = row(workspace, 0, 0);
      DISTRIBUTION.sample(m, seed, 3, y);
      DISTRIBUTION.checkTargets(y);
      assertTrue(Math.abs(y.get(0, 0) - 1.5) < 8.7 * Math.exp(-1) * (1 + 1e-9));
    }
  }

  @Test
  void theModelRepeatsItsParametersAndSumsItsOutputs() {
    try (Workspace workspace = Workspace.create()) {
      Linearization model = new DirectParameters(2).linearize(workspace, 3, Precision.F64);
      Vec theta = vector(workspace, 2, -5);
      Mat x = Mat.allocate(workspace, 3, 1, Precision.F64);
      Mat z = Mat.allocate(workspace, 3, 2, Precision.F64);
      assertThrows(IllegalStateException.class, () -> model.jvp(theta, z));
      model.evaluate(theta, x, z);
      for (int i = 0; i < 3; i++) {
        assertEquals(2, z.get(i, 0));
        assertEquals(-5, z.get(i, 1));
      }
      z.copyFrom(new double[] {1, 10, 2, 20, 3, 30});
      Vec g = vector(workspace, 100, 1000);
      model.vjp(z, 2, g);
      assertEquals(206, g.get(0));
      assertEquals(2060, g.get(1));
      Mat large = Mat.allocate(workspace, 4, 1, Precision.F64);
      assertThrows(IllegalArgumentException.class, () -> model.evaluate(theta, large, z));
    }
  }
}
