package dev.natgrad.kernel.f32;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f32.Lanes.ORDER;
import static dev.natgrad.kernel.f32.Lanes.S;
import static dev.natgrad.kernel.f32.Lanes.VL;
import static dev.natgrad.kernel.f32.Numbers.BIAS;
import static dev.natgrad.kernel.f32.Numbers.GELU_LIMIT_BITS;
import static dev.natgrad.kernel.f32.Numbers.HALF;
import static dev.natgrad.kernel.f32.Numbers.INFINITY_BITS;
import static dev.natgrad.kernel.f32.Numbers.INV_SQRT_2PI;
import static dev.natgrad.kernel.f32.Numbers.LN2_HI;
import static dev.natgrad.kernel.f32.Numbers.LN2_LO;
import static dev.natgrad.kernel.f32.Numbers.LOG2E;
import static dev.natgrad.kernel.f32.Numbers.M0;
import static dev.natgrad.kernel.f32.Numbers.M0_LOW;
import static dev.natgrad.kernel.f32.Numbers.M1;
import static dev.natgrad.kernel.f32.Numbers.M10;
import static dev.natgrad.kernel.f32.Numbers.M2;
import static dev.natgrad.kernel.f32.Numbers.M3;
import static dev.natgrad.kernel.f32.Numbers.M4;
import static dev.natgrad.kernel.f32.Numbers.M5;
import static dev.natgrad.kernel.f32.Numbers.M6;
import static dev.natgrad.kernel.f32.Numbers.M7;
import static dev.natgrad.kernel.f32.Numbers.M8;
import static dev.natgrad.kernel.f32.Numbers.M9;
import static dev.natgrad.kernel.f32.Numbers.MANTISSA;
import static dev.natgrad.kernel.f32.Numbers.MILLS_CENTRE;
import static dev.natgrad.kernel.f32.Numbers.MILLS_SLOPE;
import static dev.natgrad.kernel.f32.Numbers.ONE_BITS;
import static dev.natgrad.kernel.f32.Numbers.Q0;
import static dev.natgrad.kernel.f32.Numbers.Q1;
import static dev.natgrad.kernel.f32.Numbers.Q2;
import static dev.natgrad.kernel.f32.Numbers.Q3;
import static dev.natgrad.kernel.f32.Numbers.Q4;
import static dev.natgrad.kernel.f32.Numbers.ROUND;
import static dev.natgrad.kernel.f32.Numbers.ROUND_BITS;
import static dev.natgrad.kernel.f32.Numbers.SIGN;
import static dev.natgrad.kernel.f32.Numbers.SIGN_SHIFT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

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
 * inlined is boxed. Clamps are minima of bits: those of floats have rules for NaN that cost six
 * instructions. n is a multiple of VL in every method; addresses are checked by the caller.
 */
final class Gelu {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Gelu() {}

