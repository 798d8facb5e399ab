package dev.natgrad.report;

/**
 * One row of the comparison table. NaN and negative counts mean "not measured" and show as a dash.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param name the optimiser or run; the same name has the same colour in every figure of a report
 * @param steps parameter updates
 * @param seconds wall time of training, seconds
 * @param trainLoss final training loss, nats per example
 * @param testLoss final test loss, nats per example
 * @param metric accuracy as a share of 1, or RMSE in target units; the table names it, and shows
 *     counts without decimals
 * @param accepted accepted steps, negative if the optimiser has no such notion
 * @param rejected rejected tries, negative if the optimiser has no such notion
 * @param klMax largest measured KL over accepted steps, nats
 * @param klBound the bound ε on it, nats; the largest in force if it changed
 */
public record RunSummary(
    String name,
    long steps,
    double seconds,
    double trainLoss,
    double testLoss,
    double metric,
    long accepted,
    long rejected,
    double klMax,
    double klBound) {
  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if {@code name} is blank
   */
  public RunSummary {
    Check.notBlank("name", name);
  }

  /**
   * A run of an optimiser that neither measures KL nor rejects steps.
   *
   * @param name the optimiser or run
   * @param steps parameter updates
   * @param seconds wall time of training, seconds
   * @param trainLoss final training loss, nats per example
   * @param testLoss final test loss, nats per example
   * @param metric accuracy as a share of 1, or RMSE in target units
   * @return the row, with dashes where KL and counts stand
   */
  public static RunSummary control(
      String name, long steps, double seconds, double trainLoss, double testLoss, double metric) {
    return new RunSummary(
        name, steps, seconds, trainLoss, testLoss, metric, -1, -1, Double.NaN, Double.NaN);
  }
}
