package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class AxisProperties {
  @Property
  void linearTicksAreMultiplesOfOneTwoOrFive(
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double min,
      @ForAll @IntRange(min = -3, max = 6) int scale,
      @ForAll @DoubleRange(min = 1, max = 10) double width,
      @ForAll @IntRange(min = 3, max = 10) int target,
      @ForAll boolean extend) {
    double max = min + width * Math.pow(10, scale);
    Axis axis = Axis.linear(min, max, target, extend, false);
    double[] ticks = axis.ticks();
    assertTrue(ticks.length >= 2 && ticks.length <= target + 2, Arrays.toString(ticks));
    BigDecimal step = decimal(ticks[1]).subtract(decimal(ticks[0]));
    int digit = step.stripTrailingZeros().unscaledValue().intValueExact();
    assertTrue(digit == 1 || digit == 2 || digit == 5, "step " + step);
    for (int i = 1; i < ticks.length; i++) {
      assertEquals(0, step.compareTo(decimal(ticks[i]).subtract(decimal(ticks[i - 1]))));
      assertEquals(0, decimal(ticks[i]).remainder(step).signum(), "tick off its grid");
    }
    // -0.03 + 0.01 is an ulp above -0.02: what counts is what a pixel can show.
    double invisible = 1e-9 * (max - min);
    assertTrue(
        extend ? axis.lo() <= min + invisible && axis.hi() >= max - invisible : axis.lo() == min);
    assertEquals(ticks.length, Arrays.stream(axis.labels()).distinct().count());
    assertTrue(axis.position(ticks[0]) >= -1e-9 && axis.position(ticks[ticks.length - 1]) < 1.001);
  }

  @Property
  void logarithmicTicksStandAtOneTwoOrFive(
      @ForAll @IntRange(min = -30, max = 30) int exponent,
      @ForAll @DoubleRange(min = 1, max = 10) double mantissa,
      @ForAll @DoubleRange(min = 1.31, max = 20) double decades) {
    double min = mantissa * Math.pow(10, exponent);
    double max = min * Math.pow(10, decades);
    Axis axis = Axis.log(min, max, 6, true);
    double[] ticks = axis.ticks();
    assertTrue(ticks.length >= 2 && ticks.length <= 13, Arrays.toString(ticks));
    assertTrue(axis.lo() <= min * (1 + 1e-12) && axis.hi() >= max * (1 - 1e-12));
    for (int i = 0; i < ticks.length; i++) {
      int digit = decimal(ticks[i]).stripTrailingZeros().unscaledValue().intValueExact();
      assertTrue(digit == 1 || digit == 2 || digit == 5, "tick " + ticks[i]);
      assertTrue(i == 0 || ticks[i] > ticks[i - 1]);
    }
    assertEquals(ticks.length, Arrays.stream(axis.labels()).distinct().count());
    assertEquals(0.5, axis.position(Math.sqrt(axis.lo()) * Math.sqrt(axis.hi())), 1e-9);
  }

  @Property
  void anyTwoNumbersMakeAScale(@ForAll double a, @ForAll double b, @ForAll boolean whole) {
    for (Axis axis :
        new Axis[] {
          Axis.linear(a, b, 6, true, whole),
          Axis.linear(a, b, 6, false, whole),
          Axis.log(Math.max(Double.MIN_VALUE, Math.abs(a)), Math.abs(b), 6, true)
        }) {
      assertTrue(axis.lo() < axis.hi());
      assertTrue(axis.ticks().length <= 60);
      for (double tick : axis.ticks()) {
        assertTrue(Double.isFinite(axis.position(tick)));
      }
    }
  }

  @Example
  void knownScales() {
    assertArrayEquals(
        new String[] {"0", "0.2", "0.4", "0.6", "0.8", "1.0"},
        Axis.linear(0, 1, 5, true, false).labels());
    assertArrayEquals(
        new String[] {"−0.5", "0", "0.5"}, Axis.linear(-0.5, 0.5, 2, true, false).labels());
    assertArrayEquals(
        new String[] {"0.01", "0.1", "1", "10"}, Axis.log(0.01, 10, 6, true).labels());
    assertArrayEquals(
        new String[] {"0.1", "0.2", "0.5", "1", "2"}, Axis.log(0.12, 1.9, 6, true).labels());
    assertArrayEquals(new String[] {"0", "1", "2"}, Axis.linear(0, 2, 8, true, true).labels());
    assertEquals("5×10⁻⁵", Axis.log(5e-5, 2e-3, 6, true).labels()[0]);
  }

  @Example
  void whatAScaleCannotShowIsNaN() {
    assertTrue(Double.isNaN(Axis.log(1, 10, 5, true).position(0)));
    assertTrue(Double.isNaN(Axis.log(1, 10, 5, true).position(-1)));
    assertTrue(Double.isNaN(Axis.linear(1, 10, 5, true, false).position(Double.NaN)));
    assertTrue(Double.isNaN(Axis.linear(1, 10, 5, true, false).position(Double.POSITIVE_INFINITY)));
  }

  /** The shortest decimal that names the double: what a reader would write. */
  private static BigDecimal decimal(double value) {
    return new BigDecimal(Double.toString(value));
  }
}
