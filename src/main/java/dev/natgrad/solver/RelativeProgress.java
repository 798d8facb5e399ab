package dev.natgrad.solver;

/**
 * Martens' rule of relative progress: stop at iteration i when i &gt; k, φᵢ &lt; 0 and
 *
 * <pre>(φᵢ − φᵢ₋ₖ)/φᵢ &lt; 5·10⁻⁴·k,  k = max(10, ⌈i/10⌉),</pre>
 *
 * with φ(x) = ½xᵀAx − bᵀx: when the last k iterations lowered φ by less than 0.05 % each on
 * average. Independent of the scale of A and b. (Martens, Deep learning via Hessian-free
 * optimization, ICML 2010, section 4.4; the factor k is in the paper, not in all codes that cite
 * it.)
 *
 * <p>Thread rule: one thread at a time. Allocates only when built.
 */
public final class RelativeProgress {
  /** The mean relative decrease of φ per iteration below which it stops. */
  public static final double PER_ITERATION = 5e-4;

  /** The smallest k. */
  public static final int SHORTEST_WINDOW = 10;

  private static final int ITERATIONS_PER_WINDOW_STEP = 10;

  private final double[] recent;
  private final int iterationLimit;
  private int iteration;

  /**
   * A rule for at most a given number of iterations.
   *
   * @param iterationLimit the largest i that will be recorded, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public RelativeProgress(int iterationLimit) {
    if (iterationLimit < 1) {
      throw new IllegalArgumentException(
          "iterationLimit is " + iterationLimit + "; it must be at least 1");
    }
    this.iterationLimit = iterationLimit;
    this.recent = new double[window(iterationLimit) + 1];
  }

  /**
   * Returns k, how many iterations back iteration i is compared with.
   *
   * @param i the iteration, at least 0
   * @return max(10, ⌈i/10⌉)
   */
  public static int window(int i) {
    int tenth = i / ITERATIONS_PER_WINDOW_STEP + (i % ITERATIONS_PER_WINDOW_STEP == 0 ? 0 : 1);
    return Math.max(SHORTEST_WINDOW, tenth);
  }

  /**
   * Forgets everything and records φ₀.
   *
   * @param phi φ at the start
   */
  public void start(double phi) {
    iteration = 0;
    recent[0] = phi;
  }

  /**
   * Records φᵢ of the next iteration.
   *
   * @param phi φᵢ
   * @return true if the rule says stop
   * @throws IllegalStateException beyond the limit of iterations it was built for
   */
  public boolean shouldStop(double phi) {
    if (iteration == iterationLimit) {
      throw new IllegalStateException(
          "iteration " + iteration + " was the last; this rule was built for no more: call start");
    }
    iteration++;
    recent[iteration % recent.length] = phi;
    int k = window(iteration);
    if (iteration <= k || !(phi < 0)) {
      return false;
    }
    double before = recent[(iteration - k) % recent.length];
    return (phi - before) / phi < PER_ITERATION * k;
  }
}
