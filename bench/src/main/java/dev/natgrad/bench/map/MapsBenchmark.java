package dev.natgrad.bench.map;

import dev.natgrad.bench.Flops;
import dev.natgrad.bench.Forks;
import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
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

/** Functions of every element, and the softmax of every row, on numbers between 1 and 3. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = Forks.COUNT,
    jvmArgsAppend = {Forks.ADD_MODULES, Forks.NATIVE_ACCESS})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MapsBenchmark {

  /** Rows×columns: one sample of ten classes, a batch of them, a hidden layer, and an odd one. */
  @Param({"1x10", "256x10", "2048x64", "17x59"})
  public String shape;

  /** Format of the operands. */
  @Param({"F32", "F64"})
  public Precision precision;

  private Workspace workspace;
  private Mat x;
  private Mat y;
  private double elements;

  /** Fills the operands and checks the last element of each function. */
  @Setup
  public void setUp() {
    String[] sizes = shape.split("x");
    int m = Integer.parseInt(sizes[0]);
    int n = Integer.parseInt(sizes[1]);
    elements = (double) m * n;
    workspace = Workspace.create();
    double[] xs = Operands.uniform(m * n, 1);
    x = Mat.allocate(workspace, m, n, precision);
    y = Mat.allocate(workspace, m, n, precision);
    x.copyFrom(xs);
    double last = xs[m * n - 1];
    Maps.exp(x, y);
    check("exp", Math.exp(last));
    Maps.tanh(x, y);
    check("tanh", Math.tanh(last));
    Maps.logistic(x, y);
    check("logistic", 1 / (1 + Math.exp(-last)));
    Maps.softplus(x, y);
    check("softplus", Math.log1p(Math.exp(last)));
    Maps.softmax(x, y);
    double sum = 0;
    for (int j = 0; j < n; j++) {
      sum += y.get(m - 1, j);
    }
    // Each term is off by a few ulp, and so is their sum.
    Operands.requireWithinBound("softmax", sum, 1, 1, n + 8, precision);
    for (int i = 0; i < xs.length; i++) {
      xs[i] += 2;
    }
    x.copyFrom(xs);
    Maps.log(x, y);
    check("log", Math.log(x.get(m - 1, n - 1)));
  }

  /** No function is off by more than 4 ulp, which is 8u|f|. */
  private void check(String what, double expected) {
    double computed = y.get(y.rows() - 1, y.cols() - 1);
    Operands.requireWithinBound(what, computed, expected, Math.abs(expected), 8, precision);
  }

  /** Frees the operands. */
  @TearDown
  public void tearDown() {
    workspace.close();
  }

  /**
   * Y ← exp X.
   *
   * @param flops counts elements, in 10⁹
   */
  @Benchmark
  public void exp(Flops flops) {
    flops.gflops += 1e-9 * elements;
    Maps.exp(x, y);
  }

  /**
   * Y ← ln X.
   *
   * @param flops counts elements, in 10⁹
   */
  @Benchmark
  public void log(Flops flops) {
    flops.gflops += 1e-9 * elements;
    Maps.log(x, y);
  }

  /**
   * Y ← tanh X.
   *
   * @param flops counts elements, in 10⁹
   */
  @Benchmark
  public void tanh(Flops flops) {
    flops.gflops += 1e-9 * elements;
    Maps.tanh(x, y);
  }

  /**
   * Y ← 1/(1 + exp −X).
   *
   * @param flops counts elements, in 10⁹
   */
  @Benchmark
  public void logistic(Flops flops) {
    flops.gflops += 1e-9 * elements;
    Maps.logistic(x, y);
  }

  /**
   * Y ← ln(1 + exp X).
   *
   * @param flops counts elements, in 10⁹
   */
  @Benchmark
  public void softplus(Flops flops) {
    flops.gflops += 1e-9 * elements;
    Maps.softplus(x, y);
  }

  /**
   * Softmax of each row.
   *
   * @param flops counts elements, in 10⁹
   */
  @Benchmark
  public void softmax(Flops flops) {
    flops.gflops += 1e-9 * elements;
    Maps.softmax(x, y);
  }
}
