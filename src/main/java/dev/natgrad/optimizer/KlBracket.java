package dev.natgrad.optimizer;

/**
 * The longest length of a step known to be within the radius and the shortest known to be beyond
 * it. √KL is nearly linear in the length, so the length where it reaches a target is looked for by
 * the secant through the two, or through 0.
 */
final class KlBracket {
  /** The longest next length, in units of the last. */
  private static final double MOST_GROWTH = 4;

  private double low;
  private double lowRoot;
  private double high;
  private double highRoot;

  void clear() {
    low = 0;
    lowRoot = 0;
    high = Double.POSITIVE_INFINITY;
  }

  void within(double beta, double kl) {
    low = beta;
    lowRoot = Math.sqrt(kl);
  }

  void beyond(double beta, double kl) {
    high = beta;
    highRoot = Math.sqrt(kl);
  }

  /**
   * Whether the KL divergence has fallen from the last length beyond the radius to this one by less
   * than in proportion to the lengths, where it should by their squares: on a plateau, as of
   * outputs that saturate, √KL says nothing about the length at which it will fall.
   */
  boolean flat(double beta, double kl) {
    return high < Double.POSITIVE_INFINITY && Math.sqrt(kl) >= highRoot * Math.sqrt(beta / high);
  }

  /** The longest length within the radius. */
  double longest() {
    return low;
  }

  /** Whether the KL divergence of the longest length has reached the target. */
  boolean reaches(double target) {
    return lowRoot >= Math.sqrt(target);
  }

  /** Where the secant reaches the target, kept inside the bracket. */
  double longer(double target) {
    double root = Math.sqrt(target);
    if (high == Double.POSITIVE_INFINITY) {
      return low * clamp(root / lowRoot, 1, MOST_GROWTH);
    }
    double part = (root - lowRoot) / (highRoot - lowRoot);
    return low + clamp(part, 0.1, 0.9) * (high - low);
  }

  /** NaN, from values that are not finite, gives the lower end. */
  static double clamp(double value, double low, double high) {
    return value >= low ? Math.min(value, high) : low;
  }
}
