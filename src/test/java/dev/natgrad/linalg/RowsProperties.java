package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.ExactFunctions;
import dev.natgrad.oracle.ExactRows;
import java.math.BigDecimal;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Row kernels against their definitions in 60 digits, within the bounds that Maps states. */
@Tag("width")
class RowsProperties {
  private static double u(Precision precision) {
    return precision == Precision.F64 ? 0x1.0p-53 : 0x1.0p-24;
  }

  /** k roundings: k·u/(1 − k·u). */
  private static double gamma(double k, Precision precision) {
    return k * u(precision) / (1 - k * u(precision));
  }

  private static void assertWithin(BigDecimal exact, double computed, double bound, String what) {
    assertTrue(Double.isFinite(computed), () -> what + " is " + computed);
    double error = exact.subtract(new BigDecimal(computed)).abs().doubleValue();
    assertTrue(
        error <= bound, () -> what + " = " + computed + ": error " + error + ", bound " + bound);
  }

  @Property(tries = 300)
  void logSumExpIsWithinItsBound(
      @ForAll Precision precision,
      @ForAll @IntRange(max = 3) int m,
      @ForAll @IntRange(min = 1, max = 50) int n,
      @ForAll @IntRange(max = 2) int gap,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      Mat a = matrix(workspace, m, n, gap, precision, random, spread(random));
      Vec y = Vec.allocate(workspace, m, precision);
      Maps.logSumExp(a, y);
      for (int i = 0; i < m; i++) {
        BigDecimal exact = ExactFunctions.log(ExactRows.sumExp(a.row(i).toArray()));
        double k = n / 8.0 + 3 * Math.log(n) + 16 + Math.abs(exact.doubleValue());
        assertWithin(exact, y.get(i), gamma(k, precision), "log-sum-exp");
      }
    }
  }

  @Property(tries = 300)
  void softmaxIsWithinItsBound(
      @ForAll Precision precision,
      @ForAll @IntRange(max = 3) int m,
      @ForAll @IntRange(min = 1, max = 50) int n,
      @ForAll @IntRange(max = 2) int gap,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      Mat a = matrix(workspace, m, n, gap, precision, random, spread(random));
      Mat p = matrix(workspace, m, n, gap + 1, precision, random, 1);
      Maps.softmax(a, p);
      double minNormal = precision == Precision.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
      for (int i = 0; i < m; i++) {
        double[] row = a.row(i).toArray();
        BigDecimal sum = ExactRows.sumExp(row);
        for (int j = 0; j < n; j++) {
          BigDecimal exact = ExactRows.softmax(row, j, sum);
          double value = exact.doubleValue();
          double k = n + 5 + Math.log(n) + Math.abs(Math.log(Math.max(value, minNormal)));
          double below = value < minNormal ? 2 * minNormal * u(precision) : 0;
          assertWithin(exact, p.get(i, j), gamma(k, precision) * value + below, "softmax");
        }
      }
      Maps.softmax(a, a);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          assertEquals(p.get(i, j), a.get(i, j), "in place");
        }
      }
    }
  }

  /** More rows than softmax takes at once, with and without gaps: the same bits. */
  @Property(tries = 20)
  void softmaxOfManyRowsIsThatOfEach(
      @ForAll Precision precision,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      int m = 5000 / n;
      Mat a = matrix(workspace, m, n, 0, precision, random, 3);
      Mat p = Mat.allocate(workspace, m, n, precision);
      Mat wide = matrix(workspace, m, n, 1, precision, random, 1);
      Maps.softmax(a, p);
      Maps.softmax(a, wide);
      Mat one = Mat.allocate(workspace, 1, n, precision);
      for (int i = 0; i < m; i++) {
        Maps.softmax(a.block(i, 0, 1, n), one);
        for (int j = 0; j < n; j++) {
          assertEquals(one.get(0, j), p.get(i, j));
          assertEquals(one.get(0, j), wide.get(i, j));
        }
      }
    }
  }

  @Property
  void softmaxProductIsWithinItsBound(
      @ForAll Precision precision,
      @ForAll @IntRange(max = 3) int m,
      @ForAll @IntRange(min = 1, max = 50) int n,
      @ForAll @IntRange(max = 2) int gap,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      double alpha = (float) random.nextGaussian();
      Mat p = matrix(workspace, m, n, gap, precision, random, 1);
      Maps.softmax(p, p);
      Mat t = matrix(workspace, m, n, 0, precision, random, 3);
      Mat u = matrix(workspace, m, n, gap, precision, random, 1);
      Maps.softmaxProduct(alpha, p, t, u);
      for (int i = 0; i < m; i++) {
        double[] pi = p.row(i).toArray();
        double[] ti = t.row(i).toArray();
        BigDecimal mean = ExactRows.dot(pi, ti);
        double magnitude = 0;
        for (int j = 0; j < n; j++) {
          magnitude += Math.abs(pi[j] * ti[j]);
        }
        for (int j = 0; j < n; j++) {
          BigDecimal centred = new BigDecimal(ti[j]).subtract(mean);
          BigDecimal ap = new BigDecimal(alpha).multiply(new BigDecimal(pi[j]));
          double bound =
              Math.abs(ap.doubleValue())
                  * (gamma(n + 3, precision) * magnitude
                      + gamma(3, precision) * Math.abs(centred.doubleValue()));
          assertWithin(ap.multiply(centred), u.get(i, j), bound, "softmax product");
        }
      }
    }
  }

  /** However Σp is rounded; a row that is constant but for its last element has its own mean. */
  @Property
  void softmaxProductsOfConstantRowsAreExactlyZero(
      @ForAll Precision precision,
      @ForAll @IntRange(min = 1, max = 3) int m,
      @ForAll @IntRange(min = 1, max = 50) int n,
      @ForAll @IntRange(max = 2) int gap,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      Mat p = matrix(workspace, m, n, gap, precision, random, spread(random));
      Maps.softmax(p, p);
      Mat t = matrix(workspace, m, n, gap, precision, random, 3);
      for (int i = 0; i < m; i++) {
        for (int j = 1; j < n; j++) {
          t.set(i, j, t.get(i, 0));
        }
      }
      Mat u = matrix(workspace, m, n, gap, precision, random, Double.NaN);
      Mat factor = matrix(workspace, m, n, gap, precision, random, Double.NaN);
      Maps.softmaxProduct(0.3, p, t, u);
      RowProducts.softmaxFactorTranspose(0.3, p, t, factor);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          assertEquals(0, Math.abs(u.get(i, j)));
          assertEquals(0, Math.abs(factor.get(i, j)));
        }
      }
      if (n > 1) {
        t.set(0, n - 1, t.get(0, 0) + 1);
        Maps.softmaxProduct(1, p, t, u);
        double last = p.get(0, n - 1);
        double size = Math.abs(t.get(0, 0)) + 1;
        assertEquals(last * (1 - last), u.get(0, n - 1), 2 * gamma(n + 3, precision) * size * last);
      }
    }
  }

  @Property
  void outerProductIsWithinItsBound(
      @ForAll Precision precision,
      @ForAll @IntRange(max = 3) int m,
      @ForAll @IntRange(max = 50) int n,
      @ForAll @IntRange(max = 2) int gap,
      @ForAll boolean overwrite,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      double alpha = (float) random.nextGaussian();
      double beta = overwrite ? 0 : (float) random.nextGaussian();
      Mat s = matrix(workspace, m, n, gap, precision, random, 1);
      Mat t = matrix(workspace, m, n, 0, precision, random, 1);
      Mat u = matrix(workspace, m, n, gap, precision, random, overwrite ? Double.NaN : 1);
      double[] before = u.toArray();
      Maps.outerProduct(alpha, s, t, beta, u);
      for (int i = 0; i < m; i++) {
        double[] si = s.row(i).toArray();
        double[] ti = t.row(i).toArray();
        BigDecimal dot = ExactRows.dot(si, ti).multiply(new BigDecimal(alpha));
        double magnitude = 0;
        for (int j = 0; j < n; j++) {
          magnitude += Math.abs(alpha * si[j] * ti[j]);
        }
        for (int j = 0; j < n; j++) {
          double old = overwrite ? 0 : before[i * n + j];
          BigDecimal exact =
              dot.multiply(new BigDecimal(si[j]))
                  .add(new BigDecimal(beta).multiply(new BigDecimal(old)));
          double bound =
              gamma(n + 3, precision) * magnitude * Math.abs(si[j])
                  + gamma(2, precision) * Math.abs(beta * old);
          assertWithin(exact, u.get(i, j), bound, "outer product");
        }
      }
    }
  }

  private static double spread(Random random) {
    return Math.scalb(1.0, random.nextInt(14) - 6);
  }

  private static Mat matrix(
      Workspace workspace,
      int m,
      int n,
      int gap,
      Precision precision,
      Random random,
      double spread) {
    Mat a = Mat.allocate(workspace, m, n + gap, precision).block(0, gap, m, n);
    double middle = spread * random.nextGaussian();
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        a.set(i, j, middle + spread * random.nextGaussian());
      }
    }
    return a;
  }
}
