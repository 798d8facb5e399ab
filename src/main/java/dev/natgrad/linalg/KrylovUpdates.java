package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import java.util.Arrays;

/**
 * What an iteration of conjugate gradients does to its vectors, each in one pass over memory, under
 * the rules of {@link Blas}. Sums are accumulated in double whatever the precision.
 *
 * <p>A pass goes in chunks that stay in the first-level cache, so that the kernels of a pass share
 * what one of them has loaded; the sums of the chunks are added in order, so |computed − exact| ≤
 * γₙ Σ|xᵢyᵢ| with the u of F64.
 *
 * <p>Thread rule: the owner of the operands' workspaces.
 */
public final class KrylovUpdates {
  /** Elements of a chunk: four vectors of doubles are 32 KB. */
  private static final int CHUNK = 1024;

  /** pᵀp, pᵀAp and (Ap)ᵀAp. */
  private static final int PRODUCTS = 3;

  private KrylovUpdates() {}

  private static double dot(Vec x, Vec y, int from, int count) {
    long scratch = x.storage.workspace.reductionScratch().address();
    long at = (long) from * x.precision.bytes();
    return x.precision == F64
        ? dev.natgrad.kernel.f64.Level1.dot(count, x.address + at, y.address + at, scratch)
        : dev.natgrad.kernel.f32.MixedLevel1.dsdot(count, x.address + at, y.address + at, scratch);
  }

  private static void axpby(double alpha, Vec x, double beta, Vec y, int from, int count) {
    long at = (long) from * x.precision.bytes();
    if (x.precision == F64) {
      dev.natgrad.kernel.f64.Level1.axpby(count, alpha, x.address + at, beta, y.address + at);
    } else {
      dev.natgrad.kernel.f32.Level1.axpby(
          count, (float) alpha, x.address + at, (float) beta, y.address + at);
    }
  }

  private static void axpy(double alpha, Vec x, Vec y, int from, int count) {
    long at = (long) from * x.precision.bytes();
    if (x.precision == F64) {
      dev.natgrad.kernel.f64.Level1.axpy(count, alpha, x.address + at, y.address + at);
    } else {
      dev.natgrad.kernel.f32.Level1.axpy(count, (float) alpha, x.address + at, y.address + at);
    }
  }

  private static void multiply(
      double alpha, Vec d, Vec x, double beta, Vec y, int from, int count) {
    long at = (long) from * x.precision.bytes();
    if (x.precision == F64) {
      dev.natgrad.kernel.f64.DiagonalProduct.apply(
          count, alpha, d.address + at, x.address + at, beta, y.address + at);
    } else {
      dev.natgrad.kernel.f32.DiagonalProduct.apply(
          count, (float) alpha, d.address + at, x.address + at, (float) beta, y.address + at);
    }
  }

  private static void invert(double alpha, Vec d, double shift, Vec out, int from, int count) {
    long at = (long) from * out.precision.bytes();
    if (out.precision == F64) {
      dev.natgrad.kernel.f64.DiagonalUpdate.invert(
          count, alpha, d.address + at, shift, out.address + at);
    } else {
      dev.natgrad.kernel.f32.DiagonalUpdate.invert(
          count, (float) alpha, d.address + at, (float) shift, out.address + at);
    }
  }

  /**
   * r ← r − α·Ap; returns the new rᵀr.
   *
   * @param alpha α
   * @param ap Ap, a vector of length n
   * @param r a vector of length n
   * @return Σ rᵢ²
   */
  public static double residual(double alpha, Vec ap, Vec r) {
    input("ap", ap, "r", r);
    Check.operand("r", r, r.precision);
    double sum = 0;
    for (int i = 0; i < r.length; i += CHUNK) {
      int count = Math.min(CHUNK, r.length - i);
      axpy(-alpha, ap, r, i, count);
      sum += dot(r, r, i, count);
    }
    return sum;
  }

  /**
   * x ← x + αp, then p ← z + βp.
   *
   * @param alpha α
   * @param beta β; 0 reads p for x alone
   * @param z a vector of length n
   * @param p a vector of length n
   * @param x a vector of length n
   */
  public static void direction(double alpha, double beta, Vec z, Vec p, Vec x) {
    input("z", z, "p", p);
    input("p", p, "x", x);
    input("z", z, "x", x);
    Check.operand("x", x, x.precision);
    for (int i = 0; i < p.length; i += CHUNK) {
      int count = Math.min(CHUNK, p.length - i);
      axpy(alpha, p, x, i, count);
      axpby(1, z, beta, p, i, count);
    }
  }

