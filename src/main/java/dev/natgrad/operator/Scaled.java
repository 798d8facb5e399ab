package dev.natgrad.operator;

import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * SAS with a diagonal S: an operator in other units. With S = W^(−½) the system (A + W)x = b
 * becomes (SAS + I)S⁻¹x = Sb, so what knows only shifts of the identity serves a diagonal damping W
 * too; and the spectrum of SAS is that which a diagonal preconditioner S² leaves.
 *
 * <p>A and S are kept, not copied. Two vectors of length n of its own, {@link #bytes}. Thread rule:
 * the owner of its workspace, and A's. Allocates nothing after construction.
 */
public final class Scaled implements LinearOperator {
  private final LinearOperator a;
  private final Vec s;
  private final Vec sx;
  private final Vec asx;

  /**
   * SAS.
   *
   * @param workspace the owner of the work vectors
   * @param a A
   * @param s the diagonal of S, of length n
   * @throws IllegalArgumentException if {@code s} is not of A's length and precision
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Scaled(Workspace workspace, LinearOperator a, Vec s) {
    this.a = Objects.requireNonNull(a, "a");
    OperatorCheck.vector(a, "s", s);
    this.s = s;
    this.sx = Vec.allocate(workspace, a.size(), a.precision());
    this.asx = Vec.allocate(workspace, a.size(), a.precision());
  }

  /**
   * Returns the off-heap memory it takes: two vectors of length n.
   *
   * @param n the length of the vectors, in elements
   * @param precision their format
   * @return bytes
   */
  public static long bytes(int n, Precision precision) {
    return 2 * Vec.bytes(n, precision);
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
    Maps.hadamard(1, s, x, 0, sx);
    a.apply(1, sx, 0, asx);
    Maps.hadamard(alpha, s, asx, beta, y);
  }
}
