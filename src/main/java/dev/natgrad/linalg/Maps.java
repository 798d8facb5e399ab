package dev.natgrad.linalg;

import static dev.natgrad.linalg.Runs.derivative;
import static dev.natgrad.linalg.Runs.map;
import static dev.natgrad.linalg.Runs.multiply;
import static dev.natgrad.linalg.Runs.pair;
import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.kernel.f64.DiagonalProduct;
import dev.natgrad.kernel.f64.Elementwise;
import dev.natgrad.kernel.f64.Rows;

/**
 * Functions of every element or of every row: the facade over the map kernels, under the rules of
 * {@link Blas}. An output may be the input itself (in place) but must not overlap it otherwise.
 *
 * <p>The polynomials are our own, so the same input gives the same bits on every machine, at every
 * vector width, interpreted or compiled (which of its NaNs an operation returns is left open). Each
 * method states its largest error in ulp of the exact result, {@code docs/numerics.md} what was
 * measured. Subnormal numbers are neither flushed nor read as 0. Nothing is allocated; the calling
 * thread is that of the workspaces.
 */
public final class Maps {
  private Maps() {}

  private static long scratch(Vec y) {
    return y.storage.workspace.reductionScratch().address();
  }

  private static long scratch(Mat y) {
    return y.storage.workspace.reductionScratch().address();
  }

  /**
   * Y ← exp X. Error ≤ 1.25 ulp, subnormal results included; overflow gives infinity, exp −∞ = 0.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void exp(Mat x, Mat y) {
    map(x, y, Elementwise::exp, dev.natgrad.kernel.f32.Elementwise::exp);
  }

  /**
   * Y ← exp X − 1. Error ≤ 1.5 ulp however small X is; the sign is that of X (−0 stays), expm1 −∞ =
   * −1.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void expm1(Mat x, Mat y) {
    map(x, y, Elementwise::expm1, dev.natgrad.kernel.f32.Elementwise::expm1);
  }

  /**
   * Y ← ln X. Error ≤ 1 ulp, subnormal X included; ln ±0 = −∞, negative numbers give NaN.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void log(Mat x, Mat y) {
    map(x, y, Elementwise::log, dev.natgrad.kernel.f32.Elementwise::log);
  }

  /**
   * Y ← ln(1 + X). Error ≤ 1.25 ulp however small X is; −0 stays, −1 gives −∞, numbers below −1
   * NaN.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void log1p(Mat x, Mat y) {
    map(x, y, Elementwise::log1p, dev.natgrad.kernel.f32.Elementwise::log1p);
  }

  /**
   * Y ← tanh X. Error ≤ 2 ulp; odd to the bit (tanh −0 = −0), ±1 for large |x|.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void tanh(Mat x, Mat y) {
    map(x, y, Elementwise::tanh, dev.natgrad.kernel.f32.Elementwise::tanh);
  }

  /**
   * Y ← 1/(1 + exp(−X)). Error ≤ 3 ulp; for large −x the result underflows gradually.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void logistic(Mat x, Mat y) {
    map(x, y, Elementwise::logistic, dev.natgrad.kernel.f32.Elementwise::logistic);
  }

  /**
   * Y ← ln(1 + exp X) without overflow. Error ≤ 2 ulp; for large −x underflows gradually.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void softplus(Mat x, Mat y) {
    map(x, y, Elementwise::softplus, dev.natgrad.kernel.f32.Elementwise::softplus);
  }

  /**
   * Y ← X∘logistic(X), the sigmoid linear unit. Error ≤ 4 ulp; for large −x underflows gradually to
   * −0.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void silu(Mat x, Mat y) {
    map(x, y, Elementwise::silu, dev.natgrad.kernel.f32.Elementwise::silu);
  }

  /**
   * Y ← X∘Φ(X), the Gaussian error linear unit, Φ(x) = (1 + erf(x/√2))/2, the normal distribution
   * function. Error ≤ 4 ulp; for large −x underflows gradually to −0.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void gelu(Mat x, Mat y) {
    map(x, y, Elementwise::gelu, dev.natgrad.kernel.f32.Elementwise::gelu);
  }

  /**
   * Y ← max(X, 0), where −0 becomes +0 and NaN stays NaN. Exact.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   */
  public static void relu(Mat x, Mat y) {
    map(
        x,
        y,
        (n, a, b, s) -> Elementwise.relu(n, a, b),
        (n, a, b, s) -> dev.natgrad.kernel.f32.Elementwise.relu(n, a, b));
  }

