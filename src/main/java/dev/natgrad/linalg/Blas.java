package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.memory.Precision;

/**
 * Linear algebra on {@link Vec} and {@link Mat}: the facade that checks every argument once and
 * calls the kernel of the operands' precision.
 *
 * <p>Rules for all methods. All operands have one precision, and their workspaces are open and
 * owned by the calling thread. An output shares no memory with an input, except where a method says
 * it may be the same. β = 0: the output is not read, so its NaN do not survive; α = 0 follows IEEE
 * arithmetic (0·NaN is NaN). NaN and infinity propagate. Scalars are rounded to the operands'
 * precision. Nothing is allocated, but for {@link #scratchBytes()} of the output's workspace at its
 * first product. The same input gives the same bits at every vector width, interpreted or compiled,
 * on one thread or several ({@link dev.natgrad.memory.Workspace#use}, for gemm, syrk and trsm).
 *
 * <p>Rounding: a sum of n products obeys |computed − exact| ≤ γₙ Σ|xᵢyᵢ|, γₙ = n·u/(1 − n·u), u the
 * unit roundoff.
 *
 * <p>Errors: {@link IllegalArgumentException} for precision, shape or overlap, {@link
 * IllegalStateException} for a closed workspace, {@link WrongThreadException} for a foreign thread;
 * nothing has been written then.
 */
public final class Blas {
  private Blas() {}

  /**
   * Returns the off-heap scratch that the first product (gemm, syrk, trsm, Cholesky) in a workspace
   * takes, once.
   *
   * @return bytes
   */
  public static long scratchBytes() {
    return dev.natgrad.memory.Workspace.blockBytes(dev.natgrad.kernel.f64.Level3.SCRATCH_BYTES);
  }

  private static boolean f64(Vec x) {
    return x.precision == F64;
  }

  private static long scratch(Vec x) {
    return x.storage.workspace.reductionScratch().address();
  }

  private static void pair(Vec x, Vec y) {
    Precision precision = y.precision;
    Check.operand("x", x, precision);
    Check.operand("y", y, precision);
    Check.length("x", x, y.length);
  }

  /**
   * Returns xᵀy, accumulated in the operands' precision.
   *
   * @param x a vector of length n
   * @param y a vector of length n; may be x
   * @return Σ xᵢyᵢ
   */
  public static double dot(Vec x, Vec y) {
    pair(x, y);
    return f64(x)
        ? dev.natgrad.kernel.f64.Level1.dot(x.length, x.address, y.address, scratch(x))
        : dev.natgrad.kernel.f32.Level1.dot(x.length, x.address, y.address, scratch(x));
  }

  /**
   * Returns xᵀy, accumulated in double whatever the operands' precision: in F32 every product is
   * exact and |computed − exact| ≤ γₙ Σ|xᵢyᵢ| with the u of F64.
   *
   * @param x a vector of length n
   * @param y a vector of length n; may be x
   * @return Σ xᵢyᵢ
   */
  public static double dsdot(Vec x, Vec y) {
    pair(x, y);
    return f64(x)
        ? dev.natgrad.kernel.f64.Level1.dot(x.length, x.address, y.address, scratch(x))
        : dev.natgrad.kernel.f32.MixedLevel1.dsdot(x.length, x.address, y.address, scratch(x));
  }

  /**
   * Returns ‖x‖₂ without overflow or underflow of the squares; relative error ≤ γₙ₊₄.
   *
   * @param x a vector of length n
   * @return √Σxᵢ²; 0 if n = 0
   */
  public static double nrm2(Vec x) {
    Check.operand("x", x, x.precision);
    return f64(x)
        ? dev.natgrad.kernel.f64.Level1.nrm2(x.length, x.address, scratch(x))
        : dev.natgrad.kernel.f32.Level1.nrm2(x.length, x.address, scratch(x));
  }

  /**
   * Returns Σ|xᵢ|.
   *
   * @param x a vector of length n
   * @return the sum of absolute values; 0 if n = 0
   */
  public static double asum(Vec x) {
    Check.operand("x", x, x.precision);
    return f64(x)
        ? dev.natgrad.kernel.f64.Level1.asum(x.length, x.address, scratch(x))
        : dev.natgrad.kernel.f32.Level1.asum(x.length, x.address, scratch(x));
  }

  /**
   * Returns Σxᵢ.
   *
   * @param x a vector of length n
   * @return the sum; 0 if n = 0
   */
  public static double sum(Vec x) {
    Check.operand("x", x, x.precision);
    return f64(x)
        ? dev.natgrad.kernel.f64.Level1.sum(x.length, x.address, scratch(x))
        : dev.natgrad.kernel.f32.Level1.sum(x.length, x.address, scratch(x));
  }

