package dev.natgrad.training;

import java.util.Locale;

/**
 * What a target column is taken for: which distribution the model predicts. Immutable; usable from
 * any thread.
 */
public enum TargetKind {
  /** Decide from the column; {@link Target#reason} says what was decided and why. */
  AUTO,
  /** One of k ≥ 2 classes; k outputs. */
  CATEGORICAL,
  /** One of two classes, or a probability in [0, 1]; one output, the log-odds. */
  BERNOULLI,
  /** A quantity; one output, in standardised units. */
  GAUSSIAN,
  /** A quantity whose spread is predicted too; two outputs, mean and log-variance. */
  DIAGONAL_GAUSSIAN,
  /**
   * A quantity with a spread that is the same for all rows and learnt too; one output, the mean,
   * and a parameter beside the network's, the log-variance.
   */
  SHARED_GAUSSIAN,
  /** A count; one output, the logarithm of its mean. */
  POISSON,
  /** A count with a variance above its mean μ, μ + aμ²; one output, ln μ. */
  NEGATIVE_BINOMIAL,
  /** A positive quantity with deviation μ/√k; one output, ln μ, in units of the mean. */
  GAMMA;

  /**
   * Returns the name as the command line and messages spell it.
   *
   * @return such as {@code negative-binomial}
   */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Tells whether the distribution has a number of its own: the dispersion a of {@link
   * #NEGATIVE_BINOMIAL}, the shape k of {@link #GAMMA}.
   *
   * @return whether {@link TargetEncoder#parameter} counts
   */
  public boolean hasParameter() {
    return this == NEGATIVE_BINOMIAL || this == GAMMA;
  }

  /**
   * Tells whether targets are numbers in units, rather than classes or probabilities.
   *
   * @return true for all but the first three
   */
  public boolean isQuantity() {
    return ordinal() >= GAUSSIAN.ordinal();
  }

  /**
   * Tells whether a variance is predicted beside the mean, the same for all rows or not.
   *
   * @return whether the distribution has a log-variance for each target
   */
  public boolean predictsVariance() {
    return this == DIAGONAL_GAUSSIAN || this == SHARED_GAUSSIAN;
  }

  /**
   * Tells whether targets are 0, 1, 2, …, so that they have probabilities rather than densities.
   *
   * @return true for {@link #POISSON} and {@link #NEGATIVE_BINOMIAL}
   */
  public boolean counts() {
    return this == POISSON || this == NEGATIVE_BINOMIAL;
  }

  /** Whether targets are standardised. */
  boolean standardises() {
    return this == GAUSSIAN || predictsVariance();
  }
}
