package dev.natgrad.objective;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import java.util.Objects;

/**
 * The mean over the samples of −log P(y | z), weighted where the distribution is {@link
 * dev.natgrad.distribution.Weighted}. Immutable; thread rule and allocation are the distribution's.
 *
 * @param distribution P
 */
public record NegativeLogLikelihood(OutputDistribution distribution) implements Objective {
  /** Checks the component. */
  public NegativeLogLikelihood {
    Objects.requireNonNull(distribution, "distribution");
  }

  @Override
  public long told() {
    return distribution.told();
  }

  @Override
  public void check(Mat y) {
    distribution.checkTargets(y);
  }

  @Override
  public double value(Mat z, Mat y) {
    return distribution.negativeLogLikelihood(z, y);
  }

  @Override
  public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
    distribution.score(alpha, m, y, u);
  }
}
