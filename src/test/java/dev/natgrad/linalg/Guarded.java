package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * Test operands amid canaries: a matrix is a block of a larger one filled with NaN, so that a read
 * outside poisons the result, and a write outside, or to an input, is found by {@link
 * #assertIntact}.
 */
final class Guarded {
  private static final double CANARY = Double.NaN;

  private final Mat frame;
  private final Mat block;
  private double[] before;

  private Guarded(Mat frame, Mat block) {
    this.frame = frame;
    this.block = block;
  }

  /** A matrix whose stride exceeds its width by {@code slack} and that starts off alignment. */
  static Guarded mat(Workspace w, int rows, int cols, int slack, Precision p, DoubleSupplier data) {
    Mat frame = Mat.allocate(w, rows + 2, cols + 2 + slack, p);
    for (int i = 0; i < frame.rows(); i++) {
      Blas.fill(CANARY, frame.row(i));
    }
    Mat block = frame.block(1, 1, rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        block.set(i, j, data.getAsDouble());
      }
    }
    Guarded guarded = new Guarded(frame, block);
    guarded.before = frame.toArray();
    return guarded;
  }

  static Guarded vec(Workspace w, int length, Precision p, DoubleSupplier data) {
    return mat(w, 1, length, 0, p, data);
  }

  Mat mat() {
    return block;
  }

  Vec vec() {
    return block.row(0);
  }

  /** The numbers before the operation. */
  double old(int i, int j) {
    return before[(i + 1) * frame.cols() + j + 1];
  }

  double old(int i) {
    return old(0, i);
  }

  double now(int i, int j) {
    return block.get(i, j);
  }

  double now(int i) {
    return block.get(0, i);
  }

  /** Writes one element past the last row's end, as a kernel without edge handling does. */
  void poison() {
    frame.set(block.rows(), block.cols() + 1, 0);
  }

  /** Nothing was written at all. */
  void assertIntact(String name) {
    assertSameBits(before, frame.toArray(), name + " was written");
  }

  /** Nothing was written around the block. */
  void assertCanaries(String name) {
    double[] now = frame.toArray();
    for (int i = 1; i <= block.rows(); i++) {
      int at = i * frame.cols() + 1;
      Arrays.fill(now, at, at + block.cols(), 0);
    }
    double[] expected = before.clone();
    for (int i = 1; i <= block.rows(); i++) {
      int at = i * frame.cols() + 1;
      Arrays.fill(expected, at, at + block.cols(), 0);
    }
    assertSameBits(expected, now, "memory around " + name + " was written");
  }

  private static void assertSameBits(double[] expected, double[] actual, String message) {
    for (int i = 0; i < expected.length; i++) {
      int at = i;
      assertEquals(
          Double.doubleToLongBits(expected[i]),
          Double.doubleToLongBits(actual[i]),
          () -> message + ", at element " + at + " of its frame");
    }
  }
}
