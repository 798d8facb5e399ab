package dev.natgrad.linalg;

/**
 * The families of distributions whose rows {@link FamilyRows} and {@link FamilyScores} know.
 * Immutable; usable from any thread.
 */
public enum Family {
  /** Counts with means exp Z. Takes no parameter. */
  POISSON,
  /** Counts with means μ = exp Z and variances μ + μ²/r; the parameter is the size r. */
  NEGATIVE_BINOMIAL,
  /** Positive numbers with means exp Z; the parameter is the shape k. */
  GAMMA,
  /** Normal numbers; the first half of the columns of Z are means, the second log-variances. */
  GAUSSIAN;

  /** The number of targets that belong to a row of outputs. */
  int targets(int outputs) {
    return this == GAUSSIAN ? outputs / 2 : outputs;
  }
}
