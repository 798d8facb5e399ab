package dev.natgrad.bench.cg;

import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Network;
import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Shifted;
import dev.natgrad.solver.CgOptions;
import dev.natgrad.solver.CgStatus;
import dev.natgrad.solver.ConjugateGradient;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One iteration of conjugate gradients on F + λI: to be compared with FisherBenchmark.product. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CgBenchmark {
  private static final int ITERATIONS = 10;

  /** The network: small, smallest, and one whose vectors lie beyond L2. */
  @Param({"POLICY", "DIGITS", "AUTOENCODER"})
  public Network network;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Shifted damped;
  private ConjugateGradient solver;
  private Vec b;
  private Vec x;

  /** Checks that a solve takes exactly the iterations it is divided by, and lowers φ. */
  @Setup
  public void setUp() {
    workspace = Workspace.create();
    damped = new Shifted(network.fisher(workspace, precision), 1e-3);
    int n = damped.size();
    // A tolerance of 0 is never reached, so the limit decides.
    solver =
        new ConjugateGradient(workspace, n, precision, false, new CgOptions(0, false, ITERATIONS));
    b = Vec.allocate(workspace, n, precision);
    b.copyFrom(Operands.uniform(n, 2), 0);
    x = Vec.allocate(workspace, n, precision);
    solver.solve(damped, b, x, false);
    if (solver.iterations() != ITERATIONS || !(solver.phi() < 0)) {
      throw new AssertionError(
          solver.status() + " after " + solver.iterations() + " iterations, φ = " + solver.phi());
    }
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * A solve of ten iterations, counted as ten.
   *
   * @return why it stopped
   */
  @Benchmark
  @OperationsPerInvocation(ITERATIONS)
  public CgStatus iteration() {
    return solver.solve(damped, b, x, false);
  }
}
