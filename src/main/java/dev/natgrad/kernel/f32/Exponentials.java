package dev.natgrad.kernel.f32;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f32.Lanes.ORDER;
import static dev.natgrad.kernel.f32.Lanes.S;
import static dev.natgrad.kernel.f32.Lanes.VL;
import static dev.natgrad.kernel.f32.Numbers.BIAS;
import static dev.natgrad.kernel.f32.Numbers.EXPM1_LIMIT_BITS;
import static dev.natgrad.kernel.f32.Numbers.EXP_LIMIT_BITS;
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
import static dev.natgrad.kernel.f32.Numbers.TANH_LIMIT_BITS;
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
 * The exponential and what is made of it, on whole vectors.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. Clamps are minima of bits: those of floats have rules for NaN that cost six
 * instructions. n is a multiple of VL in every method; addresses are checked by the caller.
 */
final class Exponentials {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Exponentials() {}

  /** y ← exp x; y may be x. */
  static void exp(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector w = abs.min(EXP_LIMIT_BITS).lanewise(OR, bits.and(SIGN)).reinterpretAsFloats();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector r2 = r.mul(r);
      FloatVector even = r2.lanewise(FMA, Q4, Q2);
      even = even.lanewise(FMA, r2, Q0);
      FloatVector odd = r2.lanewise(FMA, Q3, Q1);
      FloatVector q = odd.lanewise(FMA, r, even);
      FloatVector m = r2.lanewise(FMA, q, r);
      // In two steps, as 2ᵏ by itself can be out of range: subnormal results round once.
      IntVector j = t.reinterpretAsInts().add(2 * BIAS - ROUND_BITS);
      IntVector half = j.lanewise(LSHR, 1);
      FloatVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      m.lanewise(FMA, low, low)
          .mul(high)
          .reinterpretAsInts()
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← exp x − 1; y may be x. */
  static void expm1(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      IntVector sign = bits.and(SIGN);
      FloatVector w = abs.min(EXP_LIMIT_BITS).lanewise(OR, sign).reinterpretAsFloats();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector top = k.lanewise(FMA, -LN2_HI, w);
      FloatVector r = k.lanewise(FMA, -LN2_LO, top);
      FloatVector rest = k.lanewise(FMA, -LN2_LO, top.sub(r));
      FloatVector r2 = r.mul(r);
      FloatVector even = r2.lanewise(FMA, Q4, Q2);
      even = even.lanewise(FMA, r2, Q0);
      FloatVector odd = r2.lanewise(FMA, Q3, Q1);
      FloatVector q = odd.lanewise(FMA, r, even);
      FloatVector m = r2.lanewise(FMA, q, rest);
      // 2ᵏ(r + m) + (2ᵏ − 1); 2ᵏ in two parts where it overflows, 0 where it vanishes beside 1.
      IntVector j = t.reinterpretAsInts().add(BIAS - ROUND_BITS);
      IntVector most = j.min(2 * BIAS);
      FloatVector power = most.max(0).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector more = j.sub(most).add(BIAS).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector d = power.lanewise(FMA, m, power.lanewise(FMA, r, power.sub(1)));
      d.mul(more)
          .reinterpretAsInts()
          .lanewise(OR, sign)
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← 1/(1 + exp(−x)) = c/(1 + e), e = exp(−|x|), c = 1 where x ≥ 0, else e; y may be x. */
  static void logistic(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector w = abs.min(EXP_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsFloats();
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
      FloatVector e = m.lanewise(FMA, low, low).mul(high);
      IntVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      FloatVector c =
          e.reinterpretAsInts()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsFloats();
      c.div(e.add(1))
          .reinterpretAsInts()
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← tanh x = (1 − e)/(1 + e), e = exp(−2|x|), with the sign of x; y may be x. */
  static void tanh(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector w = abs.min(TANH_LIMIT_BITS).reinterpretAsFloats().mul(-2);
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector r2 = r.mul(r);
      FloatVector even = r2.lanewise(FMA, Q4, Q2);
      even = even.lanewise(FMA, r2, Q0);
      FloatVector odd = r2.lanewise(FMA, Q3, Q1);
      FloatVector q = odd.lanewise(FMA, r, even);
      FloatVector m = r2.lanewise(FMA, q, r);
      IntVector j = t.reinterpretAsInts().add(BIAS - ROUND_BITS);
      FloatVector power = j.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector minus = power.neg();
      FloatVector c = minus.add(1);
      FloatVector num = minus.lanewise(FMA, m, c);
      FloatVector numLow = minus.lanewise(FMA, m, c.sub(num));
      FloatVector den = num.neg().add(2);
      FloatVector denLow = den.neg().add(2).sub(num).sub(numLow);
      // One Newton step with what the roundings of both lost.
      FloatVector inverse = FloatVector.broadcast(S, 1).div(den);
      FloatVector z = num.mul(inverse);
      FloatVector rest = z.neg().lanewise(FMA, den, num).add(numLow);
      rest = z.neg().lanewise(FMA, denLow, rest);
      z = rest.lanewise(FMA, inverse, z);
      IntVector sign = bits.and(SIGN);
      z.reinterpretAsInts()
          .lanewise(OR, sign)
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** u ← u·(1 − exp(−y)), the derivative of y = softplus x; y ≥ 0. */
  static void softplusDerivative(int n, long y, long u) {
    long from = y & RANGE;
    long to = u & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector abs = bits.and(~SIGN);
      IntVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      FloatVector w = abs.min(EXPM1_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsFloats();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector r2 = r.mul(r);
      FloatVector even = r2.lanewise(FMA, Q4, Q2);
      even = even.lanewise(FMA, r2, Q0);
      FloatVector odd = r2.lanewise(FMA, Q3, Q1);
      FloatVector q = odd.lanewise(FMA, r, even);
      FloatVector m = r2.lanewise(FMA, q, r);
      IntVector j = t.reinterpretAsInts().add(BIAS - ROUND_BITS);
      FloatVector power = j.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector minus = power.neg();
      FloatVector d = minus.lanewise(FMA, m, minus.add(1));
      FloatVector g = FloatVector.fromMemorySegment(S, ALL, to + at, ORDER);
      g.mul(d.reinterpretAsInts().lanewise(OR, nan).reinterpretAsFloats())
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
