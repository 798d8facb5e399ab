package dev.natgrad.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A linear or logarithmic scale with ticks at 1, 2 or 5 times a power of ten.
 *
 * <p>A scale always has {@code lo < hi}: a range that is empty or a single point is widened.
 */
final class Axis {
  /** Beyond it {@code hi - lo} overflows; a curve that went there has left every picture anyway. */
  private static final double LIMIT = 1e300;

  private static final int[] STEPS = {1, 2, 5};

  private final boolean log;
  private final double lo;
  private final double hi;
  private final double[] ticks;
  private final double[] minor;
  private final String[] labels;

  private Axis(boolean log, double lo, double hi, double[] ticks, double[] minor, String[] labels) {
    this.log = log;
    this.lo = lo;
    this.hi = hi;
    this.ticks = ticks;
    this.minor = minor;
    this.labels = labels;
  }

  /**
   * A linear scale.
   *
   * @param target number of steps aimed at
   * @param extend whether the ends move out to the next tick
   * @param whole whether ticks must be whole numbers
   */
  static Axis linear(double min, double max, int target, boolean extend, boolean whole) {
    double lo = Math.clamp(Math.min(min, max), -LIMIT, LIMIT);
    double hi = Math.clamp(Math.max(min, max), -LIMIT, LIMIT);
    double least = Math.max(whole ? 1 : 1e-300, 1e-10 * Math.max(Math.abs(lo), Math.abs(hi)));
    if (!(hi - lo >= least)) {
      double pad = lo == 0 && hi == 0 ? 1 : Math.max(least, Math.abs(lo) * 0.1);
      lo -= pad;
      hi += pad;
    }
    int step = whole ? Math.max(0, stepAbove((hi - lo) / target)) : stepAbove((hi - lo) / target);
    double[] ticks = multiples(lo, hi, step, extend);
    if (ticks.length < 2 && !whole) {
      ticks = multiples(lo, hi, --step, extend);
    }
    if (extend) {
      lo = ticks[0];
      hi = ticks[ticks.length - 1];
    }
    return new Axis(
        false, lo, hi, ticks, new double[0], linearLabels(ticks, Math.floorDiv(step, 3)));
  }

  /**
   * A logarithmic scale over positive numbers; the ends move out to 1, 2 or 5 times a power of ten
   * where {@code extend} is set.
   */
  static Axis log(double min, double max, int target, boolean extend) {
    double lo = Math.clamp(min, 1e-290, LIMIT);
    double hi = Math.max(lo, Math.min(LIMIT, max));
    if (hi < 1.1 * lo) {
      lo /= 2;
      hi *= 2;
    }
    double[] grid = oneTwoFive(lo, hi);
    if (extend) {
      lo = grid[0];
      hi = grid[grid.length - 1];
    }
    double low = lo * (1 - 1e-12);
    double high = hi * (1 + 1e-12);
    double[] inside = DoubleStream.of(grid).filter(v -> v >= low && v <= high).toArray();
    if (inside.length < 3) {
      Axis even = linear(lo, hi, target, false, false);
      return new Axis(true, lo, hi, even.ticks, new double[0], even.labels);
    }
    double decades = Math.log10(hi) - Math.log10(lo);
    if (decades < 3 && inside.length <= target * 2) {
      return new Axis(true, lo, hi, inside, new double[0], logLabels(inside));
    }
    int every = (int) Math.ceil(decades / target);
    List<Double> major = new ArrayList<>();
    List<Double> minor = new ArrayList<>();
    for (int e = (int) Math.floor(Math.log10(lo)); e <= Math.ceil(Math.log10(hi)); e++) {
      (Math.floorMod(e, every) == 0 ? major : minor).add(decimal(1, e));
      for (int digit = 2; digit < 10 && decades <= 6; digit++) {
        minor.add(decimal(digit, e));
      }
    }
    double[] ticks = within(major, low, high);
    return new Axis(true, lo, hi, ticks, within(minor, low, high), logLabels(ticks));
  }

  boolean isLog() {
    return log;
  }

  double lo() {
    return lo;
  }

  double hi() {
    return hi;
  }

  double[] ticks() {
    return ticks;
  }

  double[] minorTicks() {
    return minor;
  }

  String[] labels() {
    return labels;
  }

