package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What may be the same matrix may be another view of its memory. */
class SameMemoryTest {
  private static Mat filled(Workspace w, Precision precision) {
    Mat a = Mat.allocate(w, 3, 4, precision);
    for (int i = 0; i < 12; i++) {
      a.set(i / 4, i % 4, 0.25 * i - 1);
    }
    return a;
  }

  @ParameterizedTest
  @EnumSource
  void activationsWorkInPlace(Precision precision) {
    try (Workspace w = Workspace.create()) {
      for (Activation activation : Activation.values()) {
        Mat expected = Mat.allocate(w, 3, 4, precision);
        activation.apply(filled(w, precision), expected);
        Mat a = filled(w, precision);
        activation.apply(a, a.block(0, 0, 3, 4));
        assertArrayEquals(expected.toArray(), a.toArray(), activation.label());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void soDoEpilogues(Precision precision) {
    try (Workspace w = Workspace.create()) {
      Mat left = Mat.allocate(w, 3, 3, precision);
      left.copyFrom(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
      Mat right = filled(w, precision);
      for (Epilogue epilogue : Epilogue.values()) {
        Mat c = Mat.allocate(w, 3, 4, precision);
        if (epilogue.isDerivative()) {
          Mat view = c.block(0, 0, 3, 4);
          assertThrows(
              IllegalArgumentException.class, () -> multiply(left, right, c, epilogue, view));
          continue;
        }
        Mat expected = Mat.allocate(w, 3, 4, precision);
        multiply(left, right, expected, epilogue, expected);
        multiply(left, right, c, epilogue, c.block(0, 0, 3, 4));
        assertArrayEquals(expected.toArray(), c.toArray(), epilogue.name());
        Mat top = c.top(2);
        assertThrows(IllegalArgumentException.class, () -> multiply(left, right, c, epilogue, top));
      }
    }
  }

  private static void multiply(Mat a, Mat b, Mat c, Epilogue epilogue, Mat y) {
    Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 0, c, epilogue, null, y);
  }
}
