package dev.natgrad.bench.l2;

import dev.natgrad.bench.Flops;
import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;
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

/** Products of a matrix with a vector, and the rank-one update. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Level2Benchmark {

  /**
   * m×n: 65 and 257 leave a tail in every loop; 64x128 and 784x400 are layers of 64-128-10 and of
   * an autoencoder; 2000x1000 lies beyond L2.
   */
  @Param({"65x65", "64x128", "257x257", "784x400", "2000x1000"})
  public String shape;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Mat a;
  private Mat square;
  private Vec x;
  private Vec y;
  private Vec z;
  private double mn;

  /** Fills the operands and checks one product each way. */
  @Setup
  public void setUp() {
    String[] sizes = shape.split("x");
    int m = Integer.parseInt(sizes[0]);
    int n = Integer.parseInt(sizes[1]);
    mn = (double) m * n;
    workspace = Workspace.create();
    a = Mat.allocate(workspace, m, n, precision);
    a.copyFrom(Operands.uniform(m * n, 1));
    square = Mat.allocate(workspace, n, n, precision);
    square.copyFrom(Operands.uniform(n * n, 2));
    x = Vec.allocate(workspace, n, precision);
    x.copyFrom(Operands.uniform(n, 3), 0);
    y = Vec.allocate(workspace, m, precision);
    Blas.gemv(Transpose.NO, 1, a, x, 0, y);
    check("gemv", y.get(m - 1), n, j -> a.get(m - 1, j) * x.get(j));
    y.copyFrom(Operands.uniform(m, 4), 0);
    z = Vec.allocate(workspace, n, precision);
    Blas.gemv(Transpose.YES, 1, a, y, 0, z);
    check("gemv transposed", z.get(n - 1), m, i -> a.get(i, n - 1) * y.get(i));
    Blas.symv(1, square, x, 0, z);
    check("symv", z.get(n - 1), n, j -> square.get(n - 1, j) * x.get(j));
    double before = a.get(m - 1, n - 1);
    double product = y.get(m - 1) * x.get(n - 1);
    Blas.ger(0.5, y, x, a);
    double magnitude = Math.abs(before) + Math.abs(product);
    Operands.requireWithinBound(
        "ger", a.get(m - 1, n - 1), before + 0.5 * product, magnitude, 3, precision);
  }

  private void check(String what, double computed, int terms, IntToDoubleFunction term) {
    double sum = 0;
    double magnitude = 0;
    for (int i = 0; i < terms; i++) {
      sum += term.applyAsDouble(i);
      magnitude += Math.abs(term.applyAsDouble(i));
    }
    Operands.requireWithinBound(what, computed, sum, magnitude, terms, precision);
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * y ← Ax.
   *
   * @param flops counts 2mn
   */
  @Benchmark
  public void gemv(Flops flops) {
    flops.gflops += 2e-9 * mn;
    Blas.gemv(Transpose.NO, 1, a, x, 0, y);
  }

  /**
   * z ← Aᵀy.
   *
   * @param flops counts 2mn
   */
  @Benchmark
  public void gemvTransposed(Flops flops) {
    flops.gflops += 2e-9 * mn;
    Blas.gemv(Transpose.YES, 1, a, y, 0, z);
  }

  /**
   * z ← Sx, S symmetric n×n.
   *
   * @param flops counts 2n²
   */
  @Benchmark
  public void symv(Flops flops) {
    flops.gflops += 2e-9 * x.length() * x.length();
    Blas.symv(1, square, x, 0, z);
  }

  /**
   * A ← A + αyxᵀ; α is so small that A never grows.
   *
   * @param flops counts 2mn
   */
  @Benchmark
  public void ger(Flops flops) {
    flops.gflops += 2e-9 * mn;
    Blas.ger(1e-9, y, x, a);
  }
}