  /**
   * U ← U∘(1 − Y∘Y), where Y = tanh X. Two roundings: relative error ≤ 2u for the Y given.
   *
   * @param y Y, m×n
   * @param u U, m×n; not Y
   */
  public static void tanhDerivative(Mat y, Mat u) {
    multiply(
        y,
        u,
        (n, a, b, s) -> Elementwise.tanhDerivative(n, a, b),
        (n, a, b, s) -> dev.natgrad.kernel.f32.Elementwise.tanhDerivative(n, a, b));
  }

  /**
   * U ← U∘Y∘(1 − Y), where Y = logistic X. Two roundings: relative error ≤ 2u for the Y given.
   *
   * @param y Y, m×n
   * @param u U, m×n; not Y
   */
  public static void logisticDerivative(Mat y, Mat u) {
    multiply(
        y,
        u,
        (n, a, b, s) -> Elementwise.logisticDerivative(n, a, b),
        (n, a, b, s) -> dev.natgrad.kernel.f32.Elementwise.logisticDerivative(n, a, b));
  }

  /**
   * U ← U∘(1 − exp(−Y)), where Y = softplus X. The factor is within 1.5 ulp however small Y is, the
   * product within 2.5.
   *
   * @param y Y, m×n, ≥ 0
   * @param u U, m×n; not Y
   */
  public static void softplusDerivative(Mat y, Mat u) {
    multiply(
        y,
        u,
        Elementwise::softplusDerivative,
        dev.natgrad.kernel.f32.Elementwise::softplusDerivative);
  }

  /**
   * U ← U∘(σ + X∘σ∘(1 − σ)), σ = logistic X: the derivative of {@link #silu} at X, not at its
   * value. The factor is 0 near −1.278, so its error is ≤ 4 ulp of σ + |x|σ(1 − σ).
   *
   * @param x X, m×n
   * @param u U, m×n; not X
   */
  public static void siluDerivative(Mat x, Mat u) {
    multiply(x, u, Elementwise::siluDerivative, dev.natgrad.kernel.f32.Elementwise::siluDerivative);
  }

  /**
   * U ← U∘(Φ(X) + X∘φ(X)), φ = Φ′: the derivative of {@link #gelu} at X, not at its value. The
   * factor is 0 near −0.752, so its error is ≤ 4 ulp of Φ + |x|φ.
   *
   * @param x X, m×n
   * @param u U, m×n; not X
   */
  public static void geluDerivative(Mat x, Mat u) {
    multiply(x, u, Elementwise::geluDerivative, dev.natgrad.kernel.f32.Elementwise::geluDerivative);
  }

  /**
   * U ← 0 where Y ≤ 0, else U, where Y = relu X; so a NaN in Y lets U through. Exact.
   *
   * @param y Y, m×n
   * @param u U, m×n; not Y
   */
  public static void reluDerivative(Mat y, Mat u) {
    multiply(
        y,
        u,
        (n, a, b, s) -> Elementwise.reluDerivative(n, a, b),
        (n, a, b, s) -> dev.natgrad.kernel.f32.Elementwise.reluDerivative(n, a, b));
  }

  /**
   * Z ← X∘Y, the elementwise product.
   *
   * @param x X, m×n
   * @param y Y, m×n; may be X
   * @param z Z, m×n; may be X or Y
   */
  public static void hadamard(Mat x, Mat y, Mat z) {
    pair(x, z);
    pair(y, z);
    boolean whole = Runs.one(x, z) && Runs.one(y, z);
    int runs = whole ? Math.min(1, z.rows) : z.rows;
    int length = whole ? z.rows * z.cols : z.cols;
    for (int i = 0; i < runs; i++) {
      if (z.precision == F64) {
        Elementwise.hadamard(length, x.rowAddress(i), y.rowAddress(i), z.rowAddress(i));
      } else {
        dev.natgrad.kernel.f32.Elementwise.hadamard(
            length, x.rowAddress(i), y.rowAddress(i), z.rowAddress(i));
      }
    }
  }

  /**
   * z ← α·x∘y + βz, the elementwise product: diag(x)·y in five-argument form. Each entry has three
   * roundings, or two if β = 0.
   *
   * @param alpha α
   * @param x a vector of length n
   * @param y a vector of length n; may be x
   * @param beta β; 0 does not read z
   * @param z a vector of length n; neither x nor y
   */
  public static void hadamard(double alpha, Vec x, Vec y, double beta, Vec z) {
    Check.operand("x", x, z.precision);
    Check.operand("y", y, z.precision);
    Check.operand("z", z, z.precision);
    Check.length("x", x, z.length);
    Check.length("y", y, z.length);
    Check.disjoint("x", x, "z", z);
    Check.disjoint("y", y, "z", z);
    if (z.precision == F64) {
      DiagonalProduct.apply(z.length, alpha, x.address, y.address, beta, z.address);
    } else {
      dev.natgrad.kernel.f32.DiagonalProduct.apply(
          z.length, (float) alpha, x.address, y.address, (float) beta, z.address);
    }
  }

