package dev.natgrad.bench.l1;

import dev.natgrad.bench.Flops;
import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Operands;
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

/** xᵀy: 2n flops on 2n elements read. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DotBenchmark {

  /**
   * Length: 31 and 1,000 end in a tail; 9,610 is the parameter count of a 64-128-10 network;
   * 1,000,003 lies beyond L2, as the vectors of an autoencoder do.
   */
  @Param({"31", "1000", "9610", "1000003"})
  public int n;

  /** Format of both vectors. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Vec x;
  private Vec y;

  /** Fills the vectors and checks one product. */
  @Setup
  public void setUp() {
    workspace = Workspace.create();
    double[] xs = Operands.uniform(n, 1);
    double[] ys = Operands.uniform(n, 2);
    x = Vec.allocate(workspace, n, precision);
    y = Vec.allocate(workspace, n, precision);
    x.copyFrom(xs, 0);
    y.copyFrom(ys, 0);
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < n; i++) {
      sum += xs[i] * ys[i];
      magnitude += Math.abs(xs[i] * ys[i]);
    }
    Operands.requireWithinBound("dot", Blas.dot(x, y), sum, magnitude, n, precision);
  }

  /** Frees the vectors. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * One product.
   *
   * @param flops counts 2n
   * @return the product
   */
  @Benchmark
  public double dot(Flops flops) {
    flops.gflops += 2e-9 * n;
    return Blas.dot(x, y);
  }
}
