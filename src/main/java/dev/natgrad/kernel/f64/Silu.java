package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static dev.natgrad.kernel.f64.Numbers.BIAS;
import static dev.natgrad.kernel.f64.Numbers.INFINITY_BITS;
import static dev.natgrad.kernel.f64.Numbers.LN2_HI;
import static dev.natgrad.kernel.f64.Numbers.LN2_LO;
import static dev.natgrad.kernel.f64.Numbers.LOG2E;
import static dev.natgrad.kernel.f64.Numbers.MANTISSA;
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
import static dev.natgrad.kernel.f64.Numbers.SILU_LIMIT_BITS;
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
 * The sigmoid linear unit x·logistic x, on whole vectors.
 *
 * <p>The last factor of exp comes last of all, so that small results round once.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. No masks: those of two doubles, at 128 bits, C2 boxes on x86; nor min and max
 * of doubles, whose rules for NaN cost six instructions. n is a multiple of VL in every method;
 * addresses are checked by the caller.
 */
final class Silu {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Silu() {}

  /** y ← x/(1 + exp(−x)) = x·c/(1 + e), as {@link Exponentials#logistic}; y may be x. */
  static void silu(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector w = abs.min(SILU_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsDoubles();
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
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
      DoubleVector el = m.lanewise(FMA, low, low);
      DoubleVector den = el.mul(high).add(1);
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      DoubleVector last =
          high.reinterpretAsLongs()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsDoubles();
      LongVector numBits = v.reinterpretAsLongs();
      DoubleVector num =
          w.mul(el)
              .reinterpretAsLongs()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsDoubles();
      num.div(den)
          .mul(last)
          .reinterpretAsLongs()
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** u ← u·(σ + xσ(1 − σ)), σ = logistic x: the derivative of silu at x. */
  static void siluDerivative(int n, long x, long u) {
    long from = x & RANGE;
    long to = u & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector w = abs.min(SILU_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsDoubles();
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
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
      DoubleVector el = m.lanewise(FMA, low, low);
      DoubleVector e = el.mul(high);
      DoubleVector den = e.add(1);
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      DoubleVector last =
          high.reinterpretAsLongs()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsDoubles();
      // (1 + e + |x|e)/(1 + e)² where x ≥ 0, else e(1 + e − |x|)/(1 + e)².
      DoubleVector above = den.sub(w.mul(e));
      DoubleVector below = el.mul(den.add(w));
      LongVector numBits = above.reinterpretAsLongs();
      DoubleVector num =
          below
              .reinterpretAsLongs()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsDoubles();
      DoubleVector d = num.div(den.mul(den)).mul(last);
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, to + at, ORDER);
      g.mul(d.reinterpretAsLongs().lanewise(OR, nan).reinterpretAsDoubles())
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
