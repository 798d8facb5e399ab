package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static dev.natgrad.kernel.f64.Numbers.BIAS;
import static dev.natgrad.kernel.f64.Numbers.EXPM1_LIMIT_BITS;
import static dev.natgrad.kernel.f64.Numbers.EXP_LIMIT_BITS;
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
import static dev.natgrad.kernel.f64.Numbers.TANH_LIMIT_BITS;
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
 * The exponential and what is made of it, on whole vectors.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. No masks: those of two doubles, at 128 bits, C2 boxes on x86; nor min and max
 * of doubles, whose rules for NaN cost six instructions. n is a multiple of VL in every method;
 * addresses are checked by the caller.
 */
final class Exponentials {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Exponentials() {}

  /** y ← exp x; y may be x. */
  static void exp(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector w = abs.min(EXP_LIMIT_BITS).lanewise(OR, bits.and(SIGN)).reinterpretAsDoubles();
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
      // In two steps, as 2ᵏ by itself can be out of range: subnormal results round once.
      LongVector j = t.reinterpretAsLongs().add(2 * BIAS - ROUND_BITS);
      LongVector half = j.lanewise(LSHR, 1);
      DoubleVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      m.lanewise(FMA, low, low)
          .mul(high)
          .reinterpretAsLongs()
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← exp x − 1; y may be x. */
  static void expm1(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      LongVector sign = bits.and(SIGN);
      DoubleVector w = abs.min(EXP_LIMIT_BITS).lanewise(OR, sign).reinterpretAsDoubles();
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector top = k.lanewise(FMA, -LN2_HI, w);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, top);
      DoubleVector rest = k.lanewise(FMA, -LN2_LO, top.sub(r));
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
      DoubleVector m = r2.lanewise(FMA, q, rest);
      // 2ᵏ(r + m) + (2ᵏ − 1); 2ᵏ in two parts where it overflows, 0 where it vanishes beside 1.
      LongVector j = t.reinterpretAsLongs().add(BIAS - ROUND_BITS);
      LongVector most = j.min(2 * BIAS);
      DoubleVector power = most.max(0).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector more = j.sub(most).add(BIAS).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector d = power.lanewise(FMA, m, power.lanewise(FMA, r, power.sub(1)));
      d.mul(more)
          .reinterpretAsLongs()
          .lanewise(OR, sign)
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← 1/(1 + exp(−x)) = c/(1 + e), e = exp(−|x|), c = 1 where x ≥ 0, else e; y may be x. */
  static void logistic(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector w = abs.min(EXP_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsDoubles();
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
      DoubleVector e = m.lanewise(FMA, low, low).mul(high);
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      DoubleVector c =
          e.reinterpretAsLongs()
              .lanewise(XOR, ONE_BITS)
              .and(negative)
              .lanewise(XOR, ONE_BITS)
              .reinterpretAsDoubles();
      c.div(e.add(1))
          .reinterpretAsLongs()
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← tanh x = (1 − e)/(1 + e), e = exp(−2|x|), with the sign of x; y may be x. */
  static void tanh(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector w = abs.min(TANH_LIMIT_BITS).reinterpretAsDoubles().mul(-2);
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
      LongVector j = t.reinterpretAsLongs().add(BIAS - ROUND_BITS);
      DoubleVector power = j.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector minus = power.neg();
      DoubleVector c = minus.add(1);
      DoubleVector num = minus.lanewise(FMA, m, c);
      DoubleVector numLow = minus.lanewise(FMA, m, c.sub(num));
      DoubleVector den = num.neg().add(2);
      DoubleVector denLow = den.neg().add(2).sub(num).sub(numLow);
      // One Newton step with what the roundings of both lost.
      DoubleVector inverse = DoubleVector.broadcast(S, 1).div(den);
      DoubleVector z = num.mul(inverse);
      DoubleVector rest = z.neg().lanewise(FMA, den, num).add(numLow);
      rest = z.neg().lanewise(FMA, denLow, rest);
      z = rest.lanewise(FMA, inverse, z);
      LongVector sign = bits.and(SIGN);
      z.reinterpretAsLongs()
          .lanewise(OR, sign)
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** u ← u·(1 − exp(−y)), the derivative of y = softplus x; y ≥ 0. */
  static void softplusDerivative(int n, long y, long u) {
    long from = y & RANGE;
    long to = u & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector abs = bits.and(~SIGN);
      LongVector nan = abs.broadcast(INFINITY_BITS).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      DoubleVector w = abs.min(EXPM1_LIMIT_BITS).lanewise(OR, SIGN).reinterpretAsDoubles();
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
      LongVector j = t.reinterpretAsLongs().add(BIAS - ROUND_BITS);
      DoubleVector power = j.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector minus = power.neg();
      DoubleVector d = minus.lanewise(FMA, m, minus.add(1));
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, to + at, ORDER);
      g.mul(d.reinterpretAsLongs().lanewise(OR, nan).reinterpretAsDoubles())
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
