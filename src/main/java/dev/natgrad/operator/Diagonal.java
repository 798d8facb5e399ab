package dev.natgrad.operator;

import dev.natgrad.linalg.KrylovUpdates;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.Objects;

/**
 * diag(d): y ← α·d∘x + βy. As a preconditioner d holds the inverses of another operator's diagonal.
 *
 * <p>d is kept, not copied: writing to it changes the operator. Thread rule: the owner of d's
 * workspace. Allocates nothing.
 */
public final class Diagonal implements LinearOperator {
  private final Vec d;

  /**
   * diag(d).
   *
   * @param d the diagonal, of length n
   */
  public Diagonal(Vec d) {
    this.d = Objects.requireNonNull(d, "d");
  }

  @Override
  public int size() {
    return d.length();
  }

  @Override
  public Precision precision() {
    return d.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    Maps.hadamard(alpha, d, x, beta, y);
  }

  @Override
  public double applyAndDot(Vec x, Vec y) {
    OperatorCheck.product(this, x, y);
    return KrylovUpdates.precondition(d, x, y);
  }
}
