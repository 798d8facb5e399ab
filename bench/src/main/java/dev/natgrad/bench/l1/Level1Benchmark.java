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

/** The vector operations beside dot, each on vectors of one length. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Level1Benchmark {

  /**
   * Length: 31 and 1,003 end in a tail; 9,610 is the parameter count of a 64-128-10 network;
   * 1,000,003 lies beyond L2, as the vectors of an autoencoder do.
   */
  @Param({"31", "1003", "9610", "1000003"})
  public int n;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Vec x;
  private Vec y;

  /** Fills the vectors and checks each operation once. */
  @Setup
  public void setUp() {
    workspace = Workspace.create();
    double[] xs = Operands.uniform(n, 1);
    double[] ys = Operands.uniform(n, 2);
    x = Vec.allocate(workspace, n, precision);
    y = Vec.allocate(workspace, n, precision);
    x.copyFrom(xs, 0);
    y.copyFrom(ys, 0);
    double squares = 0;
    double sum = 0;
    int largest = 0;
    for (int i = 0; i < n; i++) {
      squares += xs[i] * xs[i];
      sum += Math.abs(xs[i]);
      largest = Math.abs(xs[i]) > Math.abs(xs[largest]) ? i : largest;
    }
    double norm = Math.sqrt(squares);
    Operands.requireWithinBound("nrm2", Blas.nrm2(x), norm, norm, n + 4, precision);
    Operands.requireWithinBound("asum", Blas.asum(x), sum, sum, n, precision);
    Operands.requireWithinBound("iamax", Blas.iamax(x), largest, 0, n, precision);
    Blas.axpy(0.5, x, y);
    Operands.requireWithinBound("axpy", y.get(n - 1), 0.5 * xs[n - 1] + ys[n - 1], 2, 2, precision);
    Blas.axpby(0.5, x, 0, y);
    Operands.requireWithinBound("axpby", y.get(n - 1), 0.5 * xs[n - 1], 1, 2, precision);
    Blas.scal(2, y);
    Operands.requireWithinBound("scal", y.get(n - 1), xs[n - 1], 1, 2, precision);
    Blas.copy(x, y);
    Operands.requireWithinBound("copy", y.get(0), xs[0], 0, 1, precision);
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * ‖x‖₂.
   *
   * @param flops counts 2n
   * @return the norm
   */
  @Benchmark
  public double nrm2(Flops flops) {
    flops.gflops += 2e-9 * n;
    return Blas.nrm2(x);
  }

  /**
   * Σ|xᵢ|.
   *
   * @param flops counts n
   * @return the sum
   */
  @Benchmark
  public double asum(Flops flops) {
    flops.gflops += 1e-9 * n;
    return Blas.asum(x);
  }

  /**
   * The first index of the largest |xᵢ|.
   *
   * @param flops counts n comparisons
   * @return the index
   */
  @Benchmark
  public int iamax(Flops flops) {
    flops.gflops += 1e-9 * n;
    return Blas.iamax(x);
  }

  /**
   * y ← αx + y; α is so small that y never grows.
   *
   * @param flops counts 2n
   */
  @Benchmark
  public void axpy(Flops flops) {
    flops.gflops += 2e-9 * n;
    Blas.axpy(1e-9, x, y);
  }

  /**
   * y ← αx + βy, which tends to x/3.
   *
   * @param flops counts 3n
   */
  @Benchmark
  public void axpby(Flops flops) {
    flops.gflops += 3e-9 * n;
    Blas.axpby(0.5, x, -0.5, y);
  }

  /**
   * y ← −y.
   *
   * @param flops counts n
   */
  @Benchmark
  public void scal(Flops flops) {
    flops.gflops += 1e-9 * n;
    Blas.scal(-1, y);
  }

  /**
   * y ← x.
   *
   * @param flops counts n elements
   */
  @Benchmark
  public void copy(Flops flops) {
    flops.gflops += 1e-9 * n;
    Blas.copy(x, y);
  }
}
