package dev.natgrad.distribution;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * The weights that {@link Weighted} was told of a batch's rows, and how often they became others.
 *
 * <p>Thread rule: the owner of its workspace. Allocates views at the first use of a batch size.
 */
final class RowWeights {
  private final int maxBatch;
  private final BatchViews<Views> views;
  private Views at;
  private double share;

  /** The rows told last; 0 where telling them was broken off. */
  private int rows;

  private long told;

  /** One batch size's parts: wᵢ/w̄, their roots, and room for a value of each sample. */
  record Views(Vec factors, Vec roots, Vec values) {
    /** Puts a row's factor and its root in place; whether either is another than before. */
    private boolean put(int i, boolean counts, double factor, double root) {
      double factorBefore = factors.get(i);
      double rootBefore = roots.get(i);
      factors.set(i, factor);
      if (counts && factors.get(i) == 0) {
        // Only a weight of 0 masks a row, not one that underflows beside the others.
        factors.set(i, factors.precision() == F64 ? Double.MIN_VALUE : Float.MIN_VALUE);
      }
      roots.set(i, root);
      // As stored: what rounding makes equal gives equal means.
      return Double.compare(factors.get(i), factorBefore) != 0
          || Double.compare(roots.get(i), rootBefore) != 0;
    }
  }

  RowWeights(Workspace workspace, int maxBatch, Precision precision) {
    this.maxBatch = maxBatch;
    Vec factors = Vec.allocate(workspace, maxBatch, precision);
    Vec roots = Vec.allocate(workspace, maxBatch, precision);
    Vec scratch = Vec.allocate(workspace, maxBatch, F64);
    this.views =
        new BatchViews<>(
            maxBatch, n -> new Views(factors.slice(0, n), roots.slice(0, n), scratch.slice(0, n)));
  }

  static long bytes(int maxBatch, Precision precision) {
    return 2 * Vec.bytes(maxBatch, precision) + Vec.bytes(maxBatch, F64);
  }

  int maxBatch() {
    return maxBatch;
  }

  /** Drops what was told, so that a batch whose weights are refused is not taken for another's. */
  void forget() {
    at = null;
  }

  /**
   * Takes wᵢ/w̄ of every row and their roots; of the whole batch their mean is 1.
   *
   * @param unit what weights are multiplied by before they are compared with {@code mean}
   */
  void set(Vec weights, double unit, double mean, boolean whole) {
    int before = begin();
    Views next = views.of(weights.length());
    boolean changed = before != weights.length();
    double sum = 0;
    for (int i = 0; i < weights.length(); i++) {
      double weight = checked(weights, i);
      double factor = weight * unit / mean;
      sum += factor;
      changed |= next.put(i, weight > 0, factor, Math.sqrt(factor));
    }
    end(next, whole ? 1 : sum / weights.length(), changed);
  }

  /** Takes those of some rows of another batch, all times a number. */
  void set(RowWeights whole, int first, int count, double scale) {
    Views from = whole.at;
    int before = begin();
    Views next = views.of(count);
    boolean changed = before != count;
    double root = Math.sqrt(scale);
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double weight = from.factors.get(first + i);
      double factor = scale * weight;
      sum += factor;
      changed |= next.put(i, weight > 0, factor, root * from.roots.get(first + i));
    }
    end(next, sum / count, changed);
  }

  private int begin() {
    final int before = rows;
    at = null;
    rows = 0;
    return before;
  }

  private void end(Views next, double newShare, boolean changed) {
    told += changed || newShare != share ? 1 : 0;
    share = newShare;
    rows = next.factors.length();
    at = next;
  }

  static double checked(Vec weights, int i) {
    double weight = weights.get(i);
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "weights[" + i + "] is " + weight + "; a weight is finite and at least 0");
    }
    return weight;
  }

  /** How often other weights were told than those before. */
  long told() {
    return told;
  }

  /** Σw/(B·w̄): 1 but for a chunk of a batch. */
  double share() {
    return share;
  }

  /** What was told last; null for nothing. */
  Views at() {
    return at;
  }

  /** What was told of a batch of so many rows. */
  Views at(int count) {
    if (at == null || at.factors.length() != count) {
      throw new IllegalStateException(
          "the weights are those of "
              + (at == null ? "no" : "a batch of " + at.factors.length())
              + " samples and the batch has "
              + count
              + ": call setWeights with the weights of this batch first");
    }
    return at;
  }
}
