package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Shapes, strides, offsets and in-place calls change no bit and touch no other element. */
@Tag("width")
class MapsProperties {
  private static final double CANARY = -12345;

  /** An element alone is a tail; among others it is a lane. */
  @Property
  void everyElementHasTheBitsItHasAlone(
      @ForAll Precision precision,
      @ForAll MapFunction function,
      @ForAll @IntRange(max = 3) int rows,
      @ForAll @IntRange(max = 49) int cols,
      @ForAll @IntRange(max = 3) int gap,
      @ForAll @IntRange(max = 5) int offset,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      Mat x = random(workspace, rows, cols, 0, 0, precision, random);
      Mat frame = frame(workspace, rows, cols, gap, offset, precision);
      Mat y = frame.block(1, offset, rows, cols);
      function.map.accept(x, y);
      Mat one = Mat.allocate(workspace, 1, 1, precision);
      Mat alone = Mat.allocate(workspace, 1, 1, precision);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          one.set(0, 0, x.get(i, j));
          function.map.accept(one, alone);
          assertEquals(alone.get(0, 0), y.get(i, j), function + "(" + x.get(i, j) + ")");
        }
      }
      assertCanaries(frame, rows, cols, offset);
    }
  }

  @Property
  void inPlaceGivesTheSameBits(
      @ForAll Precision precision,
      @ForAll MapFunction function,
      @ForAll @IntRange(max = 3) int rows,
      @ForAll @IntRange(max = 49) int cols,
      @ForAll @IntRange(max = 3) int gap,
      @ForAll Random random) {
    Assume.that(function.inPlace());
    try (Workspace workspace = Workspace.create()) {
      Mat x = random(workspace, rows, cols, gap, 1, precision, random);
      Mat y = Mat.allocate(workspace, rows, cols, precision);
      function.map.accept(x, y);
      function.map.accept(x, x);
      assertEquals(java.util.Arrays.toString(y.toArray()), java.util.Arrays.toString(x.toArray()));
    }
  }

  @Property
  void productsAreTheScalarFormulas(
      @ForAll Precision precision,
      @ForAll @IntRange(max = 3) int rows,
      @ForAll @IntRange(max = 49) int cols,
      @ForAll @IntRange(max = 3) int gap,
      @ForAll @IntRange(max = 5) int offset,
      @ForAll Random random) {
    try (Workspace workspace = Workspace.create()) {
      Mat y = random(workspace, rows, cols, 1, 2, precision, random);
      Mat u = random(workspace, rows, cols, 0, 0, precision, random);
      for (int kind = 0; kind < 5; kind++) {
        Mat frame = frame(workspace, rows, cols, gap, offset, precision);
        Mat v = frame.block(1, offset, rows, cols);
        Blas.copy(u, v);
        switch (kind) {
          case 0 -> Maps.hadamard(y, v, v);
          case 1 -> Maps.tanhDerivative(y, v);
          case 2 -> Maps.logisticDerivative(y, v);
          case 3 -> Maps.reluDerivative(y, v);
          default -> Maps.relu(y, v);
        }
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < cols; j++) {
            double expected =
                precision == Precision.F64
                    ? product(kind, y.get(i, j), u.get(i, j))
                    : product(kind, (float) y.get(i, j), (float) u.get(i, j));
            assertEquals(expected, v.get(i, j), "kind " + kind);
          }
        }
        assertCanaries(frame, rows, cols, offset);
      }
    }
  }

  private static double product(int kind, double y, double u) {
    return switch (kind) {
      case 0 -> y * u;
      case 1 -> u * Math.fma(-y, y, 1);
      case 2 -> u * Math.fma(-y, y, y);
      case 3 -> y > 0 ? u : 0;
      default -> y > 0 ? y : 0;
    };
  }

  private static float product(int kind, float y, float u) {
    return switch (kind) {
      case 0 -> y * u;
      case 1 -> u * Math.fma(-y, y, 1);
      case 2 -> u * Math.fma(-y, y, y);
      case 3 -> y > 0 ? u : 0;
      default -> y > 0 ? y : 0;
    };
  }

  private static Mat frame(
      Workspace workspace, int rows, int cols, int gap, int offset, Precision precision) {
    Mat frame = Mat.allocate(workspace, rows + 2, cols + gap + offset, precision);
    for (int i = 0; i < frame.rows(); i++) {
      Blas.fill(CANARY, frame.row(i));
    }
    return frame;
  }

  private static void assertCanaries(Mat frame, int rows, int cols, int offset) {
    for (int i = 0; i < frame.rows(); i++) {
      for (int j = 0; j < frame.cols(); j++) {
        boolean inside = i >= 1 && i <= rows && j >= offset && j < offset + cols;
        if (!inside) {
          assertEquals(CANARY, frame.get(i, j), "canary at " + i + ", " + j);
        }
      }
    }
  }

  private static Mat random(
      Workspace workspace,
      int rows,
      int cols,
      int gap,
      int offset,
      Precision precision,
      Random random) {
    Mat x =
        Mat.allocate(workspace, rows, cols + gap + offset, precision).block(0, offset, rows, cols);
    double scale = Math.scalb(1.0, random.nextInt(16) - 6);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        x.set(i, j, scale * random.nextGaussian());
      }
    }
    return x;
  }
}
