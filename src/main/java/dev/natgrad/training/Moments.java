package dev.natgrad.training;

import java.util.function.IntToDoubleFunction;

/**
 * Count, extremes, mean and deviation (population, divisor n) of some numbers, missing ones (NaN)
 * left out. Numbers are scaled by a power of two, so squares neither overflow nor vanish.
 */
record Moments(
    int count,
    int missing,
    double least,
    double greatest,
    boolean twoValued,
    double mean,
    double deviation) {

  static Moments of(int[] rows, IntToDoubleFunction value) {
    int count = 0;
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int row : rows) {
      double v = value.applyAsDouble(row);
      if (!Double.isNaN(v)) {
        count++;
        least = Math.min(least, v);
        greatest = Math.max(greatest, v);
      }
    }
    if (count == 0) {
      return new Moments(0, rows.length, 0, 0, false, 0, 0);
    }
    int exponent = Math.getExponent(Math.max(Math.abs(least), Math.abs(greatest)));
    double sum = 0;
    boolean two = true;
    for (int row : rows) {
      double v = value.applyAsDouble(row);
      if (!Double.isNaN(v)) {
        sum += Math.scalb(v, -exponent);
        two &= v == least || v == greatest;
      }
    }
    double mean = sum / count;
    double squares = 0;
    for (int row : rows) {
      double v = value.applyAsDouble(row);
      if (!Double.isNaN(v)) {
        double d = Math.scalb(v, -exponent) - mean;
        squares += d * d;
      }
    }
    double deviation = Math.scalb(Math.sqrt(squares / count), exponent);
    return new Moments(
        count, rows.length - count, least, greatest, two, Math.scalb(mean, exponent), deviation);
  }

  boolean isConstant() {
    return least == greatest;
  }
}
