package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * KL(θ‖θ + tv)/(½t²vᵀFv) = 1 + O(t), in both directions: the Fisher matrix is the curvature of the
 * KL divergence. A hundredth of t leaves about a hundredth of the distance from 1.
 */
final class KlSecondOrderProperties {
  private static final int BATCH = 7;
  private static final int INPUTS = 4;
  private static final int OUTPUTS = 3;

  @Property(tries = 200)
  void klIsHalfTheCurvature(@ForAll long seed, @ForAll @IntRange(min = 0, max = 2) int kind) {
    OutputDistribution distribution =
        List.of(new Categorical(OUTPUTS), new Bernoulli(OUTPUTS), new Gaussian(OUTPUTS)).get(kind);
    Random random = new Random(seed);
    try (Workspace workspace = Workspace.create()) {
      Mlp model = Mlp.of(INPUTS, List.of(5), Activation.TANH, OUTPUTS);
      Vec theta = Vec.allocate(workspace, model.parameters(), Precision.F64);
      Initialization.AUTO.fill(model, seed, theta);
      Mat x = Mat.allocate(workspace, BATCH, INPUTS, Precision.F64);
      x.copyFrom(random.doubles((long) BATCH * INPUTS, -1, 1).toArray());
      Vec v = Vec.allocate(workspace, model.parameters(), Precision.F64);
      v.copyFrom(random.doubles(model.parameters(), -1, 1).toArray(), 0);
      Blas.scal(1 / Blas.nrm2(v), v);

      Linearization linearization = model.linearize(workspace, BATCH, Precision.F64);
      Mat at = Mat.allocate(workspace, BATCH, OUTPUTS, Precision.F64);
      Mat mean = Mat.allocate(workspace, BATCH, OUTPUTS, Precision.F64);
      linearization.evaluate(theta, x, at);
      distribution.mean(at, mean);
      ExactFisher fisher =
          new ExactFisher(
              workspace, linearization, distribution, model.parameters(), BATCH, Precision.F64);
      fisher.setPoint(mean);
      double curvature = fisher.curvature(v);

      Mat moved = Mat.allocate(workspace, BATCH, OUTPUTS, Precision.F64);
      Vec there = Vec.allocate(workspace, model.parameters(), Precision.F64);
      double[] forward = new double[2];
      double[] backward = new double[2];
      double[] steps = {1e-2, 1e-4};
      for (int i = 0; i < 2; i++) {
        Blas.copy(theta, there);
        Blas.axpy(steps[i], v, there);
        linearization.evaluate(there, x, moved);
        double model2 = 0.5 * steps[i] * steps[i] * curvature;
        forward[i] = distribution.kl(at, moved, KlOver.MEAN) / model2 - 1;
        backward[i] = distribution.kl(moved, at, KlOver.MEAN) / model2 - 1;
      }
      // Third derivatives of a network this small are of order 10 in a unit direction.
      assertTrue(Math.abs(forward[0]) < 0.3 && Math.abs(backward[0]) < 0.3, "t = 0.01");
      // Linear in t, so a hundredth of it at a hundredth of t; and the rounding of θ + tv in the
      // outputs, some ulp of outputs of order 1 against differences of order t.
      double rounding = 1e3 * Precision.F64.unitRoundoff() / steps[1];
      assertTrue(
          Math.abs(forward[1]) <= 0.05 * Math.abs(forward[0]) + 1e-4 + rounding,
          forward[0] + " → " + forward[1]);
      assertTrue(
          Math.abs(backward[1]) <= 0.05 * Math.abs(backward[0]) + 1e-4 + rounding,
          backward[0] + " → " + backward[1]);
      // The third-order terms of the two directions differ: their difference is O(t³) in KL.
      assertTrue(Math.abs(forward[1] - backward[1]) <= 30 * steps[1] + rounding);
    }
  }
}
