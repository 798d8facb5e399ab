package dev.natgrad.report;

/** The extent of some numbers, and how many of them a scale cannot show. */
final class Range {
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private double minPositive = Double.POSITIVE_INFINITY;
  private int finite;
  private int positive;

  Range add(double... values) {
    for (double value : values) {
      if (Double.isFinite(value)) {
        finite++;
        min = Math.min(min, value);
        max = Math.max(max, value);
        if (value > 0) {
          positive++;
          minPositive = Math.min(minPositive, value);
        }
      }
    }
    return this;
  }

  boolean isEmpty() {
    return finite == 0;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }

  double minPositive() {
    return minPositive;
  }

  /**
   * Whether every finite number is positive and the largest is at least {@code ratio} times the
   * smallest.
   */
  boolean spans(double ratio) {
    return finite > 0 && positive == finite && max / minPositive >= ratio;
  }
}
