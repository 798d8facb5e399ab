package dev.natgrad.kernel.f32;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;

/** Kernels on float data that compute or store in double; no f64 kernel has this shape. */
public final class MixedLevel1 {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private MixedLevel1() {}

  /** Returns xᵀy accumulated in double. */
  public static double dsdot(int n, long x, long y, long scratch) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      long at = (long) i * Float.BYTES;
      sum =
          Math.fma((double) ALL.get(JAVA_FLOAT, x + at), (double) ALL.get(JAVA_FLOAT, y + at), sum);
    }
    return sum;
  }

  /** y ← x, float to double. */
  public static void widen(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      ALL.set(
          JAVA_DOUBLE,
          y + (long) i * Double.BYTES,
          ALL.get(JAVA_FLOAT, x + (long) i * Float.BYTES));
    }
  }

  /** y ← x, double to float, rounded to nearest. */
  public static void narrow(int n, long x, long y) {
    for (int i = 0; i < n; i++) {
      ALL.set(
          JAVA_FLOAT,
          y + (long) i * Float.BYTES,
          (float) ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES));
    }
  }
}
