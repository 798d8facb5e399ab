package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.oracle.ExactFunctions;
import java.math.BigDecimal;
import java.util.function.BiConsumer;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
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
      multiplied(Maps::softplusDerivative),
      ExactFunctions::softplusDerivative,
      x -> -StrictMath.expm1(-x),
      1.5,
      0,
      50,
      0,
      25),
  EXPM1(Maps::expm1, ExactFunctions::expm1, StrictMath::expm1, 1.5, -60, 709.7, -30, 88.7),
  LOG1P(
      Maps::log1p,
      ExactFunctions::log1p,
      StrictMath::log1p,
      1.25,
      -1 + 0x1.0p-53,
      1e308,
      -1 + 0x1.0p-24,
      3e38),
  SILU(
      Maps::silu,
      ExactFunctions::silu,
      x -> x / (1 + StrictMath.exp(-x)),
      4,
      -745.2,
      745,
      -103.9,
      104),
  GELU(Maps::gelu, ExactFunctions::gelu, x -> x * normal(x), 4, -38.4, 39, -14.3, 15),
  SILU_DERIVATIVE(
      multiplied(Maps::siluDerivative),
      ExactFunctions::siluDerivativeTerms,
      x -> {
        double p = 1 / (1 + StrictMath.exp(-x));
        return new double[] {p, x * p / (1 + StrictMath.exp(x))};
      },
      4,
      -745.2,
      745,
      -103.9,
      104),
  GELU_DERIVATIVE(
      multiplied(Maps::geluDerivative),
      ExactFunctions::geluDerivativeTerms,
      x -> new double[] {normal(x), x * density(x)},
      4,
      -38.4,
      39,
      -14.3,
      15);

  /** Y ← f(X) for two matrices that do not overlap; of a derivative U ← 1∘f(X). */
  final BiConsumer<Mat, Mat> map;

  /** The terms whose sum is f(x): the error is measured in ulp of the sum of their magnitudes. */
  final Function<BigDecimal, BigDecimal[]> exact;

  /** In double, whose error is negligible in units of a float's last place. */
  final DoubleFunction<double[]> reference;

  final double maxUlp;

  private final double[] range;

  MapFunction(
      BiConsumer<Mat, Mat> map,
      UnaryOperator<BigDecimal> exact,
      DoubleUnaryOperator reference,
      double maxUlp,
      double... range) {
    this(
        map,
        (BigDecimal x) -> new BigDecimal[] {exact.apply(x)},
        x -> new double[] {reference.applyAsDouble(x)},
        maxUlp,
        range);
  }

  MapFunction(
      BiConsumer<Mat, Mat> map,
      Function<BigDecimal, BigDecimal[]> exact,
      DoubleFunction<double[]> reference,
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

  /** Whether Y may be X. */
  boolean inPlace() {
    return !name().endsWith("DERIVATIVE");
  }

  private static BiConsumer<Mat, Mat> multiplied(BiConsumer<Mat, Mat> derivative) {
    return (x, u) -> {
      for (int i = 0; i < u.rows(); i++) {
        Blas.fill(1, u.row(i));
      }
      derivative.accept(x, u);
    };
  }

  private static double density(double x) {
    return StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * Math.PI);
  }

  /** Φ: the series of Φ − ½ where it does not cancel, else the continued fraction of the tail. */
  private static double normal(double x) {
    double a = Math.abs(x);
    double tail;
    if (a < 3) {
      double sum = 0;
      double term = a;
      for (int n = 1; term > 1e-18 * sum; n++) {
        sum += term;
        term *= a * a / (2 * n + 1);
      }
      tail = 0.5 - density(a) * sum;
    } else {
      double f = a;
      for (int n = 60; n > 0; n--) {
        f = a + n / f;
      }
      tail = density(a) / f;
    }
    return x < 0 ? tail : 1 - tail;
  }
}
