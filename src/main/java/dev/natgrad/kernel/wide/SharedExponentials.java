package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Wide.get;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;

/**
 * exp(−s) and ψ(s − s′) of rows of log-variances, kept column by column from row to row: those that
 * all samples share are exponentiated once. What is kept has the bits of {@link Exponential}.
 */
public final class SharedExponentials {
  /** Columns that are kept; those beyond are computed in every row. */
  static final int COLUMNS = 1024;

  private static final int BLOCK = COLUMNS * Double.BYTES;

  /** For every column the arguments s and s′, exp(−s) and ψ(s′ − s). */
  public static final int SCRATCH_BYTES = 4 * BLOCK;

  private SharedExponentials() {}

  /** Forgets the exponentials of up to n columns. */
  public static void clear(int n, long kept) {
    for (int j = 0; j < Math.min(n, COLUMNS); j++) {
      set(kept, j, Double.NaN);
    }
  }

  /** Makes exp(−s) of column j that of a log-variance s. */
  static void take(double s, int j, long kept) {
    if (get(true, kept, j) != s) {
      renew(s, j, kept);
    }
  }

  /** Makes exp(−s) and ψ(from − s) of column j those of the log-variances from and s. */
  static void take(double from, double s, int j, long kept) {
    if (get(true, kept, j) != s || get(true, kept + BLOCK, j) != from) {
      renew(s, j, kept);
      set(kept + BLOCK, j, from);
      set(kept + 3 * BLOCK, j, Exponential.excess(from - s));
    }
  }

  private static void renew(double x, int j, long kept) {
    set(kept, j, x);
    set(kept + 2 * BLOCK, j, Exponential.exp(-x));
  }

  /** exp(−s) of column j. */
  static double exp(int j, long kept) {
    return get(true, kept + 2 * BLOCK, j);
  }

  /** ψ(from − s) of column j. */
  static double excess(int j, long kept) {
    return get(true, kept + 3 * BLOCK, j);
  }

  private static void set(long x, int i, double value) {
    AddressSpace.ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }
}
