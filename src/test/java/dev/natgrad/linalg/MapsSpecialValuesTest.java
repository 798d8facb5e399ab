package dev.natgrad.linalg;

import static dev.natgrad.memory.Precision.F64;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Zeros of both signs, infinities, NaN, subnormal and huge numbers: exact, in lanes and tails. */
@Tag("width")
class MapsSpecialValuesTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  private static final double NAN = Double.NaN;

  @ParameterizedTest
  @EnumSource
  void exp(Precision p) {
    expect(p, Maps::exp, 0, 1, -0.0, 1, INF, INF, -INF, 0, NAN, NAN);
    expect(p, Maps::exp, huge(p), INF, -huge(p), 0, tiny(p), 1, -tiny(p), 1);
    if (p == F64) {
      expect(p, Maps::exp, 709.79, INF, -745.2, 0, -745, Double.MIN_VALUE);
    } else {
      expect(p, Maps::exp, 88.73, INF, -104, 0, -103, Float.MIN_VALUE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void log(Precision p) {
    expect(p, Maps::log, 1, 0, 0, -INF, -0.0, -INF, -1, NAN, -tiny(p), NAN, -INF, NAN);
    expect(p, Maps::log, INF, INF, NAN, NAN, -huge(p), NAN);
  }

  @ParameterizedTest
  @EnumSource
  void tanh(Precision p) {
    expect(p, Maps::tanh, 0, 0, -0.0, -0.0, INF, 1, -INF, -1, NAN, NAN);
    expect(p, Maps::tanh, huge(p), 1, -huge(p), -1, tiny(p), tiny(p), -tiny(p), -tiny(p));
  }

  @ParameterizedTest
  @EnumSource
  void logistic(Precision p) {
    expect(p, Maps::logistic, 0, 0.5, -0.0, 0.5, INF, 1, -INF, 0, NAN, NAN);
    expect(p, Maps::logistic, huge(p), 1, -huge(p), 0, tiny(p), 0.5);
  }

  @ParameterizedTest
  @EnumSource
  void softplus(Precision p) {
    expect(p, Maps::softplus, INF, INF, -INF, 0, NAN, NAN, huge(p), huge(p), -huge(p), 0);
  }

  @ParameterizedTest
  @EnumSource
  void expm1(Precision p) {
    expect(p, Maps::expm1, 0, 0, -0.0, -0.0, INF, INF, -INF, -1, NAN, NAN, huge(p), INF);
    expect(p, Maps::expm1, -huge(p), -1, tiny(p), tiny(p), -tiny(p), -tiny(p), -90, -1);
    expect(p, Maps::expm1, p == F64 ? 709.79 : 88.73, INF, p == F64 ? -709.79 : -88.73, -1);
  }

  @ParameterizedTest
  @EnumSource
  void log1p(Precision p) {
    expect(p, Maps::log1p, 0, 0, -0.0, -0.0, INF, INF, -INF, NAN, NAN, NAN, -1, -INF);
    expect(p, Maps::log1p, -huge(p), NAN, -1.5, NAN, tiny(p), tiny(p), -tiny(p), -tiny(p));
    expect(p, Maps::log1p, huge(p), p == F64 ? StrictMath.log(huge(p)) : (float) Math.log(huge(p)));
  }

  @ParameterizedTest
  @EnumSource
  void gatedUnits(Precision p) {
    double min = p == F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    for (BiConsumer<Mat, Mat> map : List.<BiConsumer<Mat, Mat>>of(Maps::silu, Maps::gelu)) {
      expect(p, map, 0, 0, -0.0, -0.0, INF, INF, -INF, -0.0, NAN, NAN, huge(p), huge(p));
      expect(p, map, -huge(p), -0.0, 2 * min, min, -2 * min, -min, min, min / 2, -800, -0.0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void relu(Precision p) {
    expect(p, Maps::relu, 0, 0, -0.0, 0, INF, INF, -INF, 0, NAN, NAN, tiny(p), tiny(p), -1, 0);
  }

  @ParameterizedTest
  @EnumSource
  void derivatives(Precision p) {
    expect(p, times(2, Maps::reluDerivative), 0, 0, -0.0, 0, 1, 2, -1, 0, NAN, 2, INF, 2);
    expect(p, times(2, Maps::tanhDerivative), 0, 2, 1, 0, -1, 0, NAN, NAN);
    expect(p, times(2, Maps::logisticDerivative), 0, 0, 1, 0, 0.5, 0.5, NAN, NAN);
    expect(p, times(2, Maps::softplusDerivative), 0, 0, INF, 2, NAN, NAN, huge(p), 2);
    expect(p, times(1, Maps::softplusDerivative), tiny(p), tiny(p));
    for (BiConsumer<Mat, Mat> map :
        List.<BiConsumer<Mat, Mat>>of(Maps::siluDerivative, Maps::geluDerivative)) {
      expect(p, times(2, map), 0, 1, -0.0, 1, INF, 2, -INF, -0.0, NAN, NAN, huge(p), 2);
      expect(p, times(2, map), -huge(p), -0.0, tiny(p), 1, -tiny(p), 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsThatAreNotFinite(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      for (int n : new int[] {1, 5, 16, 17, 40}) {
        Mat a = Mat.allocate(workspace, 5, n, precision);
        Vec y = Vec.allocate(workspace, 5, precision);
        Blas.fill(-INF, a.row(0));
        a.set(1, n - 1, INF);
        a.set(2, n / 2, NAN);
        Blas.fill(-INF, a.row(3));
        a.set(3, n / 2, 7);
        a.set(4, 0, INF);
        a.set(4, n - 1, NAN);
        Maps.logSumExp(a, y);
        double[] expected = {-INF, INF, NAN, 7, NAN};
        for (int i = 0; i < 5; i++) {
          assertEquals(expected[i], y.get(i), "log-sum-exp of row " + i);
        }
        Maps.softmax(a, a);
        for (int i = 0; i < 5; i++) {
          for (int j = 0; j < n; j++) {
            double p = i != 3 ? NAN : j == n / 2 ? 1 : 0;
            assertEquals(p, a.get(i, j), "softmax of row " + i);
          }
        }
      }
    }
  }

  private static double huge(Precision p) {
    return p == F64 ? Double.MAX_VALUE : Float.MAX_VALUE;
  }

  private static double tiny(Precision p) {
    return p == F64 ? Double.MIN_VALUE : Float.MIN_VALUE;
  }

  private static BiConsumer<Mat, Mat> times(double factor, BiConsumer<Mat, Mat> derivative) {
    return (y, u) -> {
      Blas.fill(factor, u.row(0));
      derivative.accept(y, u);
    };
  }

  /** Pairs of x and f(x), at every position of a run that has whole vectors and a tail. */
  private static void expect(Precision p, BiConsumer<Mat, Mat> map, double... pairs) {
    int n = 39;
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, 1, n, p);
      Mat y = Mat.allocate(workspace, 1, n, p);
      for (int shift = 0; shift < pairs.length; shift += 2) {
        for (int j = 0; j < n; j++) {
          x.set(0, j, pairs[(2 * j + shift) % pairs.length]);
        }
        map.accept(x, y);
        for (int j = 0; j < n; j++) {
          assertEquals(
              pairs[(2 * j + shift) % pairs.length + 1],
              y.get(0, j),
              "f(" + x.get(0, j) + ") at " + j);
        }
      }
    }
  }
}
