package dev.natgrad.distribution;

import dev.natgrad.linalg.Family;
import dev.natgrad.linalg.FamilyRows;
import dev.natgrad.linalg.FamilyScores;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;

/**
 * What the distributions of independent targets with a diagonal F_z share: the passes of {@link
 * FamilyRows} and {@link FamilyScores}.
 */
sealed interface FamilyDistribution extends OutputDistribution
    permits DiagonalGaussian, Gamma, NegativeBinomial, Poisson {
  /** The family. */
  Family family();

  /** Its parameter, or 0 where it takes none. */
  double parameter();

  @Override
  default boolean classifies() {
    return false;
  }

  @Override
  default void mean(Mat z, Mat m) {
    Outputs.shape("z", z, this);
    FamilyScores.means(family(), z, m);
  }

  @Override
  default double negativeLogLikelihood(Mat z, Mat y) {
    Outputs.shape("z", z, this);
    return FamilyRows.loss(family(), parameter(), z, y);
  }

  @Override
  default void logProbabilities(Mat z, Mat y, Vec out) {
    Outputs.shape("z", z, this);
    FamilyRows.logProbabilities(family(), parameter(), z, y, out);
  }

  @Override
  default void score(double alpha, Mat m, Mat y, Mat u) {
    Outputs.shape("u", u, this);
    FamilyScores.score(family(), parameter(), alpha, m, y, u);
  }

  @Override
  default void fisherProduct(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    FamilyScores.product(family(), parameter(), alpha, m, t, u);
  }

  @Override
  default void fisherFactor(double alpha, Mat m, Mat t, Mat u) {
    Outputs.shape("u", u, this);
    FamilyScores.factor(family(), parameter(), alpha, m, t, u);
  }

  /** {@inheritDoc} B is diagonal: the same as {@link #fisherFactor}. */
  @Override
  default void fisherFactorTranspose(double alpha, Mat m, Mat t, Mat u) {
    fisherFactor(alpha, m, t, u);
  }

  @Override
  default double kl(Mat from, Mat to, KlOver over) {
    Outputs.shape("from", from, this);
    return FamilyRows.divergence(family(), parameter(), from, to, over == KlOver.MAXIMUM);
  }

  @Override
  default void divergences(Mat from, Mat to, Vec out) {
    Outputs.shape("from", from, this);
    FamilyRows.divergences(family(), parameter(), from, to, out);
  }

  /**
   * {@inheritDoc}
   *
   * <p>((√K + c)eᵉ − c)² − K with e the output error and c² = 2eᵉ·tr F_z, over the rows as K is:
   * about 2e(K + c√K) + c²e². To it comes K·{@link dev.natgrad.linalg.Divergences#RELATIVE_ERROR}.
   */
  @Override
  default double klErrorBound(Mat from, Mat to, KlOver over, double kl, double outputError) {
    Mat at = family() == Family.GAUSSIAN ? to : from;
    Outputs.shape("the outputs", at, this);
    double trace = FamilyRows.fisherTrace(family(), parameter(), at, over == KlOver.MAXIMUM);
    return KlErrors.growing(kl, Math.sqrt(2 * trace * StrictMath.exp(outputError)), outputError);
  }
}
