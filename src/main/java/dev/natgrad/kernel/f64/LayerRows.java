package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;

/**
 * Layer normalisation of the rows of m×n matrices and its derivatives. Sums and dot products of a
 * row have the lanes of {@link Level1}; body and tail of the rest do the same IEEE operations in
 * the same order. {@code scratch} is that of {@link Level1}.
 */
public final class LayerRows {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private LayerRows() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  private static long row(long a, int lda, int i) {
    return a + (long) i * lda * Double.BYTES;
  }

  /** Each row h ← r(x − mean x), r = 1/√(mean (x − mean x)² + ε). */
  public static void normalize(
      int m, int n, double epsilon, long x, int ldx, long h, int ldh, long r, long scratch) {
    for (int i = 0; i < m; i++) {
      long xi = row(x, ldx, i);
      long hi = row(h, ldh, i);
      subtract(n, Level1.sum(n, xi, scratch) / n, xi, hi);
      double scale = 1 / Numbers.sqrt(Level1.dot(n, hi, hi, scratch) / n + epsilon);
      Level1.scal(n, scale, hi);
      set(r, i, scale);
    }
  }

  private static void subtract(int n, double mean, long x, long y) {
    int whole = S.loopBound(n);
    DoubleVector vm = DoubleVector.broadcast(S, mean);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER)
          .sub(vm)
          .intoMemorySegment(ALL, y + at, ORDER);
    }
    for (int i = whole; i < n; i++) {
      set(y, i, get(x, i) - mean);
    }
  }

  /** Each row y ← h∘g + b. */
  public static void affine(int m, int n, long h, int ldh, long g, long b, long y, int ldy) {
    int whole = S.loopBound(n);
    for (int row = 0; row < m; row++) {
      long hi = row(h, ldh, row);
      long yi = row(y, ldy, row);
      for (int i = 0; i < whole; i += VL) {
        long at = (long) i * Double.BYTES;
        DoubleVector.fromMemorySegment(S, ALL, hi + at, ORDER)
            .fma(
                DoubleVector.fromMemorySegment(S, ALL, g + at, ORDER),
                DoubleVector.fromMemorySegment(S, ALL, b + at, ORDER))
            .intoMemorySegment(ALL, yi + at, ORDER);
      }
      for (int i = whole; i < n; i++) {
        set(yi, i, Math.fma(get(hi, i), get(g, i), get(b, i)));
      }
    }
  }

  /** Each row y ← g∘(r(t − mean t − h·mean (h∘t))) + h∘dg + db; Y may be T. */
  public static void tangent(
      int m,
      int n,
      long h,
      int ldh,
      long r,
      long g,
      long dg,
      long db,
      long t,
      int ldt,
      long y,
      int ldy,
      long scratch) {
    int whole = S.loopBound(n);
    for (int row = 0; row < m; row++) {
      long hi = row(h, ldh, row);
      long ti = row(t, ldt, row);
      long yi = row(y, ldy, row);
      double mean = Level1.sum(n, ti, scratch) / n;
      double along = -(Level1.dot(n, hi, ti, scratch) / n);
      double scale = get(r, row);
      DoubleVector means = DoubleVector.broadcast(S, mean);
      DoubleVector alongs = DoubleVector.broadcast(S, along);
      DoubleVector scales = DoubleVector.broadcast(S, scale);
      for (int i = 0; i < whole; i += VL) {
        long at = (long) i * Double.BYTES;
        DoubleVector hv = DoubleVector.fromMemorySegment(S, ALL, hi + at, ORDER);
        DoubleVector inner =
            hv.fma(alongs, DoubleVector.fromMemorySegment(S, ALL, ti + at, ORDER).sub(means))
                .mul(scales);
        inner
            .fma(
                DoubleVector.fromMemorySegment(S, ALL, g + at, ORDER),
                hv.fma(
                    DoubleVector.fromMemorySegment(S, ALL, dg + at, ORDER),
                    DoubleVector.fromMemorySegment(S, ALL, db + at, ORDER)))
            .intoMemorySegment(ALL, yi + at, ORDER);
      }
      for (int i = whole; i < n; i++) {
        double v = get(hi, i);
        double inner = Math.fma(v, along, get(ti, i) - mean) * scale;
        set(yi, i, Math.fma(inner, get(g, i), Math.fma(v, get(dg, i), get(db, i))));
      }
    }
  }

  /** Each row y ← r(w − mean w − h·mean (h∘w)), w = g∘d; Y may be D. */
  public static void cotangent(
      int m,
      int n,
      long h,
      int ldh,
      long r,
      long g,
      long d,
      int ldd,
      long y,
      int ldy,
      long scratch) {
    int whole = S.loopBound(n);
    for (int row = 0; row < m; row++) {
      long hi = row(h, ldh, row);
      long di = row(d, ldd, row);
      long yi = row(y, ldy, row);
      FamilyProducts.product(n, 1, g, di, yi);
      double mean = Level1.sum(n, yi, scratch) / n;
      double along = -(Level1.dot(n, hi, yi, scratch) / n);
      double scale = get(r, row);
      DoubleVector means = DoubleVector.broadcast(S, mean);
      DoubleVector alongs = DoubleVector.broadcast(S, along);
      DoubleVector scales = DoubleVector.broadcast(S, scale);
      for (int i = 0; i < whole; i += VL) {
        long at = (long) i * Double.BYTES;
        DoubleVector.fromMemorySegment(S, ALL, hi + at, ORDER)
            .fma(alongs, DoubleVector.fromMemorySegment(S, ALL, yi + at, ORDER).sub(means))
            .mul(scales)
            .intoMemorySegment(ALL, yi + at, ORDER);
      }
      for (int i = whole; i < n; i++) {
        set(yi, i, Math.fma(get(hi, i), along, get(yi, i) - mean) * scale);
      }
    }
  }

  /** y ← Σ of the rows of H∘D + βy, row after row; β = 0 does not read y. */
  public static void columnDots(
      int m, int n, long h, int ldh, long d, int ldd, double beta, long y) {
    if (beta == 0) {
      Level1.fill(n, 0, y);
    } else {
      Level1.scal(n, beta, y);
    }
    int whole = S.loopBound(n);
    for (int row = 0; row < m; row++) {
      long hi = row(h, ldh, row);
      long di = row(d, ldd, row);
      for (int i = 0; i < whole; i += VL) {
        long at = (long) i * Double.BYTES;
        DoubleVector.fromMemorySegment(S, ALL, hi + at, ORDER)
            .fma(
                DoubleVector.fromMemorySegment(S, ALL, di + at, ORDER),
                DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER))
            .intoMemorySegment(ALL, y + at, ORDER);
      }
      for (int i = whole; i < n; i++) {
        set(y, i, Math.fma(get(hi, i), get(di, i), get(y, i)));
      }
    }
  }

  /** A ← A + αX, m×n. */
  public static void add(int m, int n, double alpha, long x, int ldx, long a, int lda) {
    for (int i = 0; i < m; i++) {
      Level1.axpy(n, alpha, row(x, ldx, i), row(a, lda, i));
    }
  }
}