  /**
   * Returns the first index of the largest |xᵢ|, or of the first NaN if there is one.
   *
   * @param x a vector of length n
   * @return the index; −1 if n = 0
   */
  public static int iamax(Vec x) {
    Check.operand("x", x, x.precision);
    return f64(x)
        ? dev.natgrad.kernel.f64.Level1.iamax(x.length, x.address)
        : dev.natgrad.kernel.f32.Level1.iamax(x.length, x.address);
  }

  /**
   * y ← αx + y.
   *
   * @param alpha α
   * @param x a vector of length n
   * @param y a vector of length n; may be x
   */
  public static void axpy(double alpha, Vec x, Vec y) {
    pair(x, y);
    Check.sameOrDisjoint("x", x, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level1.axpy(y.length, alpha, x.address, y.address);
    } else {
      dev.natgrad.kernel.f32.Level1.axpy(y.length, (float) alpha, x.address, y.address);
    }
  }

  /**
   * y ← αx + βy.
   *
   * @param alpha α
   * @param x a vector of length n
   * @param beta β; 0 does not read y
   * @param y a vector of length n; may be x
   */
  public static void axpby(double alpha, Vec x, double beta, Vec y) {
    pair(x, y);
    Check.sameOrDisjoint("x", x, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level1.axpby(y.length, alpha, x.address, beta, y.address);
    } else {
      dev.natgrad.kernel.f32.Level1.axpby(
          y.length, (float) alpha, x.address, (float) beta, y.address);
    }
  }

  /**
   * x ← αx.
   *
   * @param alpha α
   * @param x a vector of length n
   */
  public static void scal(double alpha, Vec x) {
    Check.operand("x", x, x.precision);
    if (f64(x)) {
      dev.natgrad.kernel.f64.Level1.scal(x.length, alpha, x.address);
    } else {
      dev.natgrad.kernel.f32.Level1.scal(x.length, (float) alpha, x.address);
    }
  }

  /**
   * y ← x, bit for bit.
   *
   * @param x a vector of length n
   * @param y a vector of length n; may be x
   */
  public static void copy(Vec x, Vec y) {
    pair(x, y);
    Check.sameOrDisjoint("x", x, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level1.copy(y.length, x.address, y.address);
    } else {
      dev.natgrad.kernel.f32.Level1.copy(y.length, x.address, y.address);
    }
  }

  /**
   * C ← A, bit for bit.
   *
   * @param a A, m×n
   * @param c C, m×n; may be A
   */
  public static void copy(Mat a, Mat c) {
    Check.operand("a", a, c.precision);
    Check.operand("c", c, c.precision);
    Check.shape("a", a, c.rows, c.cols);
    Check.sameOrDisjoint("a", a, "c", c);
    long bytes = (long) c.cols * c.precision.bytes();
    if (a.contiguous() && c.contiguous()) {
      Elements.copy(a.address, c.address, bytes * c.rows);
      return;
    }
    for (int i = 0; i < c.rows; i++) {
      Elements.copy(a.rowAddress(i), c.rowAddress(i), bytes);
    }
  }

  /**
   * x ← α everywhere.
   *
   * @param alpha α
   * @param x a vector of length n
   */
  public static void fill(double alpha, Vec x) {
    Check.operand("x", x, x.precision);
    if (f64(x)) {
      dev.natgrad.kernel.f64.Level1.fill(x.length, alpha, x.address);
    } else {
      dev.natgrad.kernel.f32.Level1.fill(x.length, (float) alpha, x.address);
    }
  }

  /**
   * y ← α·op(A)x + βy.
   *
   * @param op whether A is transposed
   * @param alpha α
   * @param a A, m×n
   * @param x a vector of length n, or m if transposed
   * @param beta β; 0 does not read y
   * @param y a vector of length m, or n if transposed
   */
  public static void gemv(Transpose op, double alpha, Mat a, Vec x, double beta, Vec y) {
    Level2Calls.gemv(op, alpha, a, x, beta, y);
  }

  /**
   * A ← A + αxyᵀ.
   *
   * @param alpha α
   * @param x a vector of length m
   * @param y a vector of length n; may be x
   * @param a A, m×n
   */
  public static void ger(double alpha, Vec x, Vec y, Mat a) {
    Level2Calls.ger(alpha, x, y, a);
  }

  /**
   * y ← αAx + βy, A symmetric; only its lower triangle is read.
   *
   * @param alpha α
   * @param a A, n×n
   * @param x a vector of length n
   * @param beta β; 0 does not read y
   * @param y a vector of length n
   */
  public static void symv(double alpha, Mat a, Vec x, double beta, Vec y) {
    Level2Calls.symv(alpha, a, x, beta, y);
  }

