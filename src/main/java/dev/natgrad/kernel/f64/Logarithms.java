package dev.natgrad.kernel.f64;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.f64.Lanes.ORDER;
import static dev.natgrad.kernel.f64.Lanes.S;
import static dev.natgrad.kernel.f64.Lanes.VL;
import static dev.natgrad.kernel.f64.Numbers.BIAS;
import static dev.natgrad.kernel.f64.Numbers.EXP_LIMIT_BITS;
import static dev.natgrad.kernel.f64.Numbers.HALF;
import static dev.natgrad.kernel.f64.Numbers.INFINITY_BITS;
import static dev.natgrad.kernel.f64.Numbers.L0;
import static dev.natgrad.kernel.f64.Numbers.L1;
import static dev.natgrad.kernel.f64.Numbers.L2;
import static dev.natgrad.kernel.f64.Numbers.L3;
import static dev.natgrad.kernel.f64.Numbers.L4;
import static dev.natgrad.kernel.f64.Numbers.L5;
import static dev.natgrad.kernel.f64.Numbers.L6;
import static dev.natgrad.kernel.f64.Numbers.LN2_HI;
import static dev.natgrad.kernel.f64.Numbers.LN2_LO;
import static dev.natgrad.kernel.f64.Numbers.LOG2E;
import static dev.natgrad.kernel.f64.Numbers.MANTISSA;
import static dev.natgrad.kernel.f64.Numbers.MINUS_INFINITY_BITS;
import static dev.natgrad.kernel.f64.Numbers.MIN_NORMAL_BITS;
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
import static dev.natgrad.kernel.f64.Numbers.SQRT2_MINUS_1_BITS;
import static dev.natgrad.kernel.f64.Numbers.SQRT_HALF_BITS;
import static dev.natgrad.kernel.f64.Numbers.UP;
import static dev.natgrad.kernel.f64.Numbers.UP_EXPONENT;
import static jdk.incubator.vector.VectorOperators.AND_NOT;
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
 * The logarithm and what is made of it, on whole vectors.
 *
 * <p>Written by hand in both precisions because the polynomials have as many terms as each needs.
 * The method bodies repeat the reduction on purpose: a vector that crosses a method which is not
 * inlined is boxed. No masks: those of two doubles, at 128 bits, C2 boxes on x86; nor min and max
 * of doubles, whose rules for NaN cost six instructions. n is a multiple of VL in every method;
 * addresses are checked by the caller.
 */
final class Logarithms {
  private static final MemorySegment ALL = AddressSpace.ALL;

  private Logarithms() {}

