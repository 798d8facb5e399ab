package dev.natgrad.optimizer;

import dev.natgrad.solver.ProductBudget;
import java.util.function.LongSupplier;

/**
 * What is left of a step's budget, by running estimates of what each part of a step costs.
 *
 * <p>An estimate is that of the last batch size seen, proportionally more for a larger batch and no
 * less for a smaller one. It follows a rise at once, but to at most twice its value, so that one
 * stall of the host does not stop the following steps, and a fall by a quarter of the difference.
 * What was never measured is guessed from what was, by counts of operations.
 */
final class BudgetMeter {
  /** The parts of a step that are timed. */
  enum Part {
    /** Outputs and objective at θ. */
    EVALUATE,
    /** The gradient. */
    GRADIENT,
    /** The curvature's own point, where it is taken on a part of the batch. */
    POINT,
    /** One probe of the curvature's diagonal. */
    PROBE,
    /** One product with F, the solver's own work included. */
    PRODUCT,
    /** Bringing up to date what a direction keeps between steps. */
    REFRESH,
    /** The curvature along the step, by tangent products. */
    TANGENT,
    /** One length tried: outputs, objective, KL. */
    TRIAL
  }

  private static final double MOST_RISE = 2;
  private static final double FALL = 0.25;

  private final LongSupplier clock;
  private final ProductBudget products;
  private final double[] estimates = new double[Part.values().length];
  private final int[] rowsSeen = new int[Part.values().length];
  private int rows;
  private long start;
  private long nanos;
  private boolean timed;
  private long mark;

  BudgetMeter(LongSupplier clock) {
    this.clock = clock;
    this.products = new ProductBudget(clock);
  }

  /** Starts a step on a batch of so many rows. */
  void begin(StepBudget budget, int batchRows) {
    start = clock.getAsLong();
    mark = start;
    rows = batchRows;
    nanos = budget.nanos();
    timed = nanos != Long.MAX_VALUE;
    products.unlimited();
    if (budget.products() != Integer.MAX_VALUE) {
      products.limitProducts(budget.products());
    }
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
      double known = scaled(i);
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

  private double scaled(int i) {
    return rowsSeen[i] == 0 ? 0 : estimates[i] * Math.max(1, (double) rows / rowsSeen[i]);
  }

  /** In nanoseconds; a forward, tangent and backward pass count as 1, 2 and 2 evaluations. */
  private double estimate(Part part) {
    int i = part.ordinal();
    if (rowsSeen[i] > 0) {
      return scaled(i);
    }
    return switch (part) {
      case EVALUATE, POINT, REFRESH -> 0;
      case GRADIENT, TANGENT -> 2 * estimate(Part.EVALUATE);
      case PROBE -> estimate(Part.GRADIENT);
      case PRODUCT -> estimate(Part.GRADIENT) + estimate(Part.TANGENT);
      case TRIAL -> estimate(Part.EVALUATE);
    };
  }

  private double left() {
    return timed ? nanos - elapsed() : Double.POSITIVE_INFINITY;
  }

  /** Whether a part and, after it, what must follow fit into the time left. */
  boolean fits(Part part) {
    return !timed || left() >= estimate(part) + reserveAfter(part);
  }

  /** How many of a part fit into the time left before what must follow, at most {@code most}. */
  int count(Part part, int most) {
    if (!timed) {
      return most;
    }
    double each = estimate(part);
    double free = left() - reserveAfter(part);
    if (free < each || free <= 0) {
      return 0;
    }
    return each == 0 ? most : (int) Math.min(most, free / each);
  }

  /** Whether the step is limited in time. */
  boolean timed() {
    return timed;
  }

  /** Whether so many nanoseconds are left beside what a step cannot do without. */
  boolean affords(double cost) {
    return !timed || left() - reserveAfter(Part.PRODUCT) >= cost;
  }

  /** Nanoseconds since the last mark. */
  long sinceMark() {
    return clock.getAsLong() - mark;
  }

  /** What a step cannot do without once a part is done. */
  private double reserveAfter(Part part) {
    return switch (part) {
      case EVALUATE -> estimate(Part.GRADIENT) + reserveAfter(Part.GRADIENT);
      case GRADIENT -> estimate(Part.POINT) + reserveAfter(Part.POINT);
      case POINT, PROBE, PRODUCT, REFRESH -> estimate(Part.TANGENT) + estimate(Part.TRIAL);
      case TANGENT -> estimate(Part.TRIAL);
      case TRIAL -> 0;
    };
  }

  /** The products with F that are left, by their number and by the time. */
  int productsLeft() {
    int most = (int) Math.min(Integer.MAX_VALUE, products.productsLeft());
    return most == 0 ? 0 : count(Part.PRODUCT, most);
  }

  /** What a solver asks before each product, up to date with what is reserved now. */
  ProductBudget products() {
    if (timed) {
      long reserve = (long) Math.ceil(reserveAfter(Part.PRODUCT));
      long each = (long) Math.ceil(estimate(Part.PRODUCT));
      products.deadline(start + Math.max(0, nanos - reserve), each);
    }
    return products;
  }
}
