package dev.natgrad.report;

/**
 * The parameters an optimiser went through, n points, the first being the start. A point that is
 * not finite ends the drawn path there. Immutable but for the arrays, which are not copied; any
 * thread may read it.
 *
 * @param name the optimiser; the same name has the same colour in every figure of a report
 * @param x first parameter, n elements
 * @param y second parameter, n elements
 */
public record ContourPath(String name, double[] x, double[] y) {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if {@code name} is blank or the lengths differ
   */
  public ContourPath {
    Check.notBlank("name", name);
    Check.length("y", y.length, "x.length", x.length);
  }
}