  /** y ← ln x; y may be x. */
  static void log(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      LongVector subnormal = bits.sub(MIN_NORMAL_BITS).lanewise(ASHR, SIGN_SHIFT);
      LongVector scaled = v.mul(UP).reinterpretAsLongs().lanewise(XOR, bits);
      LongVector b = scaled.and(subnormal).lanewise(XOR, bits);
      // x = 2ᵏ·(1 + f) with √½ ≤ 1 + f < √2.
      LongVector j = b.add(ONE_BITS - SQRT_HALF_BITS).lanewise(LSHR, MANTISSA);
      DoubleVector f =
          b.sub(j.lanewise(LSHL, MANTISSA)).add(ONE_BITS).reinterpretAsDoubles().sub(1);
      LongVector e = j.sub(subnormal.and(UP_EXPONENT));
      DoubleVector k = e.add(ROUND_BITS).reinterpretAsDoubles().sub(ROUND + BIAS);
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector p = z.lanewise(FMA, L6, L5);
      p = p.lanewise(FMA, z, L4);
      p = p.lanewise(FMA, z, L3);
      p = p.lanewise(FMA, z, L2);
      p = p.lanewise(FMA, z, L1);
      p = p.lanewise(FMA, z, L0);
      DoubleVector h = f.mul(f).mul(HALF);
      DoubleVector low = s.lanewise(FMA, z.lanewise(FMA, p, h), k.mul(LN2_LO));
      DoubleVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(low)));
      LongVector abs = bits.and(~SIGN);
      LongVector notFinite = abs.broadcast(INFINITY_BITS - 1).sub(abs).lanewise(ASHR, SIGN_SHIFT);
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      LongVector zero = abs.sub(1).lanewise(ASHR, SIGN_SHIFT);
      // All bits set are a NaN; infinity and NaN stand for themselves.
      LongVector result = l.reinterpretAsLongs();
      result =
          result.lanewise(XOR, bits).and(notFinite).lanewise(XOR, result).lanewise(OR, negative);
      result
          .lanewise(XOR, MINUS_INFINITY_BITS)
          .and(zero)
          .lanewise(XOR, result)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← ln(1 + x); y may be x. */
  static void log1p(int n, long x, long y) {
    long from = x & RANGE;
    long to = y & RANGE;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, from + at, ORDER);
      LongVector bits = v.reinterpretAsLongs();
      // 1 + x = u + lost exactly (Knuth), u = 2ᵏ·(1 + f) with √½ ≤ 1 + f < √2.
      DoubleVector u = v.add(1);
      DoubleVector rounded = u.sub(1);
      DoubleVector lost = v.sub(rounded).sub(u.sub(rounded).sub(1));
      LongVector b = u.reinterpretAsLongs();
      LongVector j = b.add(ONE_BITS - SQRT_HALF_BITS).lanewise(LSHR, MANTISSA);
      DoubleVector f =
          b.sub(j.lanewise(LSHL, MANTISSA)).add(ONE_BITS).reinterpretAsDoubles().sub(1);
      DoubleVector k = j.add(ROUND_BITS).reinterpretAsDoubles().sub(ROUND + BIAS);
      DoubleVector inverse =
          j.min(2 * BIAS - 1).neg().add(2 * BIAS).lanewise(LSHL, MANTISSA).reinterpretAsDoubles();
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector p = z.lanewise(FMA, L6, L5);
      p = p.lanewise(FMA, z, L4);
      p = p.lanewise(FMA, z, L3);
      p = p.lanewise(FMA, z, L2);
      p = p.lanewise(FMA, z, L1);
      p = p.lanewise(FMA, z, L0);
      DoubleVector h = f.mul(f).mul(HALF);
      // ln(1 + f + g) = ln(1 + f) + g/(1 + f), where (1 − s)² is 1/(1 + f) to 3 percent.
      DoubleVector c = s.neg().add(1);
      DoubleVector g = lost.mul(inverse).mul(c).mul(c);
      DoubleVector low = s.lanewise(FMA, z.lanewise(FMA, p, h), k.lanewise(FMA, LN2_LO, g));
      DoubleVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(low)));
      LongVector negative = b.lanewise(ASHR, SIGN_SHIFT);
      LongVector zero = b.and(~SIGN).sub(1).lanewise(ASHR, SIGN_SHIFT);
      LongVector notFinite =
          bits.broadcast(INFINITY_BITS - 1).sub(bits.and(~SIGN)).lanewise(ASHR, SIGN_SHIFT);
      // All bits set are a NaN; infinity and NaN stand for themselves; −0 keeps its sign.
      LongVector result = l.reinterpretAsLongs().lanewise(OR, bits.and(SIGN));
      result =
          result.lanewise(XOR, bits).and(notFinite).lanewise(XOR, result).lanewise(OR, negative);
      result
          .lanewise(XOR, MINUS_INFINITY_BITS)
          .and(zero)
          .lanewise(XOR, result)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }

  /** y ← ln(1 + exp x) = max(x, 0) + ln(1 + e), e = exp(−|x|); y may be x. */
  static void softplus(int n, long x, long y) {
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
      DoubleVector multiple = t.sub(ROUND);
      DoubleVector r = multiple.lanewise(FMA, -LN2_LO, multiple.lanewise(FMA, -LN2_HI, w));
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
      // 1 + e = 1 + f, or 2·(1 + f) above √2.
      LongVector eBits = e.reinterpretAsLongs();
      LongVector big = eBits.broadcast(SQRT2_MINUS_1_BITS).sub(eBits).lanewise(ASHR, SIGN_SHIFT);
      LongVector halved = e.sub(1).mul(HALF).reinterpretAsLongs().lanewise(XOR, eBits);
      DoubleVector f = halved.and(big).lanewise(XOR, eBits).reinterpretAsDoubles();
      DoubleVector k = big.and(ONE_BITS).reinterpretAsDoubles();
      DoubleVector s = f.div(f.add(2));
      DoubleVector z = s.mul(s);
      DoubleVector p = z.lanewise(FMA, L6, L5);
      p = p.lanewise(FMA, z, L4);
      p = p.lanewise(FMA, z, L3);
      p = p.lanewise(FMA, z, L2);
      p = p.lanewise(FMA, z, L1);
      p = p.lanewise(FMA, z, L0);
      DoubleVector h = f.mul(f).mul(HALF);
      DoubleVector small = s.lanewise(FMA, z.lanewise(FMA, p, h), k.mul(LN2_LO));
      DoubleVector l = k.lanewise(FMA, LN2_HI, f.sub(h.sub(small)));
      DoubleVector positive =
          bits.lanewise(AND_NOT, bits.lanewise(ASHR, SIGN_SHIFT)).reinterpretAsDoubles();
      positive
          .add(l)
          .reinterpretAsLongs()
          .lanewise(OR, nan)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, to + at, ORDER);
    }
  }
}
