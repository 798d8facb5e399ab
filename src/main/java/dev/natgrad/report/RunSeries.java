package dev.natgrad.report;

/**
 * The course of one run, n points. A training loss that is not finite leaves a gap. Immutable but
 * for the arrays, which are not copied and read only by the call that draws them; any thread may
 * read it.
 *
 * @param name the optimiser or run; the same name has the same colour in every figure of a report
 * @param step step number of each point, n elements, ascending
 * @param seconds wall time since the start, seconds, n elements, ascending
 * @param trainLoss training loss, nats per example, n elements
 * @param testLoss test or validation loss, nats per example: n elements, NaN where it was not
 *     measured (the curve goes on to the next point), or 0 elements if it never was
 */
public record RunSeries(
    String name, double[] step, double[] seconds, double[] trainLoss, double[] testLoss) {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if {@code name} is blank or the lengths differ
   */
  public RunSeries {
    Check.notBlank("name", name);
    Check.length("seconds", seconds.length, "step.length", step.length);
    Check.length("trainLoss", trainLoss.length, "step.length", step.length);
    if (testLoss.length != 0) {
      Check.length("testLoss", testLoss.length, "step.length (or 0)", step.length);
    }
  }
}
