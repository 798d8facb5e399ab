package dev.natgrad.bench.step;

import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Network;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepOutcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One whole natural-gradient step: loss, gradient, solve, measured KL, acceptance. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StepBenchmark {

  /** The network: small, smallest, and one whose vectors lie beyond L2. */
  @Param({"POLICY", "DIGITS", "AUTOENCODER"})
  public Network network;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private NaturalGradient optimizer;
  private Vec start;
  private Mat x;
  private Mat y;

  /** Checks that a step is accepted and lowers the loss. */
  @Setup
  public void setUp() {
    workspace = Workspace.create();
    x = network.inputs(workspace, precision, 1);
    y = network.targets(workspace, precision);
    start = network.parameters(workspace, precision);
    Problem problem =
        new Problem(network.model(), network.distribution(), network.batch(), precision, 0);
    // Fixed damping and a tolerance that is not reached: every step does the same work.
    optimizer =
        new NaturalGradient(
            workspace,
            problem,
            NaturalGradientOptions.within(0.01)
                .withDamping(1, false)
                .withConjugateGradient(10, 1e-12));
    StepOutcome outcome = stepFromStart();
    if (!outcome.status().accepted() || !(outcome.lossAfter() < outcome.lossBefore())) {
      throw new AssertionError(outcome.toString());
    }
  }

  private StepOutcome stepFromStart() {
    Blas.copy(start, optimizer.parameters());
    return optimizer.step(x, y);
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * One step of at most ten CG iterations, always from the same parameters.
   *
   * @return what happened
   */
  @Benchmark
  public StepOutcome step() {
    return stepFromStart();
  }
}
