package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

/**
 * Parameter updates fused into one pass over memory, under the rules of {@link Blas}. Thread rule:
 * the owner of the operands' workspaces.
 */
public final class Updates {
  private Updates() {}

  /**
   * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g∘g, θ ← θ − α·m/(√v + δ), element by element (Kingma
   * and Ba, Adam, 2015; the bias corrections are folded into α and δ).
   *
   * @param alpha α, the corrected learning rate
   * @param beta1 β₁
   * @param beta2 β₂
   * @param delta δ &gt; 0
   * @param g a vector of length n
   * @param m a vector of length n
   * @param v a vector of length n, of entries ≥ 0
   * @param theta a vector of length n
   */
  public static void adam(
      double alpha, double beta1, double beta2, double delta, Vec g, Vec m, Vec v, Vec theta) {
    check("g", "theta", g, theta);
    check("m", "theta", m, theta);
    check("v", "theta", v, theta);
    Check.disjoint("g", g, "m", m);
    Check.disjoint("g", g, "v", v);
    Check.disjoint("m", m, "v", v);
    Check.operand("theta", theta, theta.precision);
    if (theta.precision == F64) {
      dev.natgrad.kernel.f64.AdamUpdate.apply(
          theta.length, alpha, beta1, beta2, delta, g.address, m.address, v.address, theta.address);
    } else {
      dev.natgrad.kernel.f32.AdamUpdate.apply(
          theta.length,
          (float) alpha,
          (float) beta1,
          (float) beta2,
          (float) delta,
          g.address,
          m.address,
          v.address,
          theta.address);
    }
  }

  /**
   * d ← keep·d + add·q∘q: a running mean of squares.
   *
   * @param keep the weight of the old entries
   * @param add the weight of the new squares
   * @param q a vector of length n
   * @param d a vector of length n; not q
   */
  public static void accumulateSquares(double keep, double add, Vec q, Vec d) {
    Check.operand("d", d, d.precision);
    check("q", "d", q, d);
    if (d.precision == F64) {
      dev.natgrad.kernel.f64.DiagonalUpdate.accumulateSquares(
          d.length, keep, add, q.address, d.address);
    } else {
      dev.natgrad.kernel.f32.DiagonalUpdate.accumulateSquares(
          d.length, (float) keep, (float) add, q.address, d.address);
    }
  }

  /**
   * out ← 1/max(αd + shift, m), m the smallest normal number, and 0 where αd + shift is 0: the
   * pseudo-inverse of a shifted diagonal of entries ≥ 0, finite whatever they are but NaN; sums
   * below 0 count as m.
   *
   * @param alpha α
   * @param d a vector of length n
   * @param shift added to every entry
   * @param out a vector of length n; not d
   */
  public static void invertDiagonal(double alpha, Vec d, double shift, Vec out) {
    Check.operand("out", out, out.precision);
    check("d", "out", d, out);
    if (out.precision == F64) {
      dev.natgrad.kernel.f64.DiagonalUpdate.invert(
          out.length, alpha, d.address, shift, out.address);
    } else {
      dev.natgrad.kernel.f32.DiagonalUpdate.invert(
          out.length, (float) alpha, d.address, (float) shift, out.address);
    }
  }

  private static void check(String name, String outName, Vec x, Vec out) {
    Check.operand(name, x, out.precision);
    Check.length(name, x, out.length);
    Check.disjoint(name, x, outName, out);
  }
}
