package dev.natgrad.kernel.f64;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/** The product with a diagonal matrix; d, x and y are addresses, checked by the caller. */
public final class DiagonalProduct {
  private static final MemorySegment ALL = AddressSpace.ALL;
  private static final VectorSpecies<Double> S = VectorSpecies.of(double.class, VectorWidth.SHAPE);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private DiagonalProduct() {}

  private static double get(long x, int i) {
    return ALL.get(JAVA_DOUBLE, x + (long) i * Double.BYTES);
  }

  /** y ← α·d∘x + βy; β = 0 does not read y. */
  public static void apply(int n, double alpha, long d, long x, double beta, long y) {
    boolean overwrite = beta == 0;
    int bound = S.loopBound(n);
    DoubleVector va = DoubleVector.broadcast(S, alpha);
    DoubleVector vb = DoubleVector.broadcast(S, beta);
    int i = 0;
    for (; i < bound; i += S.length()) {
      long at = (long) i * Double.BYTES;
      DoubleVector product =
          DoubleVector.fromMemorySegment(S, ALL, d + at, ORDER)
              .mul(DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER))
              .mul(va);
      DoubleVector result =
          overwrite
              ? product
              : DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER).fma(vb, product);
      result.intoMemorySegment(ALL, y + at, ORDER);
    }
    for (; i < n; i++) {
      double product = get(d, i) * get(x, i) * alpha;
      double result = overwrite ? product : Math.fma(get(y, i), beta, product);
      ALL.set(JAVA_DOUBLE, y + (long) i * Double.BYTES, result);
    }
  }
}