  /** y ← xΦ(x); y may be x. */
  static void gelu(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector a = abs.min(GELU_LIMIT_BITS).reinterpretAsFloats();
      FloatVector square = a.mul(a);
      FloatVector squareLow = a.lanewise(FMA, a, square.neg());
      FloatVector w = square.mul(-HALF);
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector reduced = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector r = squareLow.lanewise(FMA, -HALF, reduced);
      FloatVector r2 = r.mul(r);
      FloatVector even = r2.lanewise(FMA, Q4, Q2);
      even = even.lanewise(FMA, r2, Q0);
      FloatVector odd = r2.lanewise(FMA, Q3, Q1);
      FloatVector q = odd.lanewise(FMA, r, even);
      FloatVector m = r2.lanewise(FMA, q, r);
      IntVector j = t.reinterpretAsInts().add(2 * BIAS - ROUND_BITS);
      IntVector half = j.lanewise(LSHR, 1);
      FloatVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector c = a.sub(MILLS_CENTRE).div(a.add(MILLS_CENTRE));
      FloatVector c2 = c.mul(c);
      FloatVector evenP = c2.lanewise(FMA, M10, M8);
      evenP = evenP.lanewise(FMA, c2, M6);
      evenP = evenP.lanewise(FMA, c2, M4);
      evenP = evenP.lanewise(FMA, c2, M2);
      FloatVector oddP = c2.lanewise(FMA, M9, M7);
      oddP = oddP.lanewise(FMA, c2, M5);
      oddP = oddP.lanewise(FMA, c2, M3);
      oddP = oddP.lanewise(FMA, c2, M1);
      // M0 is by far the largest term: added last, with what its rounding lost.
      FloatVector p = c2.lanewise(FMA, evenP, oddP.lanewise(FMA, c, M0_LOW)).add(M0);
      FloatVector den = a.lanewise(FMA, MILLS_SLOPE, 1);
      IntVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      FloatVector last =
          high.reinterpretAsInts()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsFloats();
      FloatVector ratio = p.div(den).mul(low);
      FloatVector part = ratio.lanewise(FMA, m, ratio);
      FloatVector below = part.mul(a).neg();
      FloatVector above = v.mul(part.mul(high).neg().add(1));
      IntVector numBits = above.reinterpretAsInts();
      FloatVector num =
          below
              .reinterpretAsInts()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsFloats();
      num.mul(last)
          .reinterpretAsInts()
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** u ← u·(Φ(x) + xφ(x)), the derivative of gelu at x. */
  static void geluDerivative(int n, long x, long u) {
    long from = x & RANGE;
    long to = u & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector a = abs.min(GELU_LIMIT_BITS).reinterpretAsFloats();
      FloatVector square = a.mul(a);
      FloatVector squareLow = a.lanewise(FMA, a, square.neg());
      FloatVector w = square.mul(-HALF);
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector reduced = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector r = squareLow.lanewise(FMA, -HALF, reduced);
      FloatVector r2 = r.mul(r);
      FloatVector even = r2.lanewise(FMA, Q4, Q2);
      even = even.lanewise(FMA, r2, Q0);
      FloatVector odd = r2.lanewise(FMA, Q3, Q1);
      FloatVector q = odd.lanewise(FMA, r, even);
      FloatVector m = r2.lanewise(FMA, q, r);
      IntVector j = t.reinterpretAsInts().add(2 * BIAS - ROUND_BITS);
      IntVector half = j.lanewise(LSHR, 1);
      FloatVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector c = a.sub(MILLS_CENTRE).div(a.add(MILLS_CENTRE));
      FloatVector c2 = c.mul(c);
      FloatVector evenP = c2.lanewise(FMA, M10, M8);
      evenP = evenP.lanewise(FMA, c2, M6);
      evenP = evenP.lanewise(FMA, c2, M4);
      evenP = evenP.lanewise(FMA, c2, M2);
      FloatVector oddP = c2.lanewise(FMA, M9, M7);
      oddP = oddP.lanewise(FMA, c2, M5);
      oddP = oddP.lanewise(FMA, c2, M3);
      oddP = oddP.lanewise(FMA, c2, M1);
      // M0 is by far the largest term: added last, with what its rounding lost.
      FloatVector p = c2.lanewise(FMA, evenP, oddP.lanewise(FMA, c, M0_LOW)).add(M0);
      FloatVector den = a.lanewise(FMA, MILLS_SLOPE, 1);
      IntVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      FloatVector last =
          high.reinterpretAsInts()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsFloats();
      FloatVector ratio = a.lanewise(FMA, -INV_SQRT_2PI, p.div(den)).mul(low);
      FloatVector part = ratio.lanewise(FMA, m, ratio);
      FloatVector above = part.mul(high).neg().add(1);
      IntVector numBits = above.reinterpretAsInts();
      FloatVector num =
          part.reinterpretAsInts()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsFloats();
      FloatVector d = num.mul(last);
      FloatVector g = FloatVector.fromMemorySegment(S, ALL, to + at, ORDER);
      g.mul(d.reinterpretAsInts().lanewise(OR, nan).reinterpretAsFloats())
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
