package dev.natgrad.bench.l3;

import dev.natgrad.bench.Flops;
import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Side;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
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

/** Cholesky, triangular solve and symmetric product. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FactorBenchmark {

  /** Order: 32 fits one block, 100 and 257 leave partial ones, 1,000 is a dense Fisher matrix. */
  @Param({"32", "100", "257", "1000"})
  public int n;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Mat spd;
  private Mat unit;
  private Mat l;
  private Mat b;

  /** Fills the matrices and checks the last row of LLᵀ, of a solve and of a product. */
  @Setup
  public void setUp() {
    workspace = Workspace.create();
    spd = Mat.allocate(workspace, n, n, precision);
    unit = Mat.allocate(workspace, n, n, precision);
    l = Mat.allocate(workspace, n, n, precision);
    b = Mat.allocate(workspace, n, n, precision);
    b.copyFrom(Operands.uniform(n * n, 1));
    Blas.syrk(Triangle.LOWER, Transpose.NO, 1, b, 0, spd);
    check("syrk", spd.get(n - 1, 0), n, p -> b.get(n - 1, p) * b.get(0, p));
    for (int i = 0; i < n; i++) {
      spd.set(i, i, spd.get(i, i) + n);
    }
    potrf();
    check("potrf", spd.get(n - 1, 0), n + 1, p -> p == 0 ? l.get(n - 1, 0) * l.get(0, 0) : 0);
    // T = [I 0; M −I] is its own inverse: solving in place for ever keeps B bounded.
    for (int i = 0; i < n; i++) {
      unit.set(i, i, i < n / 2 ? 1 : -1);
      for (int j = 0; i >= n / 2 && j < n / 2; j++) {
        unit.set(i, j, b.get(i, j) / n);
      }
    }
    double[] before = b.toArray();
    trsm();
    check("trsm", before[(n - 1) * n], n + 2, p -> p < n ? unit.get(n - 1, p) * b.get(p, 0) : 0);
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

  private void potrf() {
    Blas.copy(spd, l);
    if (!Cholesky.factor(l)) {
      throw new AssertionError("a positive definite matrix was refused");
    }
  }

  private void trsm() {
    Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.NO, 1, unit, b);
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * A = LLᵀ on a fresh copy of A.
   *
   * @param flops counts n³/3
   */
  @Benchmark
  public void cholesky(Flops flops) {
    flops.gflops += 1e-9 / 3 * n * n * n;
    potrf();
  }

  /**
   * B ← T⁻¹B, B n×n.
   *
   * @param flops counts n³
   */
  @Benchmark
  public void triangularSolve(Flops flops) {
    flops.gflops += 1e-9 * n * n * n;
    trsm();
  }

  /**
   * Lower triangle of L ← BBᵀ.
   *
   * @param flops counts n³
   */
  @Benchmark
  public void symmetricProduct(Flops flops) {
    flops.gflops += 1e-9 * n * n * n;
    Blas.syrk(Triangle.LOWER, Transpose.NO, 1, b, 0, l);
  }
}
