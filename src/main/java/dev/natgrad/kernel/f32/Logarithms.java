package dev.natgrad.kernel.f32;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f32.Lanes.ORDER;
import static dev.natgrad.kernel.f32.Lanes.S;
import static dev.natgrad.kernel.f32.Lanes.VL;
import static dev.natgrad.kernel.f32.Numbers.BIAS;
import static dev.natgrad.kernel.f32.Numbers.EXP_LIMIT_BITS;
import static dev.natgrad.kernel.f32.Numbers.HALF;
import static dev.natgrad.kernel.f32.Numbers.INFINITY_BITS;
import static dev.natgrad.kernel.f32.Numbers.L0;
import static dev.natgrad.kernel.f32.Numbers.L1;
import static dev.natgrad.kernel.f32.Numbers.L2;
import static dev.natgrad.kernel.f32.Numbers.LN2_HI;
import static dev.natgrad.kernel.f32.Numbers.LN2_LO;
import static dev.natgrad.kernel.f32.Numbers.LOG2E;
import static dev.natgrad.kernel.f32.Numbers.MANTISSA;
import static dev.natgrad.kernel.f32.Numbers.MINUS_INFINITY_BITS;
import static dev.natgrad.kernel.f32.Numbers.MIN_NORMAL_BITS;
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
import static dev.natgrad.kernel.f32.Numbers.SQRT2_MINUS_1_BITS;
import static dev.natgrad.kernel.f32.Numbers.SQRT_HALF_BITS;
import static dev.natgrad.kernel.f32.Numbers.UP;
import static dev.natgrad.kernel.f32.Numbers.UP_EXPONENT;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
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
 * The logarithm and what is made of it, on whole vectors.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. Clamps are minima of bits: those of floats have rules for NaN that cost six
 * instructions. n is a multiple of VL in every method; addresses are checked by the caller.
 */
final class Logarithms {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Logarithms() {}

  /** y ← ln x; y may be x. */
  static void log(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      IntVector subnormal = bits.sub(MIN_NORMAL_BITS).lanewise(ASHR, SIGN_SHIFT);
      IntVector scaled = v.mul(UP).reinterpretAsInts().lanewise(XOR, bits);
      IntVector b = scaled.and(subnormal).lanewise(XOR, bits);
      // x = 2ᵏ·(1 + f) with √½ ≤ 1 + f < √2.
      IntVector j = b.add(ONE_BITS - SQRT_HALF_BITS).lanewise(LSHR, MANTISSA);
      FloatVector f = b.sub(j.lanewise(LSHL, MANTISSA)).add(ONE_BITS).reinterpretAsFloats().sub(1);
      IntVector e = j.sub(subnormal.and(UP_EXPONENT));
      FloatVector k = e.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND + BIAS);
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector p = z.lanewise(FMA, L2, L1);
      p = p.lanewise(FMA, z, L0);
      FloatVector h = f.mul(f).mul(HALF);
      FloatVector low = s.lanewise(FMA, z.lanewise(FMA, p, h), k.mul(LN2_LO));
      FloatVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(low)));
      IntVector abs = bits.and(~SIGN);
      IntVector notFinite = abs.broadcast(INFINITY_BITS - 1).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      IntVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      IntVector zero = abs.sub(1).lanewise(ASHR, SIGN_SHIFT);
      // All bits set are a NaN; infinity and NaN stand for themselves.
      IntVector result = l.reinterpretAsInts();
      result =
          result.lanewise(XOR, bits).and(notFinite).lanewise(XOR, result).lanewise(OR, negative);
      result
          .lanewise(XOR, MINUS_INFINITY_BITS)
          .and(zero)
          .lanewise(XOR, result)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← ln(1 + x); y may be x. */
  static void log1p(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Float.BYTES;
      FloatVector v = FloatVector.fromMemorySegment(S, ALL, from + at, ORDER);
      IntVector bits = v.reinterpretAsInts();
      // 1 + x = u + lost exactly (Knuth), u = 2ᵏ·(1 + f) with √½ ≤ 1 + f < √2.
      FloatVector u = v.add(1);
      FloatVector rounded = u.sub(1);
      FloatVector lost = v.sub(rounded).sub(u.sub(rounded).sub(1));
      IntVector b = u.reinterpretAsInts();
      IntVector j = b.add(ONE_BITS - SQRT_HALF_BITS).lanewise(LSHR, MANTISSA);
      FloatVector f = b.sub(j.lanewise(LSHL, MANTISSA)).add(ONE_BITS).reinterpretAsFloats().sub(1);
      FloatVector k = j.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND + BIAS);
      FloatVector inverse =
          j.min(2 * BIAS - 1).neg().add(2 * BIAS).lanewise(LSHL, MANTISSA).reinterpretAsFloats();
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector p = z.lanewise(FMA, L2, L1);
      p = p.lanewise(FMA, z, L0);
      FloatVector h = f.mul(f).mul(HALF);
      // ln(1 + f + g) = ln(1 + f) + g/(1 + f), where (1 − s)² is 1/(1 + f) to 3 percent.
      FloatVector c = s.neg().add(1);
      FloatVector g = lost.mul(inverse).mul(c).mul(c);
      FloatVector low = s.lanewise(FMA, z.lanewise(FMA, p, h), k.lanewise(FMA, LN2_LO, g));
      FloatVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(low)));
      IntVector negative = b.lanewise(ASHR, SIGN_SHIFT);
      IntVector zero = b.and(~SIGN).sub(1).lanewise(ASHR, SIGN_SHIFT);
      IntVector notFinite =
          bits.broadcast(INFINITY_BITS - 1).sub(bits.and(~SIGN)).lanewise(ASHR, SIGN_SHIFT);
      // All bits set are a NaN; infinity and NaN stand for themselves; −0 keeps its sign.
      IntVector result = l.reinterpretAsInts().lanewise(OR, bits.and(SIGN));
      result =
          result.lanewise(XOR, bits).and(notFinite).lanewise(XOR, result).lanewise(OR, negative);
      result
          .lanewise(XOR, MINUS_INFINITY_BITS)
          .and(zero)
          .lanewise(XOR, result)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← ln(1 + exp x) = max(x, 0) + ln(1 + e), e = exp(−|x|); y may be x. */
  static void softplus(int n, long x, long y) {
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
      FloatVector multiple = t.sub(ROUND);
      FloatVector r = multiple.lanewise(FMA, -LN2_LO, multiple.lanewise(FMA, -LN2_HI, w));
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
      // 1 + e = 1 + f, or 2·(1 + f) above √2.
      IntVector eBits = e.reinterpretAsInts();
      IntVector big = eBits.broadcast(SQRT2_MINUS_1_BITS).sub(eBits).lanewise(ASHR, SIGN_SHIFT);
      IntVector halved = e.sub(1).mul(HALF).reinterpretAsInts().lanewise(XOR, eBits);
      FloatVector f = halved.and(big).lanewise(XOR, eBits).reinterpretAsFloats();
      FloatVector k = big.and(ONE_BITS).reinterpretAsFloats();
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector p = z.lanewise(FMA, L2, L1);
      p = p.lanewise(FMA, z, L0);
      FloatVector h = f.mul(f).mul(HALF);
      FloatVector small = s.lanewise(FMA, z.lanewise(FMA, p, h), k.mul(LN2_LO));
      FloatVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(small)));
      FloatVector positive =
          bits.lanewise(AND_NOT, bits.lanewise(ASHR, SIGN_SHIFT)).reinterpretAsFloats();
      positive
          .add(l)
          .reinterpretAsInts()
          .lanewise(OR, nan)
          .reinterpretAsFloats()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
