package dev.natgrad.fisher;

/** How damping and solving a {@link DirectFisher} went. Immutable; usable from any thread. */
public enum DirectStatus {
  /** (F + W)d = g was solved as asked. */
  SOLVED,
  /**
   * F + W was not positive definite to working precision; a larger diagonal was, and that system
   * was solved: {@link DirectFisher#shift} says how much larger.
   */
  SHIFT_RAISED,
  /** Not positive definite up to the largest shift tried: F is not a Fisher matrix, or W is 0. */
  NOT_POSITIVE_DEFINITE,
  /** NaN or infinity in F, W or g, or an overflow. */
  NON_FINITE;

  /**
   * Tells whether there is a solution.
   *
   * @return true for {@link #SOLVED} and {@link #SHIFT_RAISED}
   */
  public boolean solved() {
    return this == SOLVED || this == SHIFT_RAISED;
  }
}
