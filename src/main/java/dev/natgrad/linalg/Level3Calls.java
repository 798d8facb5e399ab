package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;

import dev.natgrad.memory.Precision;

/**
 * The checks, the sharing and the precision switch of the matrix-matrix products of {@link Blas}.
 */
final class Level3Calls {
  private Level3Calls() {}

  private static long scratch(Mat c) {
    return c.storage.workspace.productScratch(Blas.scratchBytes()).address();
  }

  /** The product alone; where it is small, without a detour. */
  static void gemm(Transpose opA, Transpose opB, double alpha, Mat a, Mat b, double beta, Mat c) {
    Precision precision = c.precision;
    Check.operand("a", a, precision);
    Check.operand("b", b, precision);
    Check.operand("c", c, precision);
    boolean ta = opA == Transpose.YES;
    boolean tb = opB == Transpose.YES;
    int m = c.rows;
    int n = c.cols;
    int k = ta ? a.rows : a.cols;
    Check.shape("a", a, ta ? k : m, ta ? m : k);
    Check.shape("b", b, tb ? n : k, tb ? k : n);
    Check.disjoint("a", a, "c", c);
    Check.disjoint("b", b, "c", c);
    int rsa = ta ? 1 : a.stride;
    int csa = ta ? a.stride : 1;
    // Small products need none, but the first of a workspace takes it, whatever its shape.
    scratch(c);
    if (!tb && beta == 0 && small(m, n, k, alpha, a, rsa, csa, b, c)) {
      return;
    }
    product(k, alpha, a, rsa, csa, b, tb, beta, c, Epilogue.NONE, null, c);
  }

  static void gemm(
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
    checkEpilogue(a, b, c, epilogue, bias, y);
    int rsa = ta ? 1 : a.stride;
    int csa = ta ? a.stride : 1;
    product(k, alpha, a, rsa, csa, b, tb, beta, c, epilogue, bias, y);
  }

  private static boolean small(
      int m, int n, int k, double alpha, Mat a, int rsa, int csa, Mat b, Mat c) {
    if (c.precision == F64) {
      return dev.natgrad.kernel.f64.SmallGemm.run(
          m, n, k, alpha, a.address, rsa, csa, b.address, b.stride, c.address, c.stride);
    }
    return dev.natgrad.kernel.f32.SmallGemm.run(
        m, n, k, (float) alpha, a.address, rsa, csa, b.address, b.stride, c.address, c.stride);
  }

  private static void product(
      int k,
      double alpha,
      Mat a,
      int rsa,
      int csa,
      Mat b,
      boolean tb,
      double beta,
      Mat c,
      Epilogue epilogue,
      Vec bias,
      Mat y) {
    int rsb = tb ? 1 : b.stride;
    int csb = tb ? b.stride : 1;
    if (c.storage.parallelism() != null
        && SharedGemm.run(k, alpha, a, rsa, csa, b, rsb, csb, beta, c, epilogue, bias, y)) {
      return;
    }
    long biasAddress = bias == null ? 0 : bias.address;
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
          biasAddress,
          epilogue.f64,
          y.address,
          y.stride,
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
          biasAddress,
          epilogue.f32,
          y.address,
          y.stride,
          scratch(c));
    }
  }

  /** Whether both are the same elements, as views of them are too. */
  private static boolean same(Mat y, Mat c) {
    return y.address == c.address && y.stride == c.stride && y.rows == c.rows && y.cols == c.cols;
  }

  private static void checkEpilogue(Mat a, Mat b, Mat c, Epilogue epilogue, Vec bias, Mat y) {
    if (bias != null) {
      Check.operand("bias", bias, c.precision);
      Check.length("bias", bias, c.cols);
      Check.disjoint("bias", bias, "c", c);
    }
    Check.operand("y", y, c.precision);
    if (same(y, c)) {
      if (epilogue.isDerivative()) {
        Check.disjoint("y", y, "c", c);
      }
      return;
    }
    if (epilogue == Epilogue.NONE) {
      throw new IllegalArgumentException(
          "y is not c, but the epilogue is NONE, which writes c alone: give c for y");
    }
    Check.shape("y", y, c.rows, c.cols);
    Check.disjoint("y", y, "c", c);
    if (!epilogue.isDerivative()) {
      Check.disjoint("a", a, "y", y);
      Check.disjoint("b", b, "y", y);
      if (bias != null) {
        Check.disjoint("bias", bias, "y", y);
      }
    }
  }

  static void syrk(Triangle triangle, Transpose op, double alpha, Mat a, double beta, Mat c) {
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
    if (c.storage.parallelism() != null && SharedSyrk.run(lower, k, alpha, a, rsa, csa, beta, c)) {
      return;
    }
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

  static void trsm(Side side, Triangle triangle, Transpose op, double alpha, Mat t, Mat b) {
    Check.operand("t", t, b.precision);
    Check.operand("b", b, b.precision);
    boolean left = side == Side.LEFT;
    int order = left ? b.rows : b.cols;
    Check.shape("t", t, order, order);
    Check.disjoint("t", t, "b", b);
    boolean lower = triangle == Triangle.LOWER;
    boolean transposed = op == Transpose.YES;
    if (b.storage.parallelism() != null && SharedTrsm.run(left, lower, transposed, alpha, t, b)) {
      return;
    }
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
