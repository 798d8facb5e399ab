package dev.natgrad.operator;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.Objects;

/**
 * A + B: an operator damped by another, such as a diagonal. Both are kept, not copied.
 *
 * <p>One product with each. Thread rule: theirs. Allocates nothing.
 */
public final class Sum implements LinearOperator {
  private final LinearOperator a;
  private final LinearOperator b;

  /**
   * A + B.
   *
   * @param a A
   * @param b B
   * @throws IllegalArgumentException if their sizes or precisions differ
   */
  public Sum(LinearOperator a, LinearOperator b) {
    this.a = Objects.requireNonNull(a, "a");
    this.b = Objects.requireNonNull(b, "b");
    if (a.size() != b.size() || a.precision() != b.precision()) {
      throw new IllegalArgumentException(
          "a maps vectors of length "
              + a.size()
              + " in "
              + a.precision()
              + ", b of length "
              + b.size()
              + " in "
              + b.precision()
              + "; the terms of a sum must agree");
    }
  }

  @Override
  public int size() {
    return a.size();
  }

  @Override
  public Precision precision() {
    return a.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    a.apply(alpha, x, beta, y);
    b.apply(alpha, x, 1, y);
  }
}
