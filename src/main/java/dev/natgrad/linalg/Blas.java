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
 * on one thread or several ({@link dev.natgrad.memory.Workspace#use}, for gemm).
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

  private static long scratch(Mat c) {
    return c.storage.workspace.productScratch(scratchBytes()).address();
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
   * @param c C, m×n; not overlapping A
   */
  public static void copy(Mat a, Mat c) {
    Check.operand("a", a, c.precision);
    Check.operand("c", c, c.precision);
    Check.shape("a", a, c.rows, c.cols);
    Check.disjoint("a", a, "c", c);
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

  private static void operands(Mat a, Vec x, Vec y) {
    Check.operand("a", a, a.precision);
    Check.operand("x", x, a.precision);
    Check.operand("y", y, a.precision);
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
    operands(a, x, y);
    boolean transposed = op == Transpose.YES;
    Check.length("x", x, transposed ? a.rows : a.cols);
    Check.length("y", y, transposed ? a.cols : a.rows);
    Check.disjoint("x", x, "y", y);
    Check.disjoint("a", a, "y", y);
    if (f64(y) && !transposed) {
      dev.natgrad.kernel.f64.Level2.gemv(
          a.rows, a.cols, alpha, a.address, a.stride, x.address, beta, y.address, 1, scratch(y));
    } else if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.gemvTransposed(
          a.rows, a.cols, alpha, a.address, a.stride, x.address, 1, beta, y.address);
    } else if (!transposed) {
      dev.natgrad.kernel.f32.Level2.gemv(
          a.rows,
          a.cols,
          (float) alpha,
          a.address,
          a.stride,
          x.address,
          (float) beta,
          y.address,
          1,
          scratch(y));
    } else {
      dev.natgrad.kernel.f32.Level2.gemvTransposed(
          a.rows,
          a.cols,
          (float) alpha,
          a.address,
          a.stride,
          x.address,
          1,
          (float) beta,
          y.address);
    }
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
    operands(a, x, y);
    Check.length("x", x, a.rows);
    Check.length("y", y, a.cols);
    Check.disjoint("x", x, "a", a);
    Check.disjoint("y", y, "a", a);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.ger(
          a.rows, a.cols, alpha, x.address, y.address, a.address, a.stride);
    } else {
      dev.natgrad.kernel.f32.Level2.ger(
          a.rows, a.cols, (float) alpha, x.address, y.address, a.address, a.stride);
    }
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
    operands(a, x, y);
    Check.square("a", a);
    Check.length("x", x, a.rows);
    Check.length("y", y, a.rows);
    Check.disjoint("x", x, "y", y);
    Check.disjoint("a", a, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.symv(
          a.rows, alpha, a.address, a.stride, x.address, beta, y.address, scratch(y));
    } else {
      dev.natgrad.kernel.f32.Level2.symv(
          a.rows,
          (float) alpha,
          a.address,
          a.stride,
          x.address,
          (float) beta,
          y.address,
          scratch(y));
    }
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
    operands(t, x, x);
    Check.square("t", t);
    Check.length("x", x, t.rows);
    Check.disjoint("t", t, "x", x);
    boolean lower = triangle == Triangle.LOWER;
    boolean transposed = op == Transpose.YES;
    if (f64(x)) {
      dev.natgrad.kernel.f64.Level2.trsv(
          lower, transposed, t.rows, t.address, t.stride, x.address, scratch(x));
    } else {
      dev.natgrad.kernel.f32.Level2.trsv(
          lower, transposed, t.rows, t.address, t.stride, x.address, scratch(x));
    }
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
    operands(a, y, y);
    Check.length("y", y, a.rows);
    Check.disjoint("a", a, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.rowSums(
          a.rows, a.cols, alpha, a.address, a.stride, beta, y.address, scratch(y));
    } else {
      dev.natgrad.kernel.f32.Level2.rowSums(
          a.rows, a.cols, (float) alpha, a.address, a.stride, (float) beta, y.address, scratch(y));
    }
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
    operands(a, y, y);
    Check.length("y", y, a.cols);
    Check.disjoint("a", a, "y", y);
    if (f64(y)) {
      dev.natgrad.kernel.f64.Level2.colSums(
          a.rows, a.cols, alpha, a.address, a.stride, beta, y.address);
    } else {
      dev.natgrad.kernel.f32.Level2.colSums(
          a.rows, a.cols, (float) alpha, a.address, a.stride, (float) beta, y.address);
    }
  }

  /**
   * A ← A + α·1xᵀ: x is added to every row.
   *
   * @param alpha α
   * @param x a vector of length n
   * @param a A, m×n
   */
  public static void addToRows(double alpha, Vec x, Mat a) {
    operands(a, x, x);
    Check.length("x", x, a.cols);
    Check.disjoint("x", x, "a", a);
    if (f64(x)) {
      dev.natgrad.kernel.f64.Level2.addToRows(
          a.rows, a.cols, alpha, x.address, a.address, a.stride);
    } else {
      dev.natgrad.kernel.f32.Level2.addToRows(
          a.rows, a.cols, (float) alpha, x.address, a.address, a.stride);
    }
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
    Check.operand("a", a, c.precision);
    Check.operand("b", b, c.precision);
    Check.operand("c", c, c.precision);
    boolean ta = opA == Transpose.YES;
    boolean tb = opB == Transpose.YES;
    int k = ta ? a.rows : a.cols;
    Check.shape("a", a, ta ? k : c.rows, ta ? c.rows : k);
    Check.shape("b", b, tb ? c.cols : k, tb ? k : c.cols);
    Check.disjoint("a", a, "c", c);
    Check.disjoint("b", b, "c", c);
    int rsa = ta ? 1 : a.stride;
    int csa = ta ? a.stride : 1;
    int rsb = tb ? 1 : b.stride;
    int csb = tb ? b.stride : 1;
    if (c.storage.parallelism() != null
        && SharedGemm.run(k, alpha, a, rsa, csa, b, rsb, csb, beta, c)) {
      return;
    }
    if (c.precision == F64) {
      dev.natgrad.kernel.f64.Level3.gemm(
          c.rows,
          c.cols,
          k,
          alpha,
          a.address,
          rsa,
          csa,
          b.address,
          rsb,
          csb,
          beta,
          c.address,
          c.stride,
          scratch(c));
    } else {
      dev.natgrad.kernel.f32.Level3.gemm(
          c.rows,
          c.cols,
          k,
          (float) alpha,
          a.address,
          rsa,
          csa,
          b.address,
          rsb,
          csb,
          (float) beta,
          c.address,
          c.stride,
          scratch(c));
    }
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
    Check.operand("a", a, c.precision);
    Check.operand("c", c, c.precision);
    Check.square("c", c);
    boolean transposed = op == Transpose.YES;
    int k = transposed ? a.rows : a.cols;
    Check.shape("a", a, transposed ? k : c.rows, transposed ? c.rows : k);
    Check.disjoint("a", a, "c", c);
    boolean lower = triangle == Triangle.LOWER;
    int rsa = transposed ? 1 : a.stride;
    int csa = transposed ? a.stride : 1;
    if (c.precision == F64) {
      dev.natgrad.kernel.f64.Level3.syrk(
          lower, c.rows, k, alpha, a.address, rsa, csa, beta, c.address, c.stride, scratch(c));
    } else {
      dev.natgrad.kernel.f32.Level3.syrk(
          lower,
          c.rows,
          k,
          (float) alpha,
          a.address,
          rsa,
          csa,
          (float) beta,
          c.address,
          c.stride,
          scratch(c));
    }
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
    Check.operand("t", t, b.precision);
    Check.operand("b", b, b.precision);
    boolean left = side == Side.LEFT;
    int order = left ? b.rows : b.cols;
    Check.shape("t", t, order, order);
    Check.disjoint("t", t, "b", b);
    boolean lower = triangle == Triangle.LOWER;
    boolean transposed = op == Transpose.YES;
    if (b.precision == F64) {
      dev.natgrad.kernel.f64.Level3.trsm(
          left,
          lower,
          transposed,
          b.rows,
          b.cols,
          alpha,
          t.address,
          t.stride,
          b.address,
          b.stride,
          scratch(b));
    } else {
      dev.natgrad.kernel.f32.Level3.trsm(
          left,
          lower,
          transposed,
          b.rows,
          b.cols,
          (float) alpha,
          t.address,
          t.stride,
          b.address,
          b.stride,
          scratch(b));
    }
  }
}
