package dev.natgrad.serving;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The samples of a {@link SampleQueue} off heap, one to a row: features, targets and, where kept, a
 * weight. Who may touch which row is the queue's affair.
 */
final class SampleRows {
  private final MemorySegment rows;
  private final int inputs;
  private final int targets;
  private final Precision precision;
  private final boolean weighted;
  private final long rowBytes;

  SampleRows(
      Arena arena, long bytes, int inputs, int targets, Precision precision, boolean weighted) {
    this.inputs = inputs;
    this.targets = targets;
    this.precision = precision;
    this.weighted = weighted;
    this.rowBytes = bytes(inputs, targets, precision, 1, weighted);
    this.rows = arena.allocate(bytes, Workspace.ALIGNMENT);
  }

  /** Bytes of so many rows. */
  static long bytes(int inputs, int targets, Precision precision, int capacity, boolean weighted) {
    Objects.requireNonNull(precision, "precision");
    Arguments.atLeast("inputs", inputs, 1);
    Arguments.atLeast("targets", targets, 1);
    Arguments.atLeast("capacity", capacity, 1);
    long numbers = (long) inputs + targets + (weighted ? 1 : 0);
    return Math.multiplyExact(numbers * precision.bytes(), capacity);
  }

  /** Throws where a weight is out of its range or a sample not masked is not finite. */
  void check(int samples, float[] x, float[] y, float[] weights) {
    for (int i = 0; i < samples; i++) {
      if (weights == null || !masked(i, weights[i])) {
        for (int k = i * inputs; k < (i + 1) * inputs; k++) {
          finite("x", k, x[k]);
        }
        for (int k = i * targets; k < (i + 1) * targets; k++) {
          finite("y", k, y[k]);
        }
      }
    }
  }

  /** Throws where a weight is out of its range or a sample not masked is not finite. */
  void check(int samples, double[] x, double[] y, double[] weights) {
    for (int i = 0; i < samples; i++) {
      if (weights == null || !masked(i, weights[i])) {
        for (int k = i * inputs; k < (i + 1) * inputs; k++) {
          finite("x", k, stored(x[k]));
        }
        for (int k = i * targets; k < (i + 1) * targets; k++) {
          finite("y", k, stored(y[k]));
        }
      }
    }
  }

  /** A number as it is kept. */
  private double stored(double value) {
    return precision == Precision.F32 ? (float) value : value;
  }

  private boolean masked(int index, double weight) {
    // No sum of weights overflows then.
    if (!(weight >= 0 && weight <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "weights["
              + index
              + "] is "
              + weight
              + "; a weight is from 0, which masks the sample, to "
              + Float.MAX_VALUE);
    }
    return stored(weight) == 0;
  }

  private static void finite(String name, int index, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          name
              + "["
              + index
              + "] is "
              + value
              + "; features and targets must be finite: leave the sample out");
    }
  }

  /** Stores sample i; weights may be null. */
  void put(int row, float[] x, float[] y, float[] weights, int i) {
    copy(x, i * inputs, at(row), inputs);
    copy(y, i * targets, targetsAt(row), targets);
    if (weighted) {
      putWeight(row, weights == null ? 1 : weights[i]);
    }
  }

  /** Stores sample i; weights may be null. */
  void put(int row, double[] x, double[] y, double[] weights, int i) {
    copy(x, i * inputs, at(row), inputs);
    copy(y, i * targets, targetsAt(row), targets);
    if (weighted) {
      putWeight(row, weights == null ? 1 : weights[i]);
    }
  }

  private long at(int row) {
    return row * rowBytes;
  }

  private long targetsAt(int row) {
    return at(row) + (long) inputs * precision.bytes();
  }

  private long weightAt(int row) {
    return at(row + 1) - precision.bytes();
  }

  private void copy(float[] from, int index, long to, int n) {
    if (precision == Precision.F32) {
      MemorySegment.copy(from, index, rows, JAVA_FLOAT, to, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      rows.set(JAVA_DOUBLE, to + (long) i * Double.BYTES, from[index + i]);
    }
  }

  private void copy(double[] from, int index, long to, int n) {
    if (precision == Precision.F64) {
      MemorySegment.copy(from, index, rows, JAVA_DOUBLE, to, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      rows.set(JAVA_FLOAT, to + (long) i * Float.BYTES, (float) from[index + i]);
    }
  }

  private void putWeight(int row, double weight) {
    if (precision == Precision.F32) {
      rows.set(JAVA_FLOAT, weightAt(row), (float) weight);
    } else {
      rows.set(JAVA_DOUBLE, weightAt(row), weight);
    }
  }

  void features(int row, Mat x, int to) {
    x.copyRowFrom(to, rows, at(row), precision);
  }

  void targets(int row, Mat y, int to) {
    y.copyRowFrom(to, rows, targetsAt(row), precision);
  }

  /** The weight, 1 where none are kept. */
  double weight(int row) {
    if (!weighted) {
      return 1;
    }
    long at = weightAt(row);
    return precision == Precision.F32 ? rows.get(JAVA_FLOAT, at) : rows.get(JAVA_DOUBLE, at);
  }

  int inputs() {
    return inputs;
  }

  int targets() {
    return targets;
  }

  Precision precision() {
    return precision;
  }

  boolean weighted() {
    return weighted;
  }

  /** Bytes of all rows. */
  long bytes() {
    return rows.byteSize();
  }
}