  /**
   * yᵢ ← ln Σⱼ exp Aᵢⱼ, without overflow; absolute error ≤ γ(n/8 + 3·ln n + 16 + |yᵢ|), where γ(k)
   * = ku/(1 − ku) and u = 2⁻⁵³ or 2⁻²⁴. A row of −∞ gives −∞, one with +∞ gives +∞, one with NaN
   * NaN.
   *
   * @param a A, m×n with n ≥ 1
   * @param y a vector of length m
   */
  public static void logSumExp(Mat a, Vec y) {
    Check.operand("a", a, y.precision);
    Check.operand("y", y, y.precision);
    Check.length("y", y, a.rows);
    Check.atLeastOneColumn("a", a);
    Check.disjoint("a", a, "y", y);
    if (y.precision == F64) {
      Rows.logSumExp(a.rows, a.cols, a.address, a.stride, y.address, scratch(y));
    } else {
      dev.natgrad.kernel.f32.Rows.logSumExp(
          a.rows, a.cols, a.address, a.stride, y.address, scratch(y));
    }
  }

  /**
   * Each row of P ← the softmax of the row of A: exp(aⱼ − max)/Σ. Relative error ≤ γ(n + 5 + ln n +
   * |ln pⱼ|) where pⱼ is normal, γ as in {@link #logSumExp}: the difference aⱼ − max is rounded, so
   * small probabilities are less accurate. A row that has NaN or +∞, or −∞ alone, gives NaN
   * throughout.
   *
   * @param a A, m×n with n ≥ 1
   * @param p P, m×n; may be A
   */
  public static void softmax(Mat a, Mat p) {
    pair(a, p);
    Check.atLeastOneColumn("a", a);
    if (p.precision == F64) {
      Rows.softmax(a.rows, a.cols, a.address, a.stride, p.address, p.stride, scratch(p));
    } else {
      dev.natgrad.kernel.f32.Rows.softmax(
          a.rows, a.cols, a.address, a.stride, p.address, p.stride, scratch(p));
    }
  }

  /**
   * U ← α(diag(p) − ppᵀ)t in every row, as αp∘(t − pᵀt): the softmax's Jacobian, at probabilities
   * p, times t. Absolute error ≤ |α|pⱼ·(γ(n + 3)·Σ|pₖtₖ| + γ(3)·|tⱼ − pᵀt|) for α as rounded to the
   * precision, underflow aside; exactly 0 in rows of T that are constant and finite.
   *
   * @param alpha α
   * @param p P, m×n, rows of probabilities
   * @param t T, m×n
   * @param u U, m×n; may be T, not P
   */
  public static void softmaxProduct(double alpha, Mat p, Mat t, Mat u) {
    pair(t, u);
    derivative(p, u);
    if (u.precision == F64) {
      Rows.softmaxProduct(
          u.rows,
          u.cols,
          alpha,
          p.address,
          p.stride,
          t.address,
          t.stride,
          u.address,
          u.stride,
          scratch(u));
    } else {
      dev.natgrad.kernel.f32.Rows.softmaxProduct(
          u.rows,
          u.cols,
          (float) alpha,
          p.address,
          p.stride,
          t.address,
          t.stride,
          u.address,
          u.stride,
          scratch(u));
    }
  }

  /**
   * U ← α·s(sᵀt) + βU in every row: the rank-one matrix ssᵀ of each row of S times the row of T.
   * Absolute error ≤ γ(n + 3)·|αsⱼ|·Σ|sₖtₖ| + γ(2)·|βuⱼ|, for α and β as rounded to the precision,
   * underflow aside.
   *
   * @param alpha α
   * @param s S, m×n
   * @param t T, m×n
   * @param beta β; 0 does not read U
   * @param u U, m×n; neither S nor T
   */
  public static void outerProduct(double alpha, Mat s, Mat t, double beta, Mat u) {
    derivative(s, u);
    Check.operand("t", t, u.precision);
    Check.shape("t", t, u.rows, u.cols);
    Check.disjoint("t", t, "u", u);
    if (u.precision == F64) {
      Rows.outerProduct(
          u.rows,
          u.cols,
          alpha,
          s.address,
          s.stride,
          t.address,
          t.stride,
          beta,
          u.address,
          u.stride,
          scratch(u));
    } else {
      dev.natgrad.kernel.f32.Rows.outerProduct(
          u.rows,
          u.cols,
          (float) alpha,
          s.address,
          s.stride,
          t.address,
          t.stride,
          (float) beta,
          u.address,
          u.stride,
          scratch(u));
    }
  }
}
