package dev.natgrad.kernel.f32;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f32.Lanes.ORDER;
import static dev.natgrad.kernel.f32.Lanes.S;
import static dev.natgrad.kernel.f32.Lanes.VL;
import static dev.natgrad.kernel.f32.Numbers.BIAS;
import static dev.natgrad.kernel.f32.Numbers.INFINITY_BITS;
import static dev.natgrad.kernel.f32.Numbers.LN2_HI;
import static dev.natgrad.kernel.f32.Numbers.LN2_LO;
import static dev.natgrad.kernel.f32.Numbers.LOG2E;
import static dev.natgrad.kernel.f32.Numbers.MANTISSA;
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
import static dev.natgrad.kernel.f32.Numbers.SILU_LIMIT_BITS;
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
 * The sigmoid linear unit x·logistic x, on whole vectors.
 *
 * <p>The last factor of exp comes last of all, so that small results round once.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. Clamps are minima of bits: those of floats have rules for NaN that cost six
 * instructions. n is a multiple of VL in every method; addresses are checked by the caller.
 */
final class Silu {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Silu() {}

  /** y ← x/(1 + exp(−x)) = x·c/(1 + e), as {@link Exponentials#logistic}; y may be x. */
  static void silu(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector w = abs.min(SILU_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsFloats();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
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
      FloatVector el = m.lanewise(FMA, low, low);
      FloatVector den = el.mul(high).add(1);
      IntVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      FloatVector last =
          high.reinterpretAsInts()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsFloats();
      IntVector numBits = v.reinterpretAsInts();
      FloatVector num =
          w.mul(el)
              .reinterpretAsInts()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsFloats();
      num.div(den)
          .mul(last)
          .reinterpretAsInts()
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** u ← u·(σ + xσ(1 − σ)), σ = logistic x: the derivative of silu at x. */
  static void siluDerivative(int n, long x, long u) {
    long from = x & RANGE;
    long to = u & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector w = abs.min(SILU_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsFloats();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
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
      FloatVector el = m.lanewise(FMA, low, low);
      FloatVector e = el.mul(high);
      FloatVector den = e.add(1);
      IntVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      FloatVector last =
          high.reinterpretAsInts()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsFloats();
      // (1 + e + |x|e)/(1 + e)² where x ≥ 0, else e(1 + e − |x|)/(1 + e)².
      FloatVector above = den.sub(w.mul(e));
      FloatVector below = el.mul(den.add(w));
      IntVector numBits = above.reinterpretAsInts();
      FloatVector num =
          below
              .reinterpretAsInts()
              .lanewise(XOR, numBits)
              .and(negative)
              .lanewise(XOR, numBits)
              .reinterpretAsFloats();
      FloatVector d = num.div(den.mul(den)).mul(last);
      FloatVector g = FloatVector.fromMemorySegment(S, ALL, to + at, ORDER);
      g.mul(d.reinterpretAsInts().lanewise(OR, nan).reinterpretAsFloats())
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
