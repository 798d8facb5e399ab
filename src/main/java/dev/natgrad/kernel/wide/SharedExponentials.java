package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.wide.Wide.get;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;

/**
 * exp x column by column, kept from row to row: log-variances that all samples share are
 * exponentiated once.
 */
public final class SharedExponentials {
  /** Columns that are kept; those beyond are computed in every row. */
  private static final int COLUMNS = 1024;

  /** For every column the last argument and its exponential, then those of ψ. */
  public static final int SCRATCH_BYTES = 4 * COLUMNS * Double.BYTES;

  private SharedExponentials() {}

  /** Forgets the exponentials of up to n columns. */
  public static void clear(int n, long kept) {
    for (int j = 0; j < Math.min(n, COLUMNS); j++) {
      set(kept, 4 * j, Double.NaN);
      set(kept, 4 * j + 2, Double.NaN);
    }
  }

  /** exp x as {@link Exponential#exp}, with the same bits. */
  static double exp(double x, int j, long kept) {
    if (j >= COLUMNS) {
      return Exponential.exp(x);
    }
    if (get(true, kept, 4 * j) == x) {
      return get(true, kept, 4 * j + 1);
    }
    double e = Exponential.exp(x);
    set(kept, 4 * j, x);
    set(kept, 4 * j + 1, e);
    return e;
  }

  /** ψ(x) as {@link Exponential#excess}, with the same bits. */
  static double excess(double x, int j, long kept) {
    if (j >= COLUMNS) {
      return Exponential.excess(x);
    }
    if (get(true, kept, 4 * j + 2) == x) {
      return get(true, kept, 4 * j + 3);
    }
    double e = Exponential.excess(x);
    set(kept, 4 * j + 2, x);
    set(kept, 4 * j + 3, e);
    return e;
  }

  private static void set(long x, int i, double value) {
    AddressSpace.ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }
}
