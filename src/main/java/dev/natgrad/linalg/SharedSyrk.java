package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.memory.Parallelism;

/**
 * syrk on several threads. C is halved; of the square beside the halves each thread computes some
 * rows, and the triangles that are left go round the threads: so an element is computed as on one
 * thread.
 */
final class SharedSyrk implements Parallelism.Task {
  /** Triangles a thread, about, so that the shares are even. */
  private static final int TRIANGLES = 4;

  /** Order of triangles that are not halved further; above it no half is a single row. */
  private static final int UNHALVED = 64;

  /** Halves are multiples of it, but for the last. */
  private static final int TILE = 32;

  private boolean f64;
  private boolean lower;
  private int n;
  private int k;
  private double alpha;
  private long a;
  private int rsa;
  private int csa;
  private double beta;
  private long c;
  private int ldc;

  /** Smaller ones have too few rows beside the diagonal to share. */
  private static final int LEAST = 192;

  /** Order of the largest triangle that one thread computes. */
  private int largest;

  private long[] scratch = {};

  /**
   * Runs a triangle of C ← αAAᵀ + βC, operands checked, where A uses the parallelism that C does
   * and there is enough to share; returns whether it has.
   */
  static boolean run(
      boolean lower, int k, double alpha, Mat a, int rsa, int csa, double beta, Mat c) {
    Parallelism threads = c.storage.parallelism();
    int n = c.rows;
    if ((long) n * n / 2 * k < SharedGemm.WORTHWHILE
        || n < LEAST
        || a.storage.parallelism() != threads) {
      return false;
    }
    SharedSyrk task = threads.task(SharedSyrk.class, SharedSyrk::new);
    if (task.scratch.length == 0) {
      task.scratch = SharedGemm.scratch(threads);
    }
    task.f64 = c.precision == F64;
    task.lower = lower;
    task.n = n;
    task.k = k;
    task.alpha = alpha;
    task.a = a.address;
    task.rsa = rsa;
    task.csa = csa;
    task.beta = beta;
    task.c = c.address;
    task.ldc = c.stride;
    task.largest = n / (TRIANGLES * threads.threads());
    threads.run(task);
    return true;
  }

  private long at(long x, int i, int rs, int j, int cs) {
    return x + ((long) i * rs + (long) j * cs) * (f64 ? Double.BYTES : Float.BYTES);
  }

  @Override
  public void run(int share, int shares) {
    walk(0, n, 0, share, shares);
  }

  /**
   * Does a share of the triangle of C that begins at a row and column.
   *
   * @return how many triangles there are that are not halved, those before included
   */
  private int walk(int from, int order, int before, int share, int shares) {
    if (order <= Math.max(largest, UNHALVED)) {
      if (before % shares == share) {
        triangle(from, order, scratch[share]);
      }
      return before + 1;
    }
    int h = (order / 2 + TILE - 1) / TILE * TILE;
    int below = from + h;
    if (lower) {
      square(below, from, order - h, h, share, shares);
    } else {
      square(from, below, h, order - h, share, shares);
    }
    int met = walk(from, h, before, share, shares);
    return walk(below, order - h, met, share, shares);
  }

  /** Some rows of a block of C beside the diagonal. */
  private void square(int row, int col, int rows, int cols, int share, int shares) {
    int first = SharedGemm.start(share, shares, rows, SharedGemm.ROWS);
    int count = SharedGemm.start(share + 1, shares, rows, SharedGemm.ROWS) - first;
    if (count == 0) {
      return;
    }
    long left = at(a, row + first, rsa, 0, 0);
    long right = at(a, col, rsa, 0, 0);
    long to = at(c, row + first, ldc, col, 1);
    if (f64) {
      dev.natgrad.kernel.f64.Level3.gemm(
          count, cols, k, alpha, left, rsa, csa, right, csa, rsa, beta, to, ldc, scratch[share]);
    } else {
      dev.natgrad.kernel.f32.Level3.gemm(
          count,
          cols,
          k,
          (float) alpha,
          left,
          rsa,
          csa,
          right,
          csa,
          rsa,
          (float) beta,
          to,
          ldc,
          scratch[share]);
    }
  }

  private void triangle(int from, int order, long work) {
    long rows = at(a, from, rsa, 0, 0);
    long to = at(c, from, ldc, from, 1);
    if (f64) {
      dev.natgrad.kernel.f64.Level3.syrk(
          lower, order, k, alpha, rows, rsa, csa, beta, to, ldc, work);
    } else {
      dev.natgrad.kernel.f32.Level3.syrk(
          lower, order, k, (float) alpha, rows, rsa, csa, (float) beta, to, ldc, work);
    }
  }
}
