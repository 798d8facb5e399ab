package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ulp table: every function over its whole range, in both precisions. */
@Tag("width")
class MapsUlpTest {
  private static final int SAMPLES_F64 = 3_000;
  private static final int SAMPLES_F32 = 300_000;

  @ParameterizedTest
  @EnumSource(MapFunction.class)
  void doublesAreWithinTheStatedUlp(MapFunction function) {
    double[] x = samples(function, Precision.F64, SAMPLES_F64);
    double[] y = apply(function, x, Precision.F64);
    for (int i = 0; i < x.length; i++) {
      BigDecimal exact = BigDecimal.ZERO;
      BigDecimal magnitude = BigDecimal.ZERO;
      for (BigDecimal term : function.exact.apply(new BigDecimal(x[i]))) {
        exact = exact.add(term);
        magnitude = magnitude.add(term.abs());
      }
      BigDecimal unit = new BigDecimal(Math.ulp(magnitude.doubleValue()));
      double ulps =
          exact
              .subtract(new BigDecimal(y[i]))
              .abs()
              .divide(unit, MathContext.DECIMAL32)
              .doubleValue();
      check(function, ulps, x[i], y[i]);
    }
  }

  @ParameterizedTest
  @EnumSource(MapFunction.class)
  void floatsAreWithinTheStatedUlp(MapFunction function) {
    double[] x = samples(function, Precision.F32, SAMPLES_F32);
    double[] y = apply(function, x, Precision.F32);
    for (int i = 0; i < x.length; i++) {
      double exact = 0;
      double magnitude = 0;
      for (double term : function.reference.apply(x[i])) {
        exact += term;
        magnitude += Math.abs(term);
      }
      check(function, Math.abs(y[i] - exact) / Math.ulp((float) magnitude), x[i], y[i]);
    }
  }

  private static void check(MapFunction function, double ulps, double x, double y) {
    assertTrue(
        ulps <= function.maxUlp,
        () -> function + "(" + Double.toHexString(x) + ") = " + y + " is off by " + ulps + " ulp");
  }

  private static double[] apply(MapFunction function, double[] x, Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Mat in = Mat.allocate(workspace, 1, x.length, precision);
      Mat out = Mat.allocate(workspace, 1, x.length, precision);
      in.copyFrom(x);
      function.map.accept(in, out);
      return out.toArray();
    }
  }

  /** Even over the range, around 0, around 1, and one in four over all exponents and signs. */
  private static double[] samples(MapFunction function, Precision precision, int count) {
    SplittableRandom random = new SplittableRandom(7);
    double min = function.min(precision);
    double max = function.max(precision);
    double[] x = new double[count];
    for (int i = 0; i < count; i++) {
      do {
        x[i] =
            switch (i % 4) {
              case 0 -> anyExponent(random, precision);
              case 1 -> random.nextDouble(min, max);
              case 2 -> random.nextDouble(-3, 3);
              default -> 1 + random.nextDouble(-1, 1) * Math.scalb(1.0, -random.nextInt(20));
            };
        x[i] = precision == Precision.F64 ? x[i] : (float) x[i];
      } while (!(x[i] >= min && x[i] <= max) || x[i] == 0);
    }
    return x;
  }

  private static double anyExponent(SplittableRandom random, Precision precision) {
    return precision == Precision.F64
        ? Double.longBitsToDouble(random.nextLong())
        : Float.intBitsToFloat(random.nextInt());
  }
}
