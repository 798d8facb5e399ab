package dev.natgrad.optimizer;

import java.util.function.LongSupplier;

/**
 * What is left of a step's budget, by running estimates of what each part of a step costs.
 *
 * <p>An estimate is that of the last batch size seen, proportionally more for a larger batch and no
 * less for a smaller one. It follows a rise at once, but to at most twice its value, so that one
 * stall of the host does not stop the following steps, and a fall by a quarter of the difference.
 */
final class BudgetMeter {
  /** The parts of a step that are timed. */
  enum Part {
    /** Outputs and objective at θ. */
    EVALUATE,
    /** The gradient. */
    GRADIENT,
    /** The curvature's point and the probe of its diagonal. */
    POINT,
    /** One product with F, the solver's own work included. */
    PRODUCT,
    /** The curvature along the step, by tangent products. */
    TANGENT,
    /** One length tried: outputs, objective, KL. */
    TRIAL
  }

  private static final double MOST_RISE = 2;
  private static final double FALL = 0.25;

  private final LongSupplier clock;
  private final double[] estimates = new double[Part.values().length];
  private final int[] rowsSeen = new int[Part.values().length];
  private int rows;
  private long start;
  private long nanos;
  private int products;
  private int productsUsed;
  private long mark;

  BudgetMeter(LongSupplier clock) {
    this.clock = clock;
  }

  /** Starts a step on a batch of so many rows. */
  void begin(StepBudget budget, int batchRows) {
    start = clock.getAsLong();
    mark = start;
    rows = batchRows;
    nanos = budget.nanos();
    products = budget.products();
    productsUsed = 0;
  }

  long elapsed() {
    return clock.getAsLong() - start;
  }

  /** Starts the time of the next part. */
  void mark() {
    mark = clock.getAsLong();
  }

  /** Ends the time of a part that was done so many times since the last mark. */
  void record(Part part, int times) {
    long now = clock.getAsLong();
    if (times > 0) {
      int i = part.ordinal();
      double measured = (double) (now - mark) / times;
      double known = estimate(part);
      if (rowsSeen[i] == 0) {
        estimates[i] = measured;
      } else if (measured > known) {
        estimates[i] = Math.min(measured, MOST_RISE * known);
      } else {
        estimates[i] = known + FALL * (measured - known);
      }
      rowsSeen[i] = rows;
    }
    mark = now;
  }

  private double estimate(Part part) {
    int i = part.ordinal();
    return rowsSeen[i] == 0 ? 0 : estimates[i] * Math.max(1, (double) rows / rowsSeen[i]);
  }

  private double left() {
    return nanos == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : (double) (nanos - elapsed());
  }

  /** Whether a part and, after it, what must follow fit into the time left. */
  boolean fits(Part part) {
    return left() >= estimate(part) + reserveAfter(part);
  }

  /** What a step cannot do without once a part is done. */
  private double reserveAfter(Part part) {
    return switch (part) {
      case EVALUATE -> estimate(Part.GRADIENT) + reserveAfter(Part.GRADIENT);
      case GRADIENT, POINT, PRODUCT -> estimate(Part.TANGENT) + estimate(Part.TRIAL);
      case TANGENT -> estimate(Part.TRIAL);
      case TRIAL -> 0;
    };
  }

  /** The products with F that may still be started. */
  int productsLeft() {
    int allowed = products - productsUsed;
    double free = left() - reserveAfter(Part.PRODUCT);
    if (free == Double.POSITIVE_INFINITY) {
      return allowed;
    }
    double each = estimate(Part.PRODUCT);
    if (free <= 0 || free < each) {
      return 0;
    }
    return each == 0 ? allowed : (int) Math.min(allowed, free / each);
  }

  /**
   * The clock's value at which the solver must not start another product. Long.MAX_VALUE without a
   * limit.
   */
  long productDeadline() {
    if (nanos == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    return start + nanos - (long) Math.ceil(reserveAfter(Part.PRODUCT) + estimate(Part.PRODUCT));
  }

  void used(int count) {
    productsUsed += count;
  }

  int productsUsed() {
    return productsUsed;
  }
}
