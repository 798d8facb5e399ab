package dev.natgrad.bench.l3;

import dev.natgrad.bench.Flops;
import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
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

/** C ← op(A)·op(B): 2mnk flops. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GemmBenchmark {

  private static final int SAMPLED_ENTRIES = 1000;

  /**
   * m×n×k. Squares for comparison with other libraries; 17 and 127 leave a tail in every loop; the
   * last three are the first layers of 17-64-64-6 at batch 2048 and of 784-400 at batch 512, and
   * the output layer of 64-128-10 at batch 256.
   */
  @Param({
    "16x16x16",
    "17x17x17",
    "64x64x64",
    "127x127x127",
    "256x256x256",
    "1024x1024x1024",
    "2048x64x17",
    "512x400x784",
    "256x10x128"
  })
  public String shape;

  /** op(A) and op(B): N as it is, T transposed. TN makes weight gradients, NT backward passes. */
  @Param({"NN", "NT", "TN"})
  public String ops;

  /** Format of the three matrices. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Transpose opA;
  private Transpose opB;
  private Mat a;
  private Mat b;
  private Mat c;
  private double gflopsPerCall;

  /** Fills the matrices and checks one product: its last row, last column and sampled entries. */
  @Setup
  public void setUp() {
    String[] sizes = shape.split("x");
    int m = Integer.parseInt(sizes[0]);
    int n = Integer.parseInt(sizes[1]);
    int k = Integer.parseInt(sizes[2]);
    gflopsPerCall = 2e-9 * m * n * k;
    opA = ops.charAt(0) == 'T' ? Transpose.YES : Transpose.NO;
    opB = ops.charAt(1) == 'T' ? Transpose.YES : Transpose.NO;
    workspace = Workspace.create();
    a = opA == Transpose.NO ? matrix(m, k, 1) : matrix(k, m, 1);
    b = opB == Transpose.NO ? matrix(k, n, 2) : matrix(n, k, 2);
    c = matrix(m, n, 3);
    gemm();
    check(m, n, k);
  }

  private Mat matrix(int rows, int cols, long seed) {
    Mat matrix = Mat.allocate(workspace, rows, cols, precision);
    matrix.copyFrom(Operands.uniform(rows * cols, seed));
    return matrix;
  }

  private void check(int m, int n, int k) {
    double[] as = a.toArray();
    double[] bs = b.toArray();
    for (int j = 0; j < n; j++) {
      checkEntry(m - 1, j, k, as, bs);
    }
    for (int i = 0; i < m; i++) {
      checkEntry(i, n - 1, k, as, bs);
    }
    Random random = new Random(4);
    for (int s = 0; s < SAMPLED_ENTRIES; s++) {
      checkEntry(random.nextInt(m), random.nextInt(n), k, as, bs);
    }
  }

  private void checkEntry(int i, int j, int k, double[] as, double[] bs) {
    double sum = 0;
    double magnitude = 0;
    for (int p = 0; p < k; p++) {
      double aip = opA == Transpose.NO ? as[i * a.cols() + p] : as[p * a.cols() + i];
      double bpj = opB == Transpose.NO ? bs[p * b.cols() + j] : bs[j * b.cols() + p];
      sum += aip * bpj;
      magnitude += Math.abs(aip * bpj);
    }
    Operands.requireWithinBound(
        "C[" + i + "," + j + "]", c.get(i, j), sum, magnitude, k, precision);
  }

  /** Frees the matrices. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * One product, β = 0.
   *
   * @param flops counts 2mnk
   * @return C
   */
  @Benchmark
  public Mat gemm(Flops flops) {
    flops.gflops += gflopsPerCall;
    gemm();
    return c;
  }

  private void gemm() {
    Blas.gemm(opA, opB, 1, a, b, 0, c);
  }
}
