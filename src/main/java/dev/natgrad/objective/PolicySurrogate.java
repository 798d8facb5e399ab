package dev.natgrad.objective;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowScaling;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * The surrogate that trust-region policy optimisation lowers (Schulman et al., Trust region policy
 * optimization, 2015): −mean over the samples of A·π(a|z)/π_old(a|z), with the actions a as the
 * targets Y and the advantages A. Its gradient where z is the old outputs is the policy gradient's;
 * the ratio corrects for the actions' having been drawn from the old policy.
 *
 * <p>Each batch is told by {@link #setBatch(Vec, Vec)}, or by {@link #setBatch(Vec, Mat, Mat)},
 * before it is used. Where the distribution is {@link Weighted} the mean is weighted, and a masked
 * sample's action and log-probability are not looked at. Its memory is three vectors in F64 and one
 * of the precision: {@link #bytes}. Thread rule: the owner of its workspace.
 */
public final class PolicySurrogate implements Objective {
  private final OutputDistribution distribution;
  private final int maxBatch;
  private final BatchViews<Views> views;
  private Views at;

  /** The samples told last; 0 where telling them was broken off. */
  private int rows;

  /** Whether what is being told is another batch than the one before. */
  private boolean changed;

  /** How often another batch than the one before was told. */
  private long told;

  /** One batch size's A, log π_old, a value of each sample, and the factors of the scores. */
  private record Views(Vec advantages, Vec old, Vec values, Vec factors) {}

  /**
   * Takes the buffers.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param distribution π, the policy's distribution over actions
   * @param maxBatch the largest number of samples, at least 1
   * @param precision the format of the outputs
   * @throws IllegalArgumentException if {@code maxBatch} is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public PolicySurrogate(
      Workspace workspace, OutputDistribution distribution, int maxBatch, Precision precision) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + "; it must be at least 1");
    }
    this.distribution = Objects.requireNonNull(distribution, "distribution");
    this.maxBatch = maxBatch;
    Vec advantages = Vec.allocate(workspace, maxBatch, F64);
    Vec old = Vec.allocate(workspace, maxBatch, F64);
    Vec values = Vec.allocate(workspace, maxBatch, F64);
    Vec factors = Vec.allocate(workspace, maxBatch, precision);
    this.views =
        new BatchViews<>(
            maxBatch,
            rows ->
                new Views(
                    advantages.slice(0, rows),
                    old.slice(0, rows),
                    values.slice(0, rows),
                    factors.slice(0, rows)));
  }

  /**
   * Returns the off-heap memory it takes: 3·⌈maxBatch·8/64⌉·64 + ⌈maxBatch·size/64⌉·64.
   *
   * @param maxBatch the largest number of samples
   * @param precision the format of the outputs
   * @return bytes
   */
  public static long bytes(int maxBatch, Precision precision) {
    return 3 * Vec.bytes(maxBatch, F64) + Vec.bytes(maxBatch, precision);
  }

  /**
   * Tells the batch to come, with the log-probabilities that were recorded when the actions were
   * drawn.
   *
   * @param advantages A, a vector of length B, finite; copied
   * @param oldLogProbabilities log π_old(a|z) of each sample, a vector of length B, finite; copied
   * @throws IllegalArgumentException naming what does not fit
   */
  public void setBatch(Vec advantages, Vec oldLogProbabilities) {
    Views next = take(advantages);
    if (oldLogProbabilities.length() != advantages.length()) {
      throw new IllegalArgumentException(
          "oldLogProbabilities has length "
              + oldLogProbabilities.length()
              + " and advantages "
              + advantages.length()
              + "; both must have one for each sample");
    }
    changed |= copy("oldLogProbabilities", oldLogProbabilities, next.old);
    end(next);
  }

  /**
   * Tells the batch to come, with the old policy's outputs.
   *
   * @param advantages A, a vector of length B, finite; copied
   * @param oldOutputs the outputs of the old policy, B×outputs, under which every action's
   *     log-probability is finite
   * @param actions the actions, B×targets
   * @throws IllegalArgumentException naming what does not fit
   */
  public void setBatch(Vec advantages, Mat oldOutputs, Mat actions) {
    Views next = take(advantages);
    distribution.checkTargets(actions);
    distribution.logProbabilities(oldOutputs, actions, next.values);
    for (int i = 0; i < next.old.length(); i++) {
      double old = next.values.get(i);
      if (!Double.isFinite(old)) {
        throw new IllegalArgumentException(
            "oldOutputs give action "
                + i
                + " the log-probability "
                + old
                + "; it must be a finite number: give the outputs that the action was drawn from");
      }
      changed |= put(next.old, i, old);
    }
    end(next);
  }

  private Views take(Vec advantages) {
    at = null;
    int length = advantages.length();
    changed = length != rows;
    rows = 0;
    if (length < 1 || length > maxBatch) {
      throw new IllegalArgumentException(
          "advantages has length "
              + length
              + "; a batch has between 1 and "
              + maxBatch
              + " samples");
    }
    Views next = views.of(length);
    changed |= copy("advantages", advantages, next.advantages);
    return next;
  }

  private void end(Views next) {
    told += changed ? 1 : 0;
    rows = next.old.length();
    at = next;
  }

  /** {@inheritDoc} A batch that is the one before, to the bit, is not told anew. */
  @Override
  public long told() {
    return told;
  }

  /** Whether any number is another than before. */
  private static boolean copy(String name, Vec from, Vec to) {
    boolean changed = false;
    for (int i = 0; i < from.length(); i++) {
      if (!Double.isFinite(from.get(i))) {
        throw new IllegalArgumentException(
            name + "[" + i + "] is " + from.get(i) + "; it must be a finite number");
      }
      changed |= put(to, i, from.get(i));
    }
    return changed;
  }

  private static boolean put(Vec to, int i, double value) {
    boolean changed = Double.compare(to.get(i), value) != 0;
    to.set(i, value);
    return changed;
  }

  private Views at(int rows) {
    if (at == null || at.old.length() != rows) {
      throw new IllegalStateException(
          "the advantages are those of "
              + (at == null ? "no" : "a batch of " + at.old.length())
              + " samples and the batch has "
              + rows
              + ": call setBatch with those of this batch first");
    }
    return at;
  }

  @Override
  public void check(Mat y) {
    at(y.rows());
    distribution.checkTargets(y);
  }

  @Override
  public double value(Mat z, Mat y) {
    Views views = at(z.rows());
    gains(views, z, y);
    return -distribution.average(views.values);
  }

  /**
   * {@inheritDoc}
   *
   * <p>False: advantages have any sign and any unit.
   */
  @Override
  public boolean fisherIsCurvature() {
    return false;
  }

  /** values ← A·π/π_old; 0 of a masked row or A = 0, however small π_old is: 0·∞ is no number. */
  private void gains(Views views, Mat z, Mat y) {
    distribution.logProbabilities(z, y, views.values);
    for (int i = 0; i < z.rows(); i++) {
      double advantage = views.advantages.get(i);
      if (advantage == 0 || distribution instanceof Weighted weighted && !weighted.counts(i, 1)) {
        views.values.set(i, 0);
        continue;
      }
      double ratio = StrictMath.exp(views.values.get(i) - views.old.get(i));
      views.values.set(i, advantage * ratio);
    }
  }

  @Override
  public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
    Views views = at(z.rows());
    gains(views, z, y);
    for (int i = 0; i < z.rows(); i++) {
      views.factors.set(i, views.values.get(i));
    }
    distribution.score(alpha, m, y, u);
    RowScaling.scale(views.factors, u);
  }
}
