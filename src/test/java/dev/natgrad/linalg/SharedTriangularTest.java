package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** syrk and trsm on several threads: the bits of one thread, no garbage. */
@Tag("width")
class SharedTriangularTest {
  private static final int[] ORDERS = {225, 417};

  private static Mat random(Workspace w, int m, int n, Precision p, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Mat a = Mat.allocate(w, m, n, p);
    double[] values = new double[m * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() - 0.5;
    }
    a.copyFrom(values);
    return a;
  }

  /** What an operation makes of its output, on some threads; 0 for no parallelism. */
  private interface Operation {
    Mat run(Workspace w);
  }

  private static double[] on(int threads, Operation operation) {
    Workspace w = Workspace.create();
    if (threads == 0) {
      double[] result = operation.run(w).toArray();
      w.close();
      return result;
    }
    double[] result;
    try (Parallelism parallelism = Parallelism.of(threads)) {
      w.use(parallelism);
      result = operation.run(w).toArray();
    }
    w.close();
    return result;
  }

  private static void assertSameBits(String what, Operation operation) {
    double[] alone = on(0, operation);
    for (int threads : new int[] {2, 5}) {
      assertArrayEquals(alone, on(threads, operation), () -> what + " on " + threads + " threads");
    }
  }

  @ParameterizedTest
  @EnumSource
  void syrkHasTheSameBits(Precision p) {
    for (int n : ORDERS) {
      for (Triangle triangle : Triangle.values()) {
        for (Transpose op : Transpose.values()) {
          boolean transposed = op == Transpose.YES;
          int k = n == 225 ? 600 : 70;
          assertSameBits(
              "syrk " + triangle + op + n,
              w -> {
                Mat a = transposed ? random(w, k, n, p, 1) : random(w, n, k, p, 1);
                Mat c = random(w, n, n, p, 2);
                Blas.syrk(triangle, op, 0.7, a, 0.3, c);
                return c;
              });
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void trsmHasTheSameBits(Precision p) {
    for (int order : new int[] {33, 129}) {
      for (Side side : Side.values()) {
        for (Triangle triangle : Triangle.values()) {
          for (Transpose op : Transpose.values()) {
            assertSameBits(
                "trsm " + side + triangle + op + order,
                w -> {
                  Mat t = random(w, order, order, p, 3);
                  for (int i = 0; i < order; i++) {
                    t.set(i, i, order);
                  }
                  int other = order == 33 ? 2017 : 481;
                  Mat b =
                      side == Side.LEFT
                          ? random(w, order, other, p, 4)
                          : random(w, other, order, p, 4);
                  Blas.trsm(side, triangle, op, 0.7, t, b);
                  return b;
                });
          }
        }
      }
    }
  }

  @Test
  void nothingIsAllocated() {
    Workspace w = Workspace.create();
    try (Parallelism threads = Parallelism.of(2)) {
      w.use(threads);
      Mat a = random(w, 256, 64, Precision.F32, 1);
      Mat c = random(w, 256, 256, Precision.F32, 2);
      Mat t = random(w, 64, 64, Precision.F32, 3);
      for (int i = 0; i < 64; i++) {
        t.set(i, i, 64);
      }
      Allocation.assertNone(
          "syrk and trsm on two threads",
          () -> {
            Blas.syrk(Triangle.LOWER, Transpose.NO, 1, a, 0, c);
            Blas.trsm(Side.RIGHT, Triangle.LOWER, Transpose.NO, 1, t, a);
          });
    }
    w.close();
  }
}
