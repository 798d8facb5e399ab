package dev.natgrad.oracle;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.natgrad.memory.Precision;
import java.util.function.Supplier;

/** Comparison of a computed number with an exact one under a derived bound. */
public final class Rounding {
  private Rounding() {}

  /** γₙ = n·u/(1 − n·u). */
  public static double gamma(long n, Precision precision) {
    double nu = n * precision.unitRoundoff();
    assertTrue(nu < 1, "γ needs n·u < 1");
    return nu / (1 - nu);
  }

  /** The smallest positive number: each operation that underflows errs by at most half of it. */
  public static double tiny(Precision precision) {
    return precision == Precision.F64 ? Double.MIN_VALUE : Float.MIN_VALUE;
  }

  /**
   * Fails unless |computed − exact| ≤ γₙ·gauge, n the number of roundings in the longest chain; a
   * sum that is not finite must be computed as the same infinity, or as NaN.
   */
  public static void assertWithin(
      double computed, DoubleDouble exact, long n, Precision precision, Supplier<String> what) {
    double bound = gamma(n, precision) * exact.gauge() + n * tiny(precision);
    if (!(exact.distance(computed) <= bound)) {
      fail(
          what.get()
              + ": computed "
              + computed
              + ", exact "
              + exact.value()
              + ", error "
              + exact.distance(computed)
              + " exceeds the bound "
              + bound
              + " = γ_"
              + n
              + " · "
              + exact.gauge());
    }
  }

  /** x rounded to the precision, as the facade rounds its scalars. */
  public static double round(double x, Precision precision) {
    return precision == Precision.F64 ? x : (float) x;
  }
}
