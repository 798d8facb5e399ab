package dev.natgrad.kernel.f32;

import static dev.natgrad.kernel.f32.Lanes.ORDER;
import static dev.natgrad.kernel.f32.Lanes.S;
import static dev.natgrad.kernel.f32.Lanes.VL;
import static dev.natgrad.kernel.f32.Numbers.BIAS;
import static dev.natgrad.kernel.f32.Numbers.EXP_MIN;
import static dev.natgrad.kernel.f32.Numbers.HALF;
import static dev.natgrad.kernel.f32.Numbers.L0;
import static dev.natgrad.kernel.f32.Numbers.L1;
import static dev.natgrad.kernel.f32.Numbers.L2;
import static dev.natgrad.kernel.f32.Numbers.LN2_HI;
import static dev.natgrad.kernel.f32.Numbers.LN2_LO;
import static dev.natgrad.kernel.f32.Numbers.LOG2E;
import static dev.natgrad.kernel.f32.Numbers.MAGIC;
import static dev.natgrad.kernel.f32.Numbers.MAGIC_BITS;
import static dev.natgrad.kernel.f32.Numbers.MANTISSA;
import static dev.natgrad.kernel.f32.Numbers.MIN_NORMAL;
import static dev.natgrad.kernel.f32.Numbers.ONE_BITS;
import static dev.natgrad.kernel.f32.Numbers.Q0;
import static dev.natgrad.kernel.f32.Numbers.Q1;
import static dev.natgrad.kernel.f32.Numbers.Q2;
import static dev.natgrad.kernel.f32.Numbers.Q3;
import static dev.natgrad.kernel.f32.Numbers.Q4;
import static dev.natgrad.kernel.f32.Numbers.ROUND;
import static dev.natgrad.kernel.f32.Numbers.ROUND_BITS;
import static dev.natgrad.kernel.f32.Numbers.SQRT2_MINUS_1;
import static dev.natgrad.kernel.f32.Numbers.SQRT_HALF_BITS;
import static dev.natgrad.kernel.f32.Numbers.UP;
import static dev.natgrad.kernel.f32.Numbers.UP_EXPONENT;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.OR;

import dev.natgrad.kernel.AddressSpace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * The logarithm and what is made of it, on whole vectors.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. n is a multiple of VL in every method; addresses are checked by the caller.
 */
final class Logarithms {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Logarithms() {}

  /** y ← ln x; y may be x. */
  static void log(int n, long x, long y) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, x + at, ORDER);
      VectorMask<Float> small = v.compare(LT, MIN_NORMAL);
      IntVector bits = v.blend(v.mul(UP), small).reinterpretAsInts();
      // x = 2ᵏ·(1 + f) with √½ ≤ 1 + f < √2.
      IntVector j = bits.add(ONE_BITS - SQRT_HALF_BITS).lanewise(LSHR, MANTISSA);
      FloatVector f =
          bits.sub(j.lanewise(LSHL, MANTISSA)).add(ONE_BITS).reinterpretAsFloats().sub(1);
      FloatVector k = j.lanewise(OR, MAGIC_BITS).reinterpretAsFloats().sub(MAGIC + BIAS);
      k = k.blend(k.sub(UP_EXPONENT), small);
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector p = z.lanewise(FMA, L2, L1);
      p = p.lanewise(FMA, z, L0);
      FloatVector h = f.mul(f).mul(HALF);
      FloatVector low = s.lanewise(FMA, z.lanewise(FMA, p, h), k.mul(LN2_LO));
      FloatVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(low)));
      l.blend(v, v.compare(LT, Float.POSITIVE_INFINITY).not())
          .blend(Float.NaN, v.compare(LT, 0))
          .blend(Float.NEGATIVE_INFINITY, v.compare(EQ, 0))
          .intoMemorySegment(ALL, y + at, ORDER);
    }
  }

  /** y ← ln(1 + exp x) = max(x, 0) + ln(1 + e), e = exp(−|x|); y may be x. */
  static void softplus(int n, long x, long y) {
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
      // 1 + e = 1 + f, or 2·(1 + f) above √2.
      VectorMask<Float> big = e.compare(GT, SQRT2_MINUS_1);
      FloatVector f = e.blend(e.sub(1).mul(HALF), big);
      FloatVector zero = FloatVector.zero(S);
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector p = z.lanewise(FMA, L2, L1);
      p = p.lanewise(FMA, z, L0);
      FloatVector h = f.mul(f).mul(HALF);
      FloatVector small = s.lanewise(FMA, z.lanewise(FMA, p, h), zero.blend(LN2_LO, big));
      FloatVector l = zero.blend(LN2_HI, big).add(f.sub(h.sub(small)));
      v.blend(0, v.compare(LE, 0)).add(l).intoMemorySegment(ALL, y + at, ORDER);
    }
  }
}
