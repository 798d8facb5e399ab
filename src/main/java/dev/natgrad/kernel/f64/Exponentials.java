package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static dev.natgrad.kernel.f64.Numbers.BIAS;
import static dev.natgrad.kernel.f64.Numbers.EXPM1_LARGE;
import static dev.natgrad.kernel.f64.Numbers.EXP_MAX;
import static dev.natgrad.kernel.f64.Numbers.EXP_MIN;
import static dev.natgrad.kernel.f64.Numbers.LN2_HI;
import static dev.natgrad.kernel.f64.Numbers.LN2_LO;
import static dev.natgrad.kernel.f64.Numbers.LOG2E;
import static dev.natgrad.kernel.f64.Numbers.MANTISSA;
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
import static dev.natgrad.kernel.f64.Numbers.TANH_LARGE;
import static jdk.incubator.vector.VectorOperators.AND;
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
 * inlined is boxed. No masks: those of two doubles, at 128 bits, C2 boxes on x86. n is a multiple
 * of VL in every method; addresses are checked by the caller.
 */
final class Exponentials {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Exponentials() {}

  /** y ← exp x; y may be x. */
  static void exp(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER);
      DoubleVector w = v.max(EXP_MIN).min(EXP_MAX);
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      DoubleVector q = r.lanewise(FMA, Q10, Q9);
      q = q.lanewise(FMA, r, Q8);
      q = q.lanewise(FMA, r, Q7);
      q = q.lanewise(FMA, r, Q6);
      q = q.lanewise(FMA, r, Q5);
      q = q.lanewise(FMA, r, Q4);
      q = q.lanewise(FMA, r, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      DoubleVector m = r.mul(r).lanewise(FMA, q, r);
      // In two steps, as 2ᵏ by itself can be out of range: subnormal results round once.
      LongVector j = t.reinterpretAsLongs().add(2 * BIAS - ROUND_BITS);
      LongVector half = j.lanewise(LSHR, 1);
      DoubleVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      m.add(1).mul(low).mul(high).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y ← 1/(1 + exp(−x)) = c/(1 + e), e = exp(−|x|), c = 1 where x ≥ 0, else e; y may be x. */
  static void logistic(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER);
      DoubleVector w = v.abs().neg().max(EXP_MIN);
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      DoubleVector q = r.lanewise(FMA, Q10, Q9);
      q = q.lanewise(FMA, r, Q8);
      q = q.lanewise(FMA, r, Q7);
      q = q.lanewise(FMA, r, Q6);
      q = q.lanewise(FMA, r, Q5);
      q = q.lanewise(FMA, r, Q4);
      q = q.lanewise(FMA, r, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      DoubleVector m = r.mul(r).lanewise(FMA, q, r);
      LongVector j = t.reinterpretAsLongs().add(2 * BIAS - ROUND_BITS);
      LongVector half = j.lanewise(LSHR, 1);
      DoubleVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector e = m.add(1).mul(low).mul(high);
      LongVector negative = v.reinterpretAsLongs().lanewise(ASHR, Double.SIZE - 1);
      LongVector one = DoubleVector.broadcast(S, 1).reinterpretAsLongs();
      DoubleVector c =
          e.reinterpretAsLongs()
              .lanewise(XOR, one)
              .and(negative)
              .lanewise(XOR, one)
              .reinterpretAsDoubles();
      c.div(e.add(1)).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y ← tanh x = (1 − e)/(1 + e), e = exp(−2|x|), with the sign of x; y may be x. */
  static void tanh(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, x + at, ORDER);
      DoubleVector a = v.abs();
      DoubleVector w = a.min(TANH_LARGE).mul(-2);
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      DoubleVector q = r.lanewise(FMA, Q10, Q9);
      q = q.lanewise(FMA, r, Q8);
      q = q.lanewise(FMA, r, Q7);
      q = q.lanewise(FMA, r, Q6);
      q = q.lanewise(FMA, r, Q5);
      q = q.lanewise(FMA, r, Q4);
      q = q.lanewise(FMA, r, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      DoubleVector m = r.mul(r).lanewise(FMA, q, r);
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
      LongVector sign = v.reinterpretAsLongs().lanewise(AND, SIGN);
      z.reinterpretAsLongs()
          .lanewise(OR, sign)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** u ← u·(1 − exp(−y)), the derivative of y = softplus x; y ≥ 0. */
  static void softplusDerivative(int n, long y, long u) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, y + at, ORDER);
      DoubleVector w = v.min(EXPM1_LARGE).neg();
      DoubleVector t = w.lanewise(FMA, LOG2E, ROUND);
      DoubleVector k = t.sub(ROUND);
      DoubleVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      DoubleVector q = r.lanewise(FMA, Q10, Q9);
      q = q.lanewise(FMA, r, Q8);
      q = q.lanewise(FMA, r, Q7);
      q = q.lanewise(FMA, r, Q6);
      q = q.lanewise(FMA, r, Q5);
      q = q.lanewise(FMA, r, Q4);
      q = q.lanewise(FMA, r, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      DoubleVector m = r.mul(r).lanewise(FMA, q, r);
      LongVector j = t.reinterpretAsLongs().add(BIAS - ROUND_BITS);
      DoubleVector power = j.lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector minus = power.neg();
      DoubleVector d = minus.lanewise(FMA, m, minus.add(1));
      DoubleVector g = DoubleVector.fromMemorySegment(S, ALL, u + at, ORDER);
      g.mul(d).intoMemorySegment(ALL, u + at, ORDER);
    }
  }
}
