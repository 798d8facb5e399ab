package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Wide.get;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;

/**
 * exp(−s) and ψ(s − s′) of rows of log-variances, kept column by column from row to row: those that
 * all samples share are exponentiated once. What is kept has the bits of {@link Exponential}.
 * Columns a multiple of {@link #COLUMNS} apart take turns in one place.
 */
public final class SharedExponentials {
  /** Places, a power of two. */
  private static final int COLUMNS = 1024;

  private static final int BLOCK = COLUMNS * Double.BYTES;

  /** For every place the arguments s and s′, exp(−s) and ψ(s′ − s). */
  public static final int SCRATCH_BYTES = 4 * BLOCK;

  private SharedExponentials() {}

  /** Forgets the exponentials of up to n columns. */
  public static void clear(int n, long kept) {
    for (int j = 0; j < Math.min(n, COLUMNS); j++) {
      set(kept, j, Double.NaN);
    }
  }

  /** exp(−s) for the log-variance s of column j. */
  static double exp(double s, int j, long kept) {
    int place = j % COLUMNS;
    if (get(true, kept, place) != s) {
      renew(s, place, kept);
    }
    return get(true, kept + 2 * BLOCK, place);
  }

  /** ψ(from − s) for the log-variances of column j. */
  static double excess(double from, double s, int j, long kept) {
    int place = j % COLUMNS;
    if (get(true, kept, place) != s || get(true, kept + BLOCK, place) != from) {
      renew(s, place, kept);
      set(kept + BLOCK, place, from);
      set(kept + 3 * BLOCK, place, Exponential.excess(from - s));
    }
    return get(true, kept + 3 * BLOCK, place);
  }

  private static void renew(double s, int place, long kept) {
    set(kept, place, s);
    set(kept + 2 * BLOCK, place, Exponential.exp(-s));
  }

  private static void set(long x, int i, double value) {
    AddressSpace.ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }
}
