package dev.natgrad.optimizer;

import dev.natgrad.solver.ProductBudget;
import java.util.function.LongSupplier;

/**
 * What is left of a step's budget, by running estimates of what each part of a step costs. Every
 * nanosecond between {@link #begin} and the last {@link #record} belongs to some part.
 *
 * <p>A part is begun only where its estimate and those of what must follow fit into the time left,
 * and what must follow is asked for again before it is begun. So where estimates are right the
 * deadline is kept, and where one is wrong the step overshoots by that part alone, which but for
 * {@link Part#REFRESH} and {@link Part#PIECE} costs no more than one product with F.
 *
 * <p>An estimate is that of the last batch size seen, proportionally more for a larger batch and no
 * less for a smaller one. It follows a rise at once, but to at most twice its value, so that one
 * stall of the host does not stop the following steps, and a fall by a quarter of the difference.
 * What was never measured is guessed from what was, by counts of operations.
 *
 * <p>A part that was refused is not measured, so its estimate and those it was refused for fall to
 * the least ever measured, by a quarter of the difference a step; and after every {@value
 * #PATIENCE} refusals to half of what they fell to before, so that a part that has only been
 * measured in a stall, or before it was compiled, is tried again at last.
 */
final class BudgetMeter {
  /** The parts of a step that are timed. */
  enum Part {
    /** Outputs and objective at θ. */
    EVALUATE,
    /** The gradient. */
    GRADIENT,
    /** The curvature's own point, where a part of the batch is evaluated for it. */
    POINT,
    /** One probe of the curvature's diagonal. */
    PROBE,
    /** One product with F, the solver's own work included. */
    PRODUCT,
    /** Bringing up to date what a direction keeps between steps. */
    REFRESH,
    /** One operation of a piece of that work which can be left and resumed. */
    PIECE,
    /** The curvature along the step, by tangent products. */
    TANGENT,
    /** One length tried: outputs, objective, KL. */
    TRIAL,
    /** After the last length: the way back, or what is learned from the step. */
    END
  }

  private static final double MOST_RISE = 2;
  private static final double FALL = 0.25;

  /** Refusals after which what a part falls to is halved. */
  static final int PATIENCE = 32;

  /** The lengths first reserved: the quadratic model's own is refused about as often as not. */
  private static final double FIRST_TRIALS = 2;

  /** How much slower than those of a gradient other operations may be: short loops, divisions. */
  private static final double SLOWER = 4;

  /** Operations of a gradient for each parameter and row. */
  private static final double GRADIENT_FLOPS = 4;

  private static final Part[] PARTS = Part.values();

  private final LongSupplier clock;
  private final ProductBudget products;
  private final int parameters;
  private final Estimate[] estimates = new Estimate[PARTS.length];
  private double trials = FIRST_TRIALS;
  private double refreshFlops;
  private int rows;
  private long start;
  private long nanos;
  private boolean timed;
  private long mark;

  /** What one part costs, in nanoseconds, for a number of rows. */
  private static final class Estimate {
    private double value;
    private double least;
    private double floor;
    private int rows;
    private int refusals;

    /** Whether this step measured it, and whether this step went without it for lack of time. */
    private boolean fresh;

    private boolean refused;

    void measured(double cost, double known, int batchRows) {
      least = rows == batchRows ? Math.min(least, cost) : cost;
      if (rows == 0 || floor < least && known < cost) {
        // What was only supposed says nothing of how fast it may rise.
        value = cost;
      } else if (cost > known) {
        value = Math.min(cost, MOST_RISE * known);
      } else {
        value = known + FALL * (cost - known);
      }
      floor = least;
      rows = batchRows;
      refusals = 0;
      fresh = true;
    }

    void refuse() {
      refused = rows > 0;
    }

    /** Ends a step; below {@code lowest} no refusal leads. */
    void next(double lowest) {
      boolean relax = refused && !fresh;
      refused = false;
      fresh = false;
      if (!relax) {
        return;
      }
      if (++refusals % PATIENCE == 0) {
        floor = Math.max(floor / 2, Math.min(floor, lowest));
      }
      value += FALL * (floor - value);
    }
  }

  /** Times steps of a model of so many parameters. */
  BudgetMeter(LongSupplier clock, int parameters) {
    this.clock = clock;
    this.products = new ProductBudget(clock);
    this.parameters = parameters;
    for (int i = 0; i < estimates.length; i++) {
      estimates[i] = new Estimate();
    }
  }

