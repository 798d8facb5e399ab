package dev.natgrad.kernel.f32;

import static dev.natgrad.kernel.f32.Lanes.ORDER;
import static dev.natgrad.kernel.f32.Lanes.S;
import static dev.natgrad.kernel.f32.Lanes.VL;
import static dev.natgrad.kernel.f32.Numbers.BIAS;
import static dev.natgrad.kernel.f32.Numbers.EXPM1_LARGE;
import static dev.natgrad.kernel.f32.Numbers.EXP_MAX;
import static dev.natgrad.kernel.f32.Numbers.EXP_MIN;
import static dev.natgrad.kernel.f32.Numbers.LN2_HI;
import static dev.natgrad.kernel.f32.Numbers.LN2_LO;
import static dev.natgrad.kernel.f32.Numbers.LOG2E;
import static dev.natgrad.kernel.f32.Numbers.MANTISSA;
import static dev.natgrad.kernel.f32.Numbers.Q0;
import static dev.natgrad.kernel.f32.Numbers.Q1;
import static dev.natgrad.kernel.f32.Numbers.Q2;
import static dev.natgrad.kernel.f32.Numbers.Q3;
import static dev.natgrad.kernel.f32.Numbers.Q4;
import static dev.natgrad.kernel.f32.Numbers.ROUND;
import static dev.natgrad.kernel.f32.Numbers.ROUND_BITS;
import static dev.natgrad.kernel.f32.Numbers.SIGN;
import static dev.natgrad.kernel.f32.Numbers.TANH_LARGE;
import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.OR;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The exponential and what is made of it, on whole vectors.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. n is a multiple of VL in every method; addresses are checked by the caller.
 */
final class Exponentials {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Exponentials() {}

  /** y ← exp x; y may be x. */
  static void exp(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, x + at, ORDER);
      FloatVector t = v.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, v));
      FloatVector q = r.lanewise(FMA, Q4, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      FloatVector m = r.mul(r).lanewise(FMA, q, r);
      // In two steps, as 2ᵏ by itself can be out of range: subnormal results round once.
      IntVector j = t.reinterpretAsInts().add(2 * BIAS - ROUND_BITS);
      IntVector half = j.lanewise(LSHR, 1);
      FloatVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      m.add(1)
          .mul(low)
          .mul(high)
          .blend(Float.POSITIVE_INFINITY, v.compare(GT, EXP_MAX))
          .blend(0, v.compare(LT, EXP_MIN))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y ← 1/(1 + exp(−x)) = c/(1 + e), e = exp(−|x|), c = 1 where x ≥ 0, else e; y may be x. */
  static void logistic(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, x + at, ORDER);
      FloatVector w = v.abs().neg();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector q = r.lanewise(FMA, Q4, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      FloatVector m = r.mul(r).lanewise(FMA, q, r);
      IntVector j = t.reinterpretAsInts().add(2 * BIAS - ROUND_BITS);
      IntVector half = j.lanewise(LSHR, 1);
      FloatVector low = half.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector high = j.sub(half).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector e = m.add(1).mul(low).mul(high).blend(0, w.compare(LT, EXP_MIN));
      e.blend(1, v.compare(GE, 0)).div(e.add(1)).intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y ← tanh x = (1 − e)/(1 + e), e = exp(−2|x|), with the sign of x; y may be x. */
  static void tanh(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, x + at, ORDER);
      FloatVector a = v.abs();
      FloatVector w = a.blend(TANH_LARGE, a.compare(GT, TANH_LARGE)).mul(-2);
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector q = r.lanewise(FMA, Q4, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      FloatVector m = r.mul(r).lanewise(FMA, q, r);
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
      IntVector sign = v.reinterpretAsInts().lanewise(AND, SIGN);
      z.reinterpretAsInts()
          .lanewise(OR, sign)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** u ← u·(1 − exp(−y)), the derivative of y = softplus x; y ≥ 0. */
  static void softplusDerivative(int n, long y, long u) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, y + at, ORDER);
      FloatVector w = v.blend(EXPM1_LARGE, v.compare(GT, EXPM1_LARGE)).neg();
      FloatVector t = w.lanewise(FMA, LOG2E, ROUND);
      FloatVector k = t.sub(ROUND);
      FloatVector r = k.lanewise(FMA, -LN2_LO, k.lanewise(FMA, -LN2_HI, w));
      FloatVector q = r.lanewise(FMA, Q4, Q3);
      q = q.lanewise(FMA, r, Q2);
      q = q.lanewise(FMA, r, Q1);
      q = q.lanewise(FMA, r, Q0);
      FloatVector m = r.mul(r).lanewise(FMA, q, r);
      IntVector j = t.reinterpretAsInts().add(BIAS - ROUND_BITS);
      FloatVector power = j.lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector minus = power.neg();
      FloatVector d = minus.lanewise(FMA, m, minus.add(1));
      FloatVector g = FloatVector.fromMemorySegment(S, ALL, u + at, ORDER);
      g.mul(d).intoMemorySegment(ALL, u + at, ORDER);
    }
  }
}
