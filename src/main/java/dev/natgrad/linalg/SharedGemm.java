package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.memory.Parallelism;

/**
 * gemm in shares of whole rows or whole columns of C, never of k: an element is computed as on one
 * thread, so it has the same bits.
 */
final class SharedGemm implements Parallelism.Task {
  /** Below so many multiplications the hand-over of some microseconds would show. */
  static final long WORTHWHILE = 1L << 20;

  /**
   * Shares are multiples of these, so that only the last has edge tiles. A share is never one row
   * or column: products with a vector have another order of summation.
   */
  static final int ROWS = 8;

  static final int COLUMNS = 32;

  /** So many columns of C fill a worker's block of B; then no thread packs what another does. */
  private static final int WIDE = 192;

  private boolean f64;
  private boolean byColumns;
  private int m;
  private int n;
  private int k;
  private double alpha;
  private long a;
  private int rsa;
  private int csa;
  private long b;
  private int rsb;
  private int csb;
  private double beta;
  private long c;
  private int ldc;
  private Epilogue epilogue;
  private long bias;
  private long y;
  private int ldy;
  private long[] scratch = {};

  /**
   * Runs C ← αAB + βC and its epilogue, operands checked, where all of them use the parallelism of
   * C and there is enough to share; returns whether it has.
   */
  static boolean run(
      int k,
      double alpha,
      Mat a,
      int rsa,
      int csa,
      Mat b,
      int rsb,
      int csb,
      double beta,
      Mat c,
      Epilogue epilogue,
      Vec bias,
      Mat y) {
    Parallelism threads = c.storage.parallelism();
    if ((long) c.rows * c.cols * k < WORTHWHILE
        || a.storage.parallelism() != threads
        || b.storage.parallelism() != threads
        || y.storage.parallelism() != threads
        || (bias != null && bias.storage.parallelism() != threads)
        || Math.max(c.rows / ROWS, c.cols / COLUMNS) < 2
        || Math.min(c.rows, c.cols) < 2) {
      return false;
    }
    SharedGemm task = threads.task(SharedGemm.class, SharedGemm::new);
    if (task.scratch.length == 0) {
      task.scratch = scratch(threads);
    }
    task.f64 = c.precision == F64;
    task.byColumns =
        c.cols / threads.threads() >= WIDE && c.cols >= c.rows / 4 || c.rows / ROWS < 2;
    task.m = c.rows;
    task.n = c.cols;
    task.k = k;
    task.alpha = alpha;
    task.a = a.address;
    task.rsa = rsa;
    task.csa = csa;
    task.b = b.address;
    task.rsb = rsb;
    task.csb = csb;
    task.beta = beta;
    task.c = c.address;
    task.ldc = c.stride;
    task.epilogue = epilogue;
    task.bias = bias == null ? 0 : bias.address;
    task.y = y.address;
    task.ldy = y.stride;
    threads.run(task);
    return true;
  }

  /** The scratch of each thread. */
  static long[] scratch(Parallelism threads) {
    long[] addresses = new long[threads.threads()];
    for (int share = 0; share < addresses.length; share++) {
      addresses[share] = threads.scratch(share, Blas.scratchBytes()).address();
    }
    return addresses;
  }

  /**
   * Where a share starts: whole blocks, the last share with what is left of them and never with
   * that alone. The shares before it take the blocks that do not divide evenly.
   */
  static int start(int share, int shares, int length, int block) {
    if (share == shares) {
      return length;
    }
    long blocks = length / block;
    long even = (blocks * share + shares - 1) / shares;
    return (int) Math.clamp(even, 0, Math.max(0, blocks - 1)) * block;
  }

  @Override
  public void run(int share, int shares) {
    int bytes = f64 ? Double.BYTES : Float.BYTES;
    int length = byColumns ? n : m;
    int block = byColumns ? COLUMNS : ROWS;
    int from = start(share, shares, length, block);
    int count = start(share + 1, shares, length, block) - from;
    if (count == 0) {
      return;
    }
    int rows = byColumns ? m : count;
    int cols = byColumns ? count : n;
    long left = byColumns ? a : a + (long) from * rsa * bytes;
    long right = byColumns ? b + (long) from * csb * bytes : b;
    long to = c + (byColumns ? from : (long) from * ldc) * bytes;
    long biasFrom = byColumns && bias != 0 ? bias + (long) from * bytes : bias;
    long out = y + (byColumns ? from : (long) from * ldy) * bytes;
    if (f64) {
      dev.natgrad.kernel.f64.Level3.gemm(
          rows,
          cols,
          k,
          alpha,
          left,
          rsa,
          csa,
          right,
          rsb,
          csb,
          beta,
          to,
          ldc,
          biasFrom,
          epilogue.f64,
          out,
          ldy,
          scratch[share]);
    } else {
      dev.natgrad.kernel.f32.Level3.gemm(
          rows,
          cols,
          k,
          (float) alpha,
          left,
          rsa,
          csa,
          right,
          rsb,
          csb,
          (float) beta,
          to,
          ldc,
          biasFrom,
          epilogue.f32,
          out,
          ldy,
          scratch[share]);
    }
  }
}
