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
 * @param outcomes what became of the try, in words, n elements
 */
public record StepTrace(
    String name,
    double[] step,
    double[] kl,
    double[] epsilon,
    boolean[] accepted,
    int[] cgIterations,
    double[] lambda,
    String[] outcomes) {
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
    Check.length("outcomes", outcomes.length, "step.length", step.length);
  }

  /**
   * A trace whose outcomes are "accepted" and "rejected".
   *
   * @param name as above
   * @param step as above
   * @param kl as above
   * @param epsilon as above
   * @param accepted as above
   * @param cgIterations as above
   * @param lambda as above
   * @throws IllegalArgumentException if {@code name} is blank or the lengths differ
   */
  public StepTrace(
      String name,
      double[] step,
      double[] kl,
      double[] epsilon,
      boolean[] accepted,
      int[] cgIterations,
      double[] lambda) {
    this(name, step, kl, epsilon, accepted, cgIterations, lambda, words(accepted));
  }

  private static String[] words(boolean[] accepted) {
    String[] words = new String[accepted.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = accepted[i] ? "accepted" : "rejected";
    }
    return words;
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
