package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static dev.natgrad.kernel.f64.Numbers.BIAS;
import static dev.natgrad.kernel.f64.Numbers.GELU_LIMIT_BITS;
import static dev.natgrad.kernel.f64.Numbers.HALF;
import static dev.natgrad.kernel.f64.Numbers.INFINITY_BITS;
import static dev.natgrad.kernel.f64.Numbers.INV_SQRT_2PI;
import static dev.natgrad.kernel.f64.Numbers.LN2_HI;
import static dev.natgrad.kernel.f64.Numbers.LN2_LO;
import static dev.natgrad.kernel.f64.Numbers.LOG2E;
import static dev.natgrad.kernel.f64.Numbers.M0;
import static dev.natgrad.kernel.f64.Numbers.M0_LOW;
import static dev.natgrad.kernel.f64.Numbers.M1;
import static dev.natgrad.kernel.f64.Numbers.M10;
import static dev.natgrad.kernel.f64.Numbers.M11;
import static dev.natgrad.kernel.f64.Numbers.M12;
import static dev.natgrad.kernel.f64.Numbers.M13;
import static dev.natgrad.kernel.f64.Numbers.M14;
import static dev.natgrad.kernel.f64.Numbers.M15;
import static dev.natgrad.kernel.f64.Numbers.M16;
import static dev.natgrad.kernel.f64.Numbers.M17;
import static dev.natgrad.kernel.f64.Numbers.M18;
import static dev.natgrad.kernel.f64.Numbers.M19;
import static dev.natgrad.kernel.f64.Numbers.M2;
import static dev.natgrad.kernel.f64.Numbers.M20;
import static dev.natgrad.kernel.f64.Numbers.M21;
import static dev.natgrad.kernel.f64.Numbers.M22;
import static dev.natgrad.kernel.f64.Numbers.M23;
import static dev.natgrad.kernel.f64.Numbers.M3;
import static dev.natgrad.kernel.f64.Numbers.M4;
import static dev.natgrad.kernel.f64.Numbers.M5;
import static dev.natgrad.kernel.f64.Numbers.M6;
import static dev.natgrad.kernel.f64.Numbers.M7;
import static dev.natgrad.kernel.f64.Numbers.M8;
import static dev.natgrad.kernel.f64.Numbers.M9;
import static dev.natgrad.kernel.f64.Numbers.MANTISSA;
import static dev.natgrad.kernel.f64.Numbers.MILLS_CENTRE;
import static dev.natgrad.kernel.f64.Numbers.MILLS_SLOPE;
import static dev.natgrad.kernel.f64.Numbers.ONE_BITS;
import static dev.natgrad.kernel.f64.Numbers.Q0;
import static dev.natgrad.kernel.f64.Numbers.Q1;
import static dev.natgrad.kernel.f64.Numbers.Q10;
import static dev.natgrad.kernel.f64.Numbers.Q2;
import static dev.natgrad.kernel.f64.Numbers.Q3;
import static dev.natgrad.kernel.f64.Numbers.Q4;
import static dev.natgrad.kernel.f64.Numbers.Q5;
import static dev.natgrad.kernel.f64.Numbers.Q6;
import static dev.natgrad.kernel.f64.Numbers.Q7;
import static dev.natgrad.kernel.f64.Numbers.Q8;
import static dev.natgrad.kernel.f64.Numbers.Q9;
import static dev.natgrad.kernel.f64.Numbers.ROUND;
import static dev.natgrad.kernel.f64.Numbers.ROUND_BITS;
import static dev.natgrad.kernel.f64.Numbers.SIGN;
import static dev.natgrad.kernel.f64.Numbers.SIGN_SHIFT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * The Gaussian error linear unit xΦ(x), Φ the normal distribution function, on whole vectors.
 *
 * <p>Φ(−a) = exp(−a²/2)·P(c)/(1 + {@link Numbers#MILLS_SLOPE}a) for a ≥ 0, c = (a − K)/(a + K), K =
 * {@link Numbers#MILLS_CENTRE}: P is nearly constant. The rounding of a² is taken into the
 * exponent. The last factor of exp comes last of all, so that small results round once
 * (docs/numerics.md).
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. No masks: those of two doubles, at 128 bits, C2 boxes on x86; nor min and max
 * of doubles, whose rules for NaN cost six instructions. n is a multiple of VL in every method;
 * addresses are checked by the caller.
 */
final class Gelu {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Gelu() {}

  /** y ← xΦ(x); y may be x. */
  static void gelu(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector a = abs.min(GELU_LIMIT_BITS).reinterpretAsDoubles();
      DoubleVector square = a.mul(a);
      DoubleVector squareLow = a.lanewise(FMA, a, square.neg());
      DoubleVector w = square.mul(-HALF);
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector reduced = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      DoubleVector r = squareLow.lanewise(FMA, -HALF, reduced);
      DoubleVector r2 = r.mul(r);
      DoubleVector even = r2.lanewise(FMA, Q10, Q8);
      even = even.lanewise(FMA, r2, Q6);
      even = even.lanewise(FMA, r2, Q4);
      even = even.lanewise(FMA, r2, Q2);
      even = even.lanewise(FMA, r2, Q0);
      DoubleVector odd = r2.lanewise(FMA, Q9, Q7);
      odd = odd.lanewise(FMA, r2, Q5);
      odd = odd.lanewise(FMA, r2, Q3);
      odd = odd.lanewise(FMA, r2, Q1);
      DoubleVector q = odd.lanewise(FMA, r, even);
      DoubleVector m = r2.lanewise(FMA, q, r);
      LongVector j = t.reinterpretAsLongs().add(2 * BIAS - ROUND_BITS);
      LongVector half = j.lanewise(LSHR, 1);
      DoubleVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector c = a.sub(MILLS_CENTRE).div(a.add(MILLS_CENTRE));
      DoubleVector c2 = c.mul(c);
      DoubleVector evenP = c2.lanewise(FMA, M22, M20);
      evenP = evenP.lanewise(FMA, c2, M18);
      evenP = evenP.lanewise(FMA, c2, M16);
      evenP = evenP.lanewise(FMA, c2, M14);
      evenP = evenP.lanewise(FMA, c2, M12);
      evenP = evenP.lanewise(FMA, c2, M10);
      evenP = evenP.lanewise(FMA, c2, M8);
      evenP = evenP.lanewise(FMA, c2, M6);
      evenP = evenP.lanewise(FMA, c2, M4);
      evenP = evenP.lanewise(FMA, c2, M2);
      DoubleVector oddP = c2.lanewise(FMA, M23, M21);
      oddP = oddP.lanewise(FMA, c2, M19);
      oddP = oddP.lanewise(FMA, c2, M17);
      oddP = oddP.lanewise(FMA, c2, M15);
      oddP = oddP.lanewise(FMA, c2, M13);
      oddP = oddP.lanewise(FMA, c2, M11);
      oddP = oddP.lanewise(FMA, c2, M9);
      oddP = oddP.lanewise(FMA, c2, M7);
      oddP = oddP.lanewise(FMA, c2, M5);
      oddP = oddP.lanewise(FMA, c2, M3);
      oddP = oddP.lanewise(FMA, c2, M1);
      // M0 is by far the largest term: added last, with what its rounding lost.
      DoubleVector p = c2.lanewise(FMA, evenP, oddP.lanewise(FMA, c, M0_LOW)).add(M0);
      DoubleVector den = a.lanewise(FMA, MILLS_SLOPE, 1);
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      DoubleVector last =
          high.reinterpretAsLongs()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsDoubles();
      DoubleVector ratio = p.div(den).mul(low);
      DoubleVector part = ratio.lanewise(FMA, m, ratio);
      DoubleVector below = part.mul(a).neg();
      DoubleVector above = v.mul(part.mul(high).neg().add(1));
      LongVector numBits = above.reinterpretAsLongs();
      DoubleVector num =
          below
              .reinterpretAsLongs()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsDoubles();
      num.mul(last)
          .reinterpretAsLongs()
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** u ← u·(Φ(x) + xφ(x)), the derivative of gelu at x. */
  static void geluDerivative(int n, long x, long u) {
    long from = x & RANGE;
    long to = u & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector a = abs.min(GELU_LIMIT_BITS).reinterpretAsDoubles();
      DoubleVector square = a.mul(a);
      DoubleVector squareLow = a.lanewise(FMA, a, square.neg());
      DoubleVector w = square.mul(-HALF);
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector reduced = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      DoubleVector r = squareLow.lanewise(FMA, -HALF, reduced);
      DoubleVector r2 = r.mul(r);
      DoubleVector even = r2.lanewise(FMA, Q10, Q8);
      even = even.lanewise(FMA, r2, Q6);
      even = even.lanewise(FMA, r2, Q4);
      even = even.lanewise(FMA, r2, Q2);
      even = even.lanewise(FMA, r2, Q0);
      DoubleVector odd = r2.lanewise(FMA, Q9, Q7);
      odd = odd.lanewise(FMA, r2, Q5);
      odd = odd.lanewise(FMA, r2, Q3);
      odd = odd.lanewise(FMA, r2, Q1);
      DoubleVector q = odd.lanewise(FMA, r, even);
      DoubleVector m = r2.lanewise(FMA, q, r);
      LongVector j = t.reinterpretAsLongs().add(2 * BIAS - ROUND_BITS);
      LongVector half = j.lanewise(LSHR, 1);
      DoubleVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector c = a.sub(MILLS_CENTRE).div(a.add(MILLS_CENTRE));
      DoubleVector c2 = c.mul(c);
      DoubleVector evenP = c2.lanewise(FMA, M22, M20);
      evenP = evenP.lanewise(FMA, c2, M18);
      evenP = evenP.lanewise(FMA, c2, M16);
      evenP = evenP.lanewise(FMA, c2, M14);
      evenP = evenP.lanewise(FMA, c2, M12);
      evenP = evenP.lanewise(FMA, c2, M10);
      evenP = evenP.lanewise(FMA, c2, M8);
      evenP = evenP.lanewise(FMA, c2, M6);
      evenP = evenP.lanewise(FMA, c2, M4);
      evenP = evenP.lanewise(FMA, c2, M2);
      DoubleVector oddP = c2.lanewise(FMA, M23, M21);
      oddP = oddP.lanewise(FMA, c2, M19);
      oddP = oddP.lanewise(FMA, c2, M17);
      oddP = oddP.lanewise(FMA, c2, M15);
      oddP = oddP.lanewise(FMA, c2, M13);
      oddP = oddP.lanewise(FMA, c2, M11);
      oddP = oddP.lanewise(FMA, c2, M9);
      oddP = oddP.lanewise(FMA, c2, M7);
      oddP = oddP.lanewise(FMA, c2, M5);
      oddP = oddP.lanewise(FMA, c2, M3);
      oddP = oddP.lanewise(FMA, c2, M1);
      // M0 is by far the largest term: added last, with what its rounding lost.
      DoubleVector p = c2.lanewise(FMA, evenP, oddP.lanewise(FMA, c, M0_LOW)).add(M0);
      DoubleVector den = a.lanewise(FMA, MILLS_SLOPE, 1);
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      DoubleVector last =
          high.reinterpretAsLongs()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsDoubles();
      DoubleVector ratio = a.lanewise(FMA, -INV_SQRT_2PI, p.div(den)).mul(low);
      DoubleVector part = ratio.lanewise(FMA, m, ratio);
      DoubleVector above = part.mul(high).neg().add(1);
      LongVector numBits = above.reinterpretAsLongs();
      DoubleVector num =
          part.reinterpretAsLongs()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsDoubles();
      DoubleVector d = num.mul(last);
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, to + at, ORDER);
      g.mul(d.reinterpretAsLongs().lanewise(OR, nan).reinterpretAsDoubles())
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
