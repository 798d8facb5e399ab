package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.function.DoubleSupplier;

/** Triangular operands whose other triangle is NaN, so that reading it shows. */
final class Triangles {
  private Triangles() {}

  static Guarded of(
      Workspace w, int n, int slack, Precision p, Triangle triangle, DoubleSupplier data) {
    int[] at = {0};
    return Guarded.mat(
        w,
        n,
        n,
        slack,
        p,
        () -> {
          int i = at[0] / n;
          int j = at[0] % n;
          at[0]++;
          boolean inside = triangle == Triangle.LOWER ? i >= j : i <= j;
          return inside ? data.getAsDouble() : Double.NaN;
        });
  }

  /** Makes the solution of a system grow slowly: a diagonal above the sum of its row. */
  static void dominate(Guarded t, int n, Precision p) {
    for (int i = 0; i < n; i++) {
      t.mat().set(i, i, (n + 1) * (t.now(i, i) < 0 ? -1.0 : 1.0));
    }
  }
}
