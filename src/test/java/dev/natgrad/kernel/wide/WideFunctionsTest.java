package dev.natgrad.kernel.wide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.SpecialFunctions;
import dev.natgrad.oracle.BigFamilies;
import dev.natgrad.oracle.BigOutputs;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The functions of single doubles against 80-digit arithmetic. */
class WideFunctionsTest {
  private static void assertRelative(BigDecimal exact, double actual, double error, double x) {
    double difference = new BigDecimal(actual).subtract(exact).abs().doubleValue();
    assertTrue(
        difference <= error * exact.abs().doubleValue(),
        () -> actual + " at " + x + " is off by " + difference);
  }

  @Test
  void exponentialAndItsExcessEverywhere() {
    Random random = new Random(2);
    for (int k = 0; k < 3000; k++) {
      double x = random.nextGaussian() * Math.pow(10, random.nextInt(18) - 15);
      x = Math.max(-690, Math.min(690, x));
      BigDecimal exact = BigOutputs.exp(new BigDecimal(x));
      assertRelative(exact, Exponential.exp(x), 1.25 * 0x1p-52, x);
      BigDecimal less = exact.subtract(BigDecimal.ONE);
      if (Math.abs(x) > 1e-30) {
        assertRelative(less, Exponential.expm1(x), 0x1p-46, x);
        assertRelative(less.subtract(new BigDecimal(x)), Exponential.excess(x), 0x1p-46, x);
      }
    }
  }

  @Test
  void exponentialAtItsEnds() {
    assertEquals(Double.POSITIVE_INFINITY, Exponential.exp(710));
    assertEquals(Math.exp(709.7), Exponential.exp(709.7), 2 * Math.ulp(Math.exp(709.7)));
    assertEquals(Double.MIN_VALUE, Exponential.exp(-745));
    assertEquals(0, Exponential.exp(-746));
    assertEquals(1, Exponential.exp(0));
    assertEquals(0, Exponential.excess(0));
    assertTrue(Double.isNaN(Exponential.exp(Double.NaN)));
    assertTrue(Double.isNaN(Exponential.excess(Double.NaN)));
    assertEquals(Double.POSITIVE_INFINITY, Exponential.excess(800));
    assertEquals(799, Exponential.excess(-800));
    assertEquals(699.5, Exponential.excess(-700.5));
  }

  @Test
  void logGammaOfMultiplesOfAHalf() {
    for (double x = 0.5; x <= 150; x += 0.5) {
      BigDecimal exact = BigFamilies.logGamma(x);
      double size = Math.max(1, Math.abs(exact.doubleValue()));
      assertEquals(exact.doubleValue(), LogGamma.of(x), 0x1p-46 * size, "x = " + x);
      double remainder = exact.doubleValue() - x * Math.log(x) + x;
      assertEquals(remainder, LogGamma.remainder(x), 0x1p-45 * (size + x * Math.log(x + 2)));
      if (x == Math.rint(x)) {
        assertEquals(exact.doubleValue(), LogGamma.factorial(x - 1), 0x1p-46 * size);
      }
    }
    assertEquals(0, LogGamma.factorial(0));
    assertEquals(0, LogGamma.factorial(1));
  }

  /** Γ(x) ≈ 1/x for small x; large arguments by Γ(x + 1) = xΓ(x). */
  @Test
  void logGammaAtBothEnds() {
    for (double x = 1e-9; x > 1e-300; x /= 10) {
      assertEquals(-Math.log(x) - 0.5772156649015329 * x, LogGamma.of(x), 0x1p-48 * -Math.log(x));
    }
    for (double x = 200; x < 1e14; x *= 3) {
      double size = x * Math.log(x);
      assertEquals(Math.log(x), LogGamma.of(x + 1) - LogGamma.of(x), 0x1p-48 * size);
      assertEquals(Math.log(x), LogGamma.rising(1, x), 0x1p-48 * Math.log(x));
      assertEquals(-Math.log(2 * Math.PI * x) / 2, LogGamma.poisson(Math.rint(x), x), 1 / x);
    }
  }

  @Test
  void poissonProbabilitiesEverywhere() {
    double[] counts = {1, 2, 15, 16, 17, 20, 100, 255, 256, 1000, 9999, 12345, 1e6, 1e9, 1e15};
    double[] ratios = {
      1e-320, 1e-200, 1e-40, 1e-17, 1e-15, 1e-8, 1e-3, 0.1, 0.124, 0.126, 0.3, 0.5, 0.9, 0.999, 1,
      1.001, 1.2, 2, 8, 100, 1e4, 1e15, 1e40, 1e200
    };
    for (double n : counts) {
      for (double ratio : ratios) {
        double mean = ratio * n;
        BigDecimal exact = BigFamilies.logPoisson(n, mean);
        double size = Math.max(1, Math.abs(exact.doubleValue()));
        String at = n + " of " + mean;
        assertEquals(exact.doubleValue(), LogGamma.poisson(n, mean), 0x1p-43 * size, at);
      }
    }
    assertEquals(-733.11, LogGamma.poisson(20, 1e-15), 0.005);
    assertEquals(0, LogGamma.poisson(0, 0));
    for (double n : new double[] {1, 15, 16, 1e300}) {
      assertEquals(Double.NEGATIVE_INFINITY, LogGamma.poisson(n, 0));
      assertEquals(Double.NEGATIVE_INFINITY, LogGamma.poisson(n, Double.POSITIVE_INFINITY));
    }
    assertEquals(Double.NEGATIVE_INFINITY, LogGamma.poisson(0, Double.POSITIVE_INFINITY));
    assertEquals(Double.POSITIVE_INFINITY, LogGamma.of(Double.POSITIVE_INFINITY));
    assertEquals(Double.POSITIVE_INFINITY, LogGamma.factorial(Double.POSITIVE_INFINITY));
    assertEquals(0, SpecialFunctions.logPoisson(0, 0));
    for (double mean : new double[] {-Double.MIN_VALUE, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> SpecialFunctions.logPoisson(3, mean));
    }
  }

  @Test
  void risingFactorialsKeepTheirDigitsForLargeArguments() {
    for (double x : new double[] {0.5, 3, 20.5, 1e3, 1e9, 1e12}) {
      double sum = 0;
      for (int n = 0; n <= 60; n++) {
        double size = n * Math.log(x + n + 1) + Math.abs(Math.log(x)) + 1;
        double lost = x < 16 ? 16 * Math.log(16 + n) + n * Math.log(16 + n) : 0;
        assertEquals(sum, LogGamma.rising(n, x), 0x1p-47 * (size + lost), n + " from " + x);
        sum += Math.log(x + n);
      }
    }
  }
}
