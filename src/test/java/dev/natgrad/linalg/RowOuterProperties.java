package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Outer products row by row: one rounding each, and nothing written beside G. */
@Tag("width")
class RowOuterProperties {
  private static final double UNTOUCHED = -7;

  @Property(tries = 400)
  void everyEntryIsOneProduct(
      @ForAll @IntRange(min = 1, max = 6) int m,
      @ForAll @IntRange(min = 1, max = 40) int p,
      @ForAll @IntRange(min = 1, max = 40) int q,
      @ForAll @IntRange(min = 0, max = 3) int gap,
      @ForAll Precision precision,
      @ForAll long seed) {
    try (Workspace workspace = Workspace.create()) {
      Random random = new Random(seed);
      Mat a = random(workspace, m, p, gap, precision, random);
      Mat d = random(workspace, m, q, gap, precision, random);
      Mat around = Mat.allocate(workspace, m + 1, p * q + 2, precision);
      for (int i = 0; i < around.rows(); i++) {
        for (int j = 0; j < around.cols(); j++) {
          around.set(i, j, UNTOUCHED);
        }
      }
      RowProducts.outer(a, d, around.block(0, 1, m, p * q));
      for (int i = 0; i < around.rows(); i++) {
        for (int j = 0; j < around.cols(); j++) {
          int at = j - 1;
          boolean inside = i < m && at >= 0 && at < p * q;
          double product = inside ? a.get(i, at / q) * d.get(i, at % q) : UNTOUCHED;
          double expected = precision == Precision.F32 ? (float) product : product;
          assertEquals(expected, around.get(i, j), i + ", " + j);
        }
      }
    }
  }

  /** Once a division by the number of columns of D. */
  @Example
  void noColumnsMakeNone() {
    try (Workspace workspace = Workspace.create()) {
      for (Precision precision : Precision.values()) {
        Mat a = Mat.allocate(workspace, 100, 3, precision);
        Mat none = Mat.allocate(workspace, 101, 40, precision).block(0, 0, 100, 0);
        RowProducts.outer(a, none, none);
        RowProducts.outer(none, a, none);
        RowProducts.outer(none, none, none);
      }
    }
  }

  /** The last columns of a matrix, what is before them no numbers. */
  private static Mat random(
      Workspace workspace, int m, int n, int gap, Precision precision, Random random) {
    Mat all = Mat.allocate(workspace, m, n + gap, precision);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n + gap; j++) {
        all.set(i, j, j < gap ? Double.NaN : random.nextGaussian());
      }
    }
    return all.block(0, gap, m, n);
  }
}