  /** Starts a step on a batch of so many rows. */
  void begin(StepBudget budget, int batchRows) {
    for (Part part : PARTS) {
      estimates[part.ordinal()].next(lowest(part));
    }
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

  /** Below what refusals do not lead: a part that can cost many products is not tried blindly. */
  private double lowest(Part part) {
    return switch (part) {
      case REFRESH -> refreshFlops * flop();
      case PIECE -> flop();
      default -> 0;
    };
  }

  long elapsed() {
    return clock.getAsLong() - start;
  }

  /** Ends the time of a part that was done so many times; of 0 times nothing is learned. */
  void record(Part part, double times) {
    long now = clock.getAsLong();
    if (times > 0) {
      int i = part.ordinal();
      estimates[i].measured((now - mark) / times, scaled(part), rows);
    }
    mark = now;
  }

  /** Takes note of how many lengths a step needed before one was accepted or all were refused. */
  void tried(int needed) {
    trials = needed > trials ? needed : trials + FALL * (needed - trials);
  }

  private double scaled(Part part) {
    Estimate known = estimates[part.ordinal()];
    boolean ofRows = part != Part.PIECE && known.rows > 0;
    return ofRows ? known.value * Math.max(1, (double) rows / known.rows) : known.value;
  }

  /** In nanoseconds; a forward, tangent and backward pass count as 1, 2 and 2 evaluations. */
  private double estimate(Part part) {
    if (estimates[part.ordinal()].rows > 0) {
      return scaled(part);
    }
    return switch (part) {
      case EVALUATE, POINT, END -> 0;
      case GRADIENT, TANGENT -> 2 * estimate(Part.EVALUATE);
      case PROBE -> gradient();
      case PRODUCT -> gradient() + estimate(Part.TANGENT);
      case REFRESH -> refreshFlops * flop();
      case PIECE -> flop();
      case TRIAL -> estimate(Part.EVALUATE);
    };
  }

  private double gradient() {
    return estimate(Part.GRADIENT);
  }

  /** One operation outside the model, as a guess. */
  private double flop() {
    return SLOWER * gradient() / (GRADIENT_FLOPS * parameters * rows);
  }

  private double left() {
    return timed ? nanos - elapsed() : Double.POSITIVE_INFINITY;
  }

  /** Whether a part and, after it, what must follow fit into the time left. */
  boolean fits(Part part) {
    return granted(part, left() >= estimate(part) + reserveAfter(part));
  }

  /** Whether one more pass as dear as a gradient fits before the step's end. */
  boolean fitsPass() {
    return left() >= gradient() + estimate(Part.END);
  }

  /** As {@link #fits}, of {@link Part#REFRESH} in so many operations. */
  boolean fitsRefresh(double flops) {
    refreshFlops = flops;
    return fits(Part.REFRESH);
  }

  /** Whether so many operations of a piece fit into the time left before what must follow. */
  boolean fitsPiece(double flops) {
    return granted(Part.PIECE, left() >= flops * estimate(Part.PIECE) + reserveAfter(Part.PIECE));
  }

  /** Where a part is refused, its estimate or one of those reserved after it may be too high. */
  private boolean granted(Part part, boolean fits) {
    if (!fits) {
      estimates[part.ordinal()].refuse();
      for (int i = part.ordinal() + 1; i < PARTS.length; i++) {
        if (reserved(PARTS[i])) {
          estimates[i].refuse();
        }
      }
    }
    return fits;
  }

  private static boolean reserved(Part part) {
    return switch (part) {
      case PROBE, PRODUCT, REFRESH, PIECE -> false;
      default -> true;
    };
  }

  /** Whether the step is limited in time. */
  boolean timed() {
    return timed;
  }

  /**
   * What a step cannot do without once a part is done. What it can do without leaves room for as
   * many lengths as steps have needed of late; for what it cannot, one must do.
   */
  private double reserveAfter(Part part) {
    return switch (part) {
      case EVALUATE -> gradient() + reserveAfter(Part.GRADIENT);
      case GRADIENT -> estimate(Part.POINT) + reserveAfter(Part.POINT);
      case POINT -> estimate(Part.TANGENT) + reserveAfter(Part.TANGENT);
      case PROBE, PRODUCT, REFRESH, PIECE ->
          estimate(Part.TANGENT)
              + Math.max(1, Math.round(trials)) * estimate(Part.TRIAL)
              + estimate(Part.END);
      case TANGENT -> estimate(Part.TRIAL) + estimate(Part.END);
      case TRIAL -> estimate(Part.END);
      case END -> 0;
    };
  }

  /** The products with F that are left, by their number and by the time. */
  int productsLeft() {
    int most = (int) Math.min(Integer.MAX_VALUE, products.productsLeft());
    if (most == 0 || !fits(Part.PRODUCT)) {
      return 0;
    }
    double each = estimate(Part.PRODUCT);
    return each == 0 ? most : (int) Math.min(most, (left() - reserveAfter(Part.PRODUCT)) / each);
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
