package dev.natgrad.report;

/**
 * What the natural gradient did at each try, n tries; a step that was retried has several entries
 * with one step number. Immutable but for the arrays, which are not copied and read only by {@link
 * #violations} and the call that draws them; any thread may read it.
 *
 * @param name the run; the same name has the same colour in every figure of a report
 * @param step step number, n elements, ascending
 * @param kl measured KL(old‖new), nats, n elements
 * @param epsilon bound ε in force, nats, n elements
 * @param accepted whether the try was kept, n elements
 * @param cgIterations conjugate-gradient iterations, n elements
 * @param lambda damping λ, n elements
 */
public record StepTrace(
    String name,
    double[] step,
    double[] kl,
    double[] epsilon,
    boolean[] accepted,
    int[] cgIterations,
    double[] lambda) {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if {@code name} is blank or the lengths differ
   */
  public StepTrace {
    Check.notBlank("name", name);
    Check.length("kl", kl.length, "step.length", step.length);
    Check.length("epsilon", epsilon.length, "step.length", step.length);
    Check.length("accepted", accepted.length, "step.length", step.length);
    Check.length("cgIterations", cgIterations.length, "step.length", step.length);
    Check.length("lambda", lambda.length, "step.length", step.length);
  }

  /**
   * Accepted tries whose KL is above the bound in force.
   *
   * @return the number of tries, 0 for a correct run
   */
  public int violations() {
    int count = 0;
    for (int i = 0; i < kl.length; i++) {
      if (accepted[i] && !(kl[i] <= epsilon[i])) {
        count++;
      }
    }
    return count;
  }
}
