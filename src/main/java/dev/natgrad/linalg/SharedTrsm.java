package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.memory.Parallelism;

/**
 * trsm on several threads: the columns of B are independent where T stands on the left, its rows
 * where T stands on the right, so an element is computed as on one thread.
 */
final class SharedTrsm implements Parallelism.Task {
  private boolean f64;
  private boolean left;
  private boolean lower;
  private boolean transposed;
  private int m;
  private int n;
  private double alpha;
  private long t;
  private int ldt;
  private long b;
  private int ldb;
  private long[] scratch = {};

  /**
   * Runs B ← α·op(T)⁻¹B or αB·op(T)⁻¹, operands checked, where T uses the parallelism that B does
   * and there is enough to share; returns whether it has.
   */
  static boolean run(boolean left, boolean lower, boolean transposed, double alpha, Mat t, Mat b) {
    Parallelism threads = b.storage.parallelism();
    if ((long) b.rows * b.cols * t.rows / 2 < SharedGemm.WORTHWHILE
        || (left ? b.cols / SharedGemm.COLUMNS : b.rows / SharedGemm.ROWS) < 2
        || t.rows < 2
        || t.storage.parallelism() != threads) {
      return false;
    }
    SharedTrsm task = threads.task(SharedTrsm.class, SharedTrsm::new);
    if (task.scratch.length == 0) {
      task.scratch = SharedGemm.scratch(threads);
    }
    task.f64 = b.precision == F64;
    task.left = left;
    task.lower = lower;
    task.transposed = transposed;
    task.m = b.rows;
    task.n = b.cols;
    task.alpha = alpha;
    task.t = t.address;
    task.ldt = t.stride;
    task.b = b.address;
    task.ldb = b.stride;
    threads.run(task);
    return true;
  }

  @Override
  public void run(int share, int shares) {
    int length = left ? n : m;
    int block = left ? SharedGemm.COLUMNS : SharedGemm.ROWS;
    int from = SharedGemm.start(share, shares, length, block);
    int count = SharedGemm.start(share + 1, shares, length, block) - from;
    if (count == 0) {
      return;
    }
    int rows = left ? m : count;
    int cols = left ? count : n;
    long to = b + (left ? from : (long) from * ldb) * (f64 ? Double.BYTES : Float.BYTES);
    if (f64) {
      dev.natgrad.kernel.f64.Level3.trsm(
          left, lower, transposed, rows, cols, alpha, t, ldt, to, ldb, scratch[share]);
    } else {
      dev.natgrad.kernel.f32.Level3.trsm(
          left, lower, transposed, rows, cols, (float) alpha, t, ldt, to, ldb, scratch[share]);
    }
  }
}
