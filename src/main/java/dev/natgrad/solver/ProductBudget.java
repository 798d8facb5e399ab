package dev.natgrad.solver;

import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * How many products with an operator may still be made, and until when. A solver asks before each
 * product; one budget may serve several solves one after another.
 *
 * <p>A product is refused when the count is used up or when {@code now + productNanos} lies beyond
 * the deadline. So where a product takes at most {@code productNanos}, the deadline is kept; where
 * the estimate is too low, or 0, what was granted last overshoots by at most one product.
 *
 * <p>Thread rule: one thread at a time. Allocates nothing after construction.
 */
public final class ProductBudget {
  private final LongSupplier nanoClock;
  private long left;
  private boolean timed;
  private long deadlineNanos;
  private long productNanos;

  /**
   * A budget without limits, until one is set.
   *
   * @param nanoClock the time in nanoseconds, from any origin, as {@link System#nanoTime}; asked
   *     once a product while there is a deadline, and not otherwise
   */
  public ProductBudget(LongSupplier nanoClock) {
    this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
    unlimited();
  }

  /** Lifts both limits. */
  public void unlimited() {
    left = Long.MAX_VALUE;
    timed = false;
  }

  /**
   * Limits the number of products from now on.
   *
   * @param products at least 0
   * @throws IllegalArgumentException if it is negative
   */
  public void limitProducts(long products) {
    left = atLeastZero("products", products);
  }

  /**
   * Sets the time after which no product may run.
   *
   * @param deadlineNanos a time of this budget's clock, in ns
   * @param productNanos an estimate of what one product takes, in ns, at least 0
   * @throws IllegalArgumentException if the estimate is negative
   */
  public void deadline(long deadlineNanos, long productNanos) {
    this.productNanos = atLeastZero("productNanos", productNanos);
    this.deadlineNanos = deadlineNanos;
    this.timed = true;
  }

  /**
   * Returns how many products the count still allows.
   *
   * @return at least 0; {@link Long#MAX_VALUE} without a limit
   */
  public long productsLeft() {
    return left;
  }

  /**
   * Asks for one product and, if it is granted, counts it.
   *
   * @return whether it may be made
   */
  public boolean take() {
    // Differences, since a nano clock may wrap around.
    if (left == 0 || timed && deadlineNanos - nanoClock.getAsLong() < productNanos) {
      return false;
    }
    if (left != Long.MAX_VALUE) {
      left--;
    }
    return true;
  }

  private static long atLeastZero(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be at least 0");
    }
    return value;
  }
}