  /** 0 at {@code lo}, 1 at {@code hi}; NaN where the scale cannot show {@code value}. */
  double position(double value) {
    if (!Double.isFinite(value) || (log && value <= 0)) {
      return Double.NaN;
    }
    double at =
        log
            ? (Math.log10(value) - Math.log10(lo)) / (Math.log10(hi) - Math.log10(lo))
            : (value - lo) / (hi - lo);
    // Far outside, the exact place is invisible, and a huge coordinate breaks renderers.
    return Math.max(-9, Math.min(10, at));
  }

  /** The least 3e, 3e + 1 or 3e + 2 whose step, 1, 2 or 5 times 10^e, is at least {@code raw}. */
  private static int stepAbove(double raw) {
    int step = 3 * (int) Math.floor(Math.log10(raw)) - 1;
    while (stepSize(step) < raw) {
      step++;
    }
    return step;
  }

  private static double stepSize(int step) {
    return decimal(STEPS[Math.floorMod(step, 3)], Math.floorDiv(step, 3));
  }

  private static double[] multiples(double lo, double hi, int step, boolean outside) {
    double size = stepSize(step);
    // 1e-9 of a step forgives the rounding of lo / size where lo is meant to be a tick.
    double first = outside ? Math.floor(lo / size + 1e-9) : Math.ceil(lo / size - 1e-9);
    double last = outside ? Math.ceil(hi / size - 1e-9) : Math.floor(hi / size + 1e-9);
    double[] ticks = new double[(int) (last - first + 1)];
    for (int i = 0; i < ticks.length; i++) {
      long multiple = ((long) first + i) * STEPS[Math.floorMod(step, 3)];
      ticks[i] = decimal(multiple, Math.floorDiv(step, 3));
    }
    return ticks;
  }

  /** {@code digits · 10^exponent}, correctly rounded: the double a reader's decimal names. */
  private static double decimal(long digits, int exponent) {
    return Double.parseDouble(digits + "e" + exponent);
  }

  private static double[] oneTwoFive(double lo, double hi) {
    List<Double> grid = new ArrayList<>();
    int first = (int) Math.floor(Math.log10(lo)) - 1;
    int last = (int) Math.ceil(Math.log10(hi)) + 1;
    for (int e = first; e <= last; e++) {
      for (int digit : STEPS) {
        grid.add(decimal(digit, e));
      }
    }
    int from = 0;
    while (grid.get(from + 1) <= lo * (1 + 1e-12)) {
      from++;
    }
    int to = grid.size() - 1;
    while (grid.get(to - 1) >= hi * (1 - 1e-12)) {
      to--;
    }
    return grid.subList(from, to + 1).stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double[] within(List<Double> values, double low, double high) {
    return values.stream()
        .mapToDouble(Double::doubleValue)
        .filter(v -> v >= low && v <= high)
        .toArray();
  }

  private static String[] linearLabels(double[] ticks, int exponent) {
    double largest = DoubleStream.of(ticks).map(Math::abs).max().orElse(0);
    String[] labels = new String[ticks.length];
    int scale = largest == 0 ? 0 : (int) Math.floor(Math.log10(largest) + 1e-12);
    boolean scientific = scale > 4 || scale < -3;
    for (int i = 0; i < ticks.length; i++) {
      if (ticks[i] == 0) {
        labels[i] = "0";
      } else if (scientific) {
        double mantissa = ticks[i] / Math.pow(10, Math.max(-300, scale));
        labels[i] = Numbers.fixed(mantissa, scale - exponent) + "×" + Numbers.powerOfTen(scale);
      } else {
        labels[i] = Numbers.fixed(ticks[i], Math.max(0, -exponent));
      }
    }
    return labels;
  }

  private static String[] logLabels(double[] ticks) {
    String[] labels = new String[ticks.length];
    for (int i = 0; i < ticks.length; i++) {
      int exponent = (int) Math.floor(Math.log10(ticks[i]) + 1e-12);
      long digit = Math.round(ticks[i] / Math.pow(10, exponent));
      if (exponent >= -3 && exponent <= 4) {
        labels[i] = Numbers.fixed(ticks[i], Math.max(0, -exponent));
      } else {
        labels[i] = (digit == 1 ? "" : digit + "×") + Numbers.powerOfTen(exponent);
      }
    }
    return labels;
  }
}