  /**
   * x ← op(T)⁻¹x by substitution; a zero on the diagonal gives infinities or NaN, as IEEE says.
   *
   * @param triangle the triangle in which T stands; the other is not read
   * @param op whether T is transposed
   * @param t T, n×n triangular
   * @param x a vector of length n
   */
  public static void trsv(Triangle triangle, Transpose op, Mat t, Vec x) {
    Level2Calls.trsv(triangle, op, t, x);
  }

  /**
   * y ← α·A1 + βy: the sum of each row.
   *
   * @param alpha α
   * @param a A, m×n
   * @param beta β; 0 does not read y
   * @param y a vector of length m
   */
  public static void rowSums(double alpha, Mat a, double beta, Vec y) {
    Level2Calls.rowSums(alpha, a, beta, y);
  }

  /**
   * y ← α·Aᵀ1 + βy: the sum of each column.
   *
   * @param alpha α
   * @param a A, m×n
   * @param beta β; 0 does not read y
   * @param y a vector of length n
   */
  public static void colSums(double alpha, Mat a, double beta, Vec y) {
    Level2Calls.colSums(alpha, a, beta, y);
  }

  /**
   * A ← A + α·1xᵀ: x is added to every row.
   *
   * @param alpha α
   * @param x a vector of length n
   * @param a A, m×n
   */
  public static void addToRows(double alpha, Vec x, Mat a) {
    Level2Calls.addToRows(alpha, x, a);
  }

  /**
   * C ← α·op(A)·op(B) + βC.
   *
   * @param opA whether A is transposed
   * @param opB whether B is transposed
   * @param alpha α
   * @param a A, m×k, or k×m if transposed
   * @param b B, k×n, or n×k if transposed; may be A
   * @param beta β; 0 does not read C
   * @param c C, m×n
   */
  public static void gemm(
      Transpose opA, Transpose opB, double alpha, Mat a, Mat b, double beta, Mat c) {
    Level3Calls.gemm(opA, opB, alpha, a, b, beta, c);
  }

  /**
   * C ← α·op(A)·op(B) + βC + 1bᵀ; then Y ← φ(C), or C ← C∘φ′(Y). Each block of C is finished while
   * it is in cache, on the thread that computed it, to the bits of the three operations one by one.
   *
   * @param opA whether A is transposed
   * @param opB whether B is transposed
   * @param alpha α
   * @param a A, m×k, or k×m if transposed
   * @param b B, k×n, or n×k if transposed; may be A
   * @param beta β; 0 does not read C
   * @param c C, m×n; the argument of φ where Y is another matrix
   * @param epilogue φ, or φ′
   * @param bias b, a vector of length n; null for none
   * @param y Y, m×n: what φ writes, may be C; or what φ′ reads, not C
   * @throws IllegalArgumentException also if {@code epilogue} is {@link Epilogue#NONE} and {@code
   *     y} is not {@code c}
   */
  public static void gemm(
      Transpose opA,
      Transpose opB,
      double alpha,
      Mat a,
      Mat b,
      double beta,
      Mat c,
      Epilogue epilogue,
      Vec bias,
      Mat y) {
    Level3Calls.gemm(opA, opB, alpha, a, b, beta, c, epilogue, bias, y);
  }

  /**
   * One triangle of C ← α·op(A)·op(A)ᵀ + βC; the other triangle of C is neither read nor written.
   *
   * @param triangle the triangle of C to compute
   * @param op NO: C ← αAAᵀ + βC; YES: C ← αAᵀA + βC
   * @param alpha α
   * @param a A, n×k, or k×n if transposed
   * @param beta β; 0 does not read C
   * @param c C, n×n
   */
  public static void syrk(
      Triangle triangle, Transpose op, double alpha, Mat a, double beta, Mat c) {
    Level3Calls.syrk(triangle, op, alpha, a, beta, c);
  }

  /**
   * B ← α·op(T)⁻¹B or B ← αB·op(T)⁻¹ by substitution; a zero on the diagonal gives infinities or
   * NaN.
   *
   * @param side the side on which T stands
   * @param triangle the triangle in which T stands; the other is not read
   * @param op whether T is transposed
   * @param alpha α
   * @param t T, triangular, m×m on the left or n×n on the right
   * @param b B, m×n
   */
  public static void trsm(Side side, Triangle triangle, Transpose op, double alpha, Mat t, Mat b) {
    Level3Calls.trsm(side, triangle, op, alpha, t, b);
  }
}