  /**
   * z ← d∘r; returns rᵀz.
   *
   * @param d a vector of length n
   * @param r a vector of length n
   * @param z a vector of length n
   * @return Σ rᵢzᵢ
   */
  public static double precondition(Vec d, Vec r, Vec z) {
    input("d", d, "z", z);
    input("r", r, "z", z);
    Check.operand("z", z, z.precision);
    double sum = 0;
    for (int i = 0; i < z.length; i += CHUNK) {
      int count = Math.min(CHUNK, z.length - i);
      multiply(1, d, r, 0, z, i, count);
      sum += dot(r, z, i, count);
    }
    return sum;
  }

  /**
   * z ← r/max(αd + shift, m), m the smallest normal number, and 0 where αd + shift is 0; returns
   * rᵀz. The pseudo-inverse of a shifted diagonal of entries ≥ 0 that is not kept anywhere.
   *
   * @param alpha α
   * @param d a vector of length n
   * @param shift added to every entry of αd
   * @param r a vector of length n
   * @param z a vector of length n
   * @return Σ rᵢzᵢ
   */
  public static double precondition(double alpha, Vec d, double shift, Vec r, Vec z) {
    input("d", d, "z", z);
    input("r", r, "z", z);
    Check.operand("z", z, z.precision);
    double sum = 0;
    for (int i = 0; i < z.length; i += CHUNK) {
      int count = Math.min(CHUNK, z.length - i);
      invert(alpha, d, shift, z, i, count);
      multiply(1, z, r, 0, z, i, count);
      sum += dot(r, z, i, count);
    }
    return sum;
  }

  /**
   * The three products of p and Ap.
   *
   * @param p a vector of length n
   * @param ap Ap, a vector of length n
   * @param products set to pᵀp, pᵀAp, (Ap)ᵀAp
   */
  public static void curvature(Vec p, Vec ap, double[] products) {
    Check.operand("p", p, p.precision);
    Check.operand("ap", ap, p.precision);
    Check.length("ap", ap, p.length);
    sums(0, null, 0, p, ap, products);
  }

  /**
   * Ap ← Ap + λp, then the three products of p and Ap.
   *
   * @param lambda λ
   * @param p a vector of length n
   * @param ap Ap, a vector of length n
   * @param products set to pᵀp, pᵀAp, (Ap)ᵀAp
   */
  public static void shiftedCurvature(double lambda, Vec p, Vec ap, double[] products) {
    input("p", p, "ap", ap);
    Check.operand("ap", ap, ap.precision);
    sums(0, null, lambda, p, ap, products);
  }

  /**
   * Ap ← Ap + (αd + shift)∘p, then the three products of p and Ap.
   *
   * @param alpha α; 0 does not read d
   * @param d a vector of length n
   * @param shift added to every entry of αd
   * @param p a vector of length n
   * @param ap Ap, a vector of length n
   * @param products set to pᵀp, pᵀAp, (Ap)ᵀAp
   */
  public static void shiftedCurvature(
      double alpha, Vec d, double shift, Vec p, Vec ap, double[] products) {
    input("d", d, "ap", ap);
    input("p", p, "ap", ap);
    Check.operand("ap", ap, ap.precision);
    sums(alpha, d, shift, p, ap, products);
  }

  private static void sums(double alpha, Vec d, double shift, Vec p, Vec ap, double[] products) {
    Arrays.fill(products, 0, PRODUCTS, 0);
    for (int i = 0; i < p.length; i += CHUNK) {
      int count = Math.min(CHUNK, p.length - i);
      if (alpha != 0) {
        multiply(alpha, d, p, 1, ap, i, count);
      }
      if (shift != 0) {
        axpy(shift, p, ap, i, count);
      }
      // One call for all three: inlined thrice, the last of C2's late inlining left vectors over.
      for (int k = 0; k < PRODUCTS; k++) {
        products[k] += dot(k < 2 ? p : ap, k < 1 ? p : ap, i, count);
      }
    }
  }

  private static void input(String name, Vec x, String outputName, Vec output) {
    Check.operand(name, x, output.precision);
    Check.length(name, x, output.length);
    Check.disjoint(name, x, outputName, output);
  }
}
