package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.random.Philox;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sampled products of the families that FisherProperties has no oracle for, against exact ones. */
class SampledFamiliesTest {
  private static final int BATCH = 6;
  private static final int REPETITIONS = 400;

  static Stream<OutputDistribution> families() {
    return Stream.of(
        new Categoricals(3, 2),
        new DiagonalGaussian(2),
        new Poisson(2),
        new NegativeBinomial(2, 0.4),
        new Gamma(2, 2.5));
  }

  /** Fixed seeds: means of repetitions within 5 of their own standard errors. */
  @ParameterizedTest
  @MethodSource("families")
  void sampledTendsToExactAsOneOverTheRootOfTheDraws(OutputDistribution distribution) {
    try (Workspace w = Workspace.create()) {
      Mlp model = Mlp.of(2, List.of(3), Activation.TANH, distribution.outputs());
      int p = model.parameters();
      Linearization at = model.linearize(w, BATCH, Precision.F64);
      Vec theta = normal(w, p, 1, 0.5);
      Vec v = normal(w, p, 2, 1);
      Mat x = normal(w, 2 * BATCH, 3, 1).asMat(BATCH, 2);
      Mat mean = Mat.allocate(w, BATCH, distribution.outputs(), Precision.F64);
      at.evaluate(theta, x, mean);
      distribution.mean(mean, mean);
      ExactFisher exact = new ExactFisher(w, at, distribution, p, BATCH, Precision.F64);
      exact.setPoint(mean);
      double curvature = exact.curvature(v);
      int[] draws = {1, 16};
      double[] deviations = new double[2];
      for (int which = 0; which < 2; which++) {
        SampledFisher sampled =
            new SampledFisher(w, at, distribution, p, BATCH, draws[which], 1, Precision.F64);
        double sum = 0;
        double squares = 0;
        for (int r = 0; r < REPETITIONS; r++) {
          sampled.resample(mean, 1000 * which + r);
          double estimate = sampled.curvature(v);
          sum += estimate;
          squares += (estimate - curvature) * (estimate - curvature);
        }
        deviations[which] = Math.sqrt(squares / REPETITIONS);
        double standardError = deviations[which] / Math.sqrt(REPETITIONS);
        assertEquals(curvature, sum / REPETITIONS, 5 * standardError, draws[which] + " draws");
      }
      // As FisherProperties has it: with a kurtosis up to 60 within a factor of 2 of 4.
      double ratio = deviations[0] / deviations[1];
      assertTrue(ratio > 2 && ratio < 8, "deviations fall by " + ratio + " and not by 4");
    }
  }

  private static Vec normal(Workspace w, int n, long stream, double deviation) {
    Vec v = Vec.allocate(w, n, Precision.F64);
    for (int i = 0; i < n; i++) {
      v.set(i, deviation * Philox.normal(17, stream, i));
    }
    return v;
  }
}
