package dev.natgrad.bench.l3;

import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Epilogue;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;
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

/** A layer, Y ← tanh(XW + 1bᵀ), with its bias and map as an epilogue, and one after the other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EpilogueBenchmark {

  /**
   * m×n×k: C in L1, in L2 (a layer of 17-64-64-6 at batch 2048), larger than L2 with a deep product
   * (784-400 at batch 512), and larger than L2 with a shallow one, where passes over C cost most.
   */
  @Param({"32x64x17", "2048x64x64", "512x400x784", "4096x784x25"})
  public String shape;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Mat x;
  private Mat weights;
  private Vec bias;
  private Mat y;

  /** Fills the operands and checks that both ways give the same bits. */
  @Setup
  public void setUp() {
    String[] sizes = shape.split("x");
    int m = Integer.parseInt(sizes[0]);
    int n = Integer.parseInt(sizes[1]);
    int k = Integer.parseInt(sizes[2]);
    workspace = Workspace.create();
    x = matrix(m, k, 1);
    weights = matrix(k, n, 2);
    bias = matrix(1, n, 3).row(0);
    y = Mat.allocate(workspace, m, n, precision);
    double[] expected = oneByOne().toArray();
    if (!Arrays.equals(expected, fused().toArray())) {
      throw new AssertionError("the epilogue changes bits of " + shape);
    }
  }

  private Mat matrix(int rows, int cols, long seed) {
    Mat matrix = Mat.allocate(workspace, rows, cols, precision);
    matrix.copyFrom(Operands.uniform(rows * cols, seed));
    return matrix;
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * Bias and map as an epilogue.
   *
   * @return Y
   */
  @Benchmark
  public Mat fused() {
    Blas.gemm(Transpose.NO, Transpose.NO, 1, x, weights, 0, y, Epilogue.TANH, bias, y);
    return y;
  }

  /**
   * Three passes.
   *
   * @return Y
   */
  @Benchmark
  public Mat oneByOne() {
    Blas.gemm(Transpose.NO, Transpose.NO, 1, x, weights, 0, y);
    Blas.addToRows(1, bias, y);
    Maps.tanh(y, y);
    return y;
  }
}
