package dev.natgrad.optimizer;

import java.util.Objects;

/**
 * Which curvature the direction is solved with. The length of a step is always that of the exact
 * Fisher matrix, and the KL divergence that bounds it that of the whole batch.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param kind which Fisher matrix
 * @param draws the draws per sample of the sampled Fisher matrix, at least 1; not used by the
 *     others
 * @param fraction the part of the batch that the curvature is taken on, in (0, 1]; the gradient
 *     uses all of it. Consecutive rows, from step to step the next ones; of a {@link
 *     dev.natgrad.distribution.Weighted} batch the next ones of which any counts
 * @param least the fewest rows that the part has where the batch has as many, at least 1
 */
public record Curvature(Kind kind, int draws, double fraction, int least) {
  /** The Fisher matrices a direction can be solved with. */
  public enum Kind {
    /** The expectation over the model's own distribution, in closed form. */
    EXACT,
    /** The mean over draws from the model's own distribution: the definition. */
    SAMPLED,
    /**
     * The mean over the data's targets: the second moment of the training gradients, which is not
     * the Fisher matrix and vanishes where the model fits.
     */
    EMPIRICAL
  }

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException naming the option, its value and its range
   */
  public Curvature {
    Objects.requireNonNull(kind, "kind");
    OptionCheck.require(draws >= 1, "draws", draws, "≥ 1");
    OptionCheck.require(fraction > 0 && fraction <= 1, "fraction", fraction, "in (0, 1]");
    OptionCheck.require(least >= 1, "least", least, "≥ 1");
  }

  /**
   * Returns the exact Fisher matrix of the whole batch.
   *
   * @return the curvature
   */
  public static Curvature exact() {
    return new Curvature(Kind.EXACT, 1, 1, 1);
  }

  /**
   * Returns the sampled Fisher matrix of the whole batch.
   *
   * @param draws the draws per sample, at least 1
   * @return the curvature
   */
  public static Curvature sampled(int draws) {
    return new Curvature(Kind.SAMPLED, draws, 1, 1);
  }

  /**
   * Returns the empirical Fisher matrix of the whole batch.
   *
   * @return the curvature
   */
  public static Curvature empirical() {
    return new Curvature(Kind.EMPIRICAL, 1, 1, 1);
  }

  /**
   * Returns this curvature on a part of the batch.
   *
   * @param newFraction in (0, 1]
   * @return the curvature
   */
  public Curvature withFraction(double newFraction) {
    return new Curvature(kind, draws, newFraction, least);
  }

  /**
   * Returns this curvature with a least part of the batch.
   *
   * @param rows the fewest rows where the batch has as many, at least 1
   * @return the curvature
   */
  public Curvature withLeast(int rows) {
    return new Curvature(kind, draws, fraction, rows);
  }

  /** The rows of a batch that the curvature is taken on, at least 1. */
  int rows(int batch) {
    return Math.min(batch, Math.max(least, (int) Math.ceil(fraction * batch)));
  }
}
