package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Network;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepOutcome;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole steps of the policy network within a trust region, beside libtorch: gradient, ten
 * iterations of conjugate gradients, lengths tried until the measured KL is within the bound.
 * Everybody starts each step from the same parameters.
 */
final class StepCases extends Cases {
  static final double EPSILON = 0.01;
  static final int ITERATIONS = 10;

  private StepCases() {
    super(true);
  }

  static List<Case> all() {
    StepCases cases = new StepCases();
    eachPrecision(
        p -> {
          cases.add(2048, p);
          cases.add(256, p);
        });
    return cases.list;
  }

  private void add(int batch, Precision precision) {
    Network network = Network.POLICY;
    Mat x = network.inputs(workspace, precision, 1).top(batch);
    Mat y = network.targets(workspace, precision).top(batch);
    Vec start = network.parameters(workspace, precision);
    Problem problem = new Problem(network.model(), network.distribution(), batch, precision, 0);
    // Fixed damping and a tolerance that is not reached: every step does the same work.
    NaturalGradient natgrad =
        new NaturalGradient(
            workspace,
            problem,
            NaturalGradientOptions.within(EPSILON)
                .withDamping(1, false)
                .withConjugateGradient(ITERATIONS, 1e-12));
    TorchStep torch = new TorchStep(new TorchNetwork(network, start, x, y));
    List<Contender> contenders = new ArrayList<>();
    contenders.add(
        new Contender(
            Contender.NATGRAD,
            () -> step(natgrad, start, x, y),
            () -> lowered(step(natgrad, start, x, y))));
    contenders.add(new Contender("libtorch", torch::step, torch::lowered));
    // The products, and one evaluation for the gradient and one for the step.
    double flops = ITERATIONS * network.productFlops(batch) + 2 * network.gradientFlops(batch);
    list.add(
        new Case(
            "step",
            precision,
            network.shape() + "x" + batch,
            Case.Unit.FLOPS,
            flops,
            Limit.fma(precision),
            contenders,
            value -> 0));
  }

  private static StepOutcome step(NaturalGradient natgrad, Vec start, Mat x, Mat y) {
    // The direction of the step before would be a warm start that the others do not have.
    Blas.copy(start, natgrad.parameters());
    return natgrad.step(x, y);
  }

  /** 1 where the step was accepted, within its bound and with a lower loss. */
  private static double[] lowered(StepOutcome outcome) {
    boolean good =
        outcome.status().accepted()
            && outcome.kl() <= EPSILON
            && outcome.lossAfter() < outcome.lossBefore();
    return new double[] {good ? 1 : 0};
  }
}
