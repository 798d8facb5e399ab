package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.oracle.ExactFunctions;
import java.math.BigDecimal;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** The table of elementwise functions: what is promised of each, and what it is compared with. */
enum MapFunction {
  EXP(Maps::exp, ExactFunctions::exp, StrictMath::exp, 1.25, -745.2, 709.7, -103.9, 88.7),
  LOG(Maps::log, ExactFunctions::log, StrictMath::log, 1, 0, 1e308, 0, 3e38),
  TANH(Maps::tanh, ExactFunctions::tanh, StrictMath::tanh, 2, -25, 25, -12, 12),
  LOGISTIC(
      Maps::logistic,
      ExactFunctions::logistic,
      x -> 1 / (1 + StrictMath.exp(-x)),
      3,
      -745.2,
      745,
      -103.9,
      104),
  SOFTPLUS(
      Maps::softplus,
      ExactFunctions::softplus,
      x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))),
      2,
      -745.2,
      745,
      -103.9,
      104),
  SOFTPLUS_DERIVATIVE(
      MapFunction::softplusDerivative,
      ExactFunctions::softplusDerivative,
      x -> -StrictMath.expm1(-x),
      1.5,
      0,
      50,
      0,
      25);

  /** Y ← f(X) for two matrices that do not overlap. */
  final BiConsumer<Mat, Mat> map;

  final UnaryOperator<BigDecimal> exact;

  /** In double, whose error is negligible in units of a float's last place. */
  final DoubleUnaryOperator reference;

  final double maxUlp;

  private final double[] range;

  MapFunction(
      BiConsumer<Mat, Mat> map,
      UnaryOperator<BigDecimal> exact,
      DoubleUnaryOperator reference,
      double maxUlp,
      double... range) {
    this.map = map;
    this.exact = exact;
    this.reference = reference;
    this.maxUlp = maxUlp;
    this.range = range;
  }

  double min(Precision precision) {
    return range[precision == Precision.F64 ? 0 : 2];
  }

  double max(Precision precision) {
    return range[precision == Precision.F64 ? 1 : 3];
  }

  private static void softplusDerivative(Mat y, Mat u) {
    for (int i = 0; i < u.rows(); i++) {
      Blas.fill(1, u.row(i));
    }
    Maps.softplusDerivative(y, u);
  }
}
