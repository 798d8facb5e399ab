package dev.natgrad.bench.fisher;

import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Network;
import dev.natgrad.bench.Operands;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
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

/** One product with the exact Fisher matrix, and one curvature. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FisherBenchmark {

  /** The network: small, smallest, and one whose vectors lie beyond L2. */
  @Param({"POLICY", "DIGITS", "AUTOENCODER"})
  public Network network;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private ExactFisher fisher;
  private Vec v;
  private Vec y;

  /** Checks vᵀ(Fv), which needs both passes, against vᵀFv as a sum of squares, which needs one. */
  @Setup
  public void setUp() {
    workspace = Workspace.create();
    fisher = network.fisher(workspace, precision);
    v = Vec.allocate(workspace, fisher.size(), precision);
    v.copyFrom(Operands.uniform(fisher.size(), 2), 0);
    y = Vec.allocate(workspace, fisher.size(), precision);
    fisher.apply(1, v, 0, y);
    double product = Blas.dsdot(v, y);
    double squares = fisher.curvature(v);
    // Half of the digits: the errors of the passes are those of sums of up to 10⁵ terms.
    if (!(Math.abs(product - squares) <= Math.sqrt(precision.unitRoundoff()) * squares)) {
      throw new AssertionError("vᵀ(Fv) is " + product + ", as a sum of squares " + squares);
    }
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /** y ← Fv. */
  @Benchmark
  public void product() {
    fisher.apply(1, v, 0, y);
  }

  /**
   * vᵀFv.
   *
   * @return vᵀFv
   */
  @Benchmark
  public double curvature() {
    return fisher.curvature(v);
  }
}
