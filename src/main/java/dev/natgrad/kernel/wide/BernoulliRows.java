package dev.natgrad.kernel.wide;

import static dev.natgrad.kernel.AddressSpace.RANGE;
import static dev.natgrad.kernel.wide.Wide.get;
import static dev.natgrad.kernel.wide.Wide.row;
import static dev.natgrad.kernel.wide.Wide.widen;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.kernel.VectorWidth;
import dev.natgrad.kernel.f64.Elementwise;
import dev.natgrad.kernel.f64.Level1;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Divergences and losses of independent yes-or-no outputs, some rows or a part of one at a time.
 *
 * <p>With a = e^−|z|, q = a/(1 + a) the probability of the less likely outcome under the first
 * logit z, p = 1 − q, and D the change of the second logit towards that outcome, KL(z ‖ z′) is
 *
 * <ul>
 *   <li>ln(1 + q(e^D − 1)) − qD: an error of u in each term is at most 4u/|D| of the result;
 *   <li>for |D| &lt; 2⁻⁴, where that cancels, ln(1 + pψ(−qD) + qψ(pD)), ψ(x) = eˣ − 1 − x by its
 *       series;
 *   <li>for a chunk with |D| &gt; 30, where e^D may overflow, what {@link Divergences} does with
 *       single numbers.
 * </ul>
 */
public final class BernoulliRows {
  private static final MemorySegment ALL = AddressSpace.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final VectorSpecies<Double> S = VectorSpecies.of(double.class, VectorWidth.SHAPE);
  private static final int VL = S.length();

  /** Elements taken at once; whole vectors at every width. */
  private static final int CHUNK = 256;

  static final int CHUNK_BYTES = CHUNK * Double.BYTES;

  /** Three chunks, and what sums and maps need. */
  public static final int SCRATCH_BYTES = 3 * CHUNK_BYTES + 256;

  private static final int SIGN_SHIFT = 63;
  private static final long SIGN = 1L << SIGN_SHIFT;
  private static final long SMALL_BITS = Double.doubleToRawLongBits(0x1.0p-4);
  private static final long LARGE_BITS = Double.doubleToRawLongBits(30);

  // 1/k!
  private static final double F3 = 1.0 / 6;
  private static final double F4 = 1.0 / 24;
  private static final double F5 = 1.0 / 120;
  private static final double F6 = 1.0 / 720;
  private static final double F7 = 1.0 / 5040;
  private static final double F8 = 1.0 / 40320;
  private static final double F9 = 1.0 / 362880;
  private static final double F10 = 1.0 / 3628800;

  private BernoulliRows() {}

  /** outᵢ ← Σⱼ KL(logistic aᵢⱼ ‖ logistic bᵢⱼ), m doubles. */
  public static void divergences(
      boolean f64, int m, int n, long a, int lda, long b, int ldb, long out, long scratch) {
    int group = rows(n);
    for (int i = 0; i < m; i += group) {
      int rows = Math.min(group, m - i);
      long from = row(f64, a, lda, i);
      long to = row(f64, b, ldb, i);
      someDivergences(f64, rows, n, from, lda, to, ldb, Wide.at(true, out, i), scratch);
    }
  }

  /** outᵢ ← Σⱼ y·ln(1 + e⁻ᶻ) + (1 − y)·ln(1 + eᶻ), m doubles. */
  public static void losses(
      boolean f64, int m, int n, long z, int ldz, long y, int ldy, long out, long scratch) {
    int group = rows(n);
    for (int i = 0; i < m; i += group) {
      int rows = Math.min(group, m - i);
      long logits = row(f64, z, ldz, i);
      long targets = row(f64, y, ldy, i);
      someLosses(f64, rows, n, logits, ldz, targets, ldy, Wide.at(true, out, i), scratch);
    }
  }

  /** How many rows of n columns are taken at once. */
  static int rows(int n) {
    return Math.max(1, CHUNK / n);
  }

  private static int whole(int n) {
    return (n + 7) & -8;
  }

  private static void set(long x, int i, double value) {
    ALL.set(JAVA_DOUBLE, x + (long) i * Double.BYTES, value);
  }

  private static void pad(int n, long x) {
    for (int j = n; j < whole(n); j++) {
      set(x, j, 0);
    }
  }

  /** Rows without gaps between them are one. */
  private static void widenRows(boolean f64, int rows, int n, long a, int lda, long to) {
    if (lda == n) {
      widen(f64, rows * n, a, to);
      return;
    }
    for (int i = 0; i < rows; i++) {
      widen(f64, n, row(f64, a, lda, i), to + (long) i * n * Double.BYTES);
    }
  }

  private static void sumRows(int rows, int n, long terms, long to, long scratch) {
    for (int i = 0; i < rows; i++) {
      long at = terms + (long) i * n * Double.BYTES;
      set(to, i, n == 1 ? get(true, at, 0) : Level1.sum(n, at, scratch + 3 * CHUNK_BYTES));
    }
  }

  /** The divergences of the first few rows, into the doubles at {@code to}. */
  static void someDivergences(
      boolean f64, int rows, int n, long a, int lda, long b, int ldb, long to, long scratch) {
    if (n <= CHUNK) {
      widenRows(f64, rows, n, a, lda, scratch);
      widenRows(f64, rows, n, b, ldb, scratch + CHUNK_BYTES);
      sumRows(rows, n, divergence(rows * n, scratch), to, scratch);
      return;
    }
    double sum = 0;
    for (int j = 0; j < n; j += CHUNK) {
      int count = Math.min(CHUNK, n - j);
      widen(f64, count, Wide.at(f64, a, j), scratch);
      widen(f64, count, Wide.at(f64, b, j), scratch + CHUNK_BYTES);
      sum += Level1.sum(count, divergence(count, scratch), scratch + 3 * CHUNK_BYTES);
    }
    set(to, 0, sum);
  }

  /** The terms of n pairs of logits in the first two chunks; returns where they are. */
  private static long divergence(int n, long scratch) {
    long second = scratch + CHUNK_BYTES;
    long third = second + CHUNK_BYTES;
    long small = third + CHUNK_BYTES;
    int whole = whole(n);
    pad(n, scratch);
    pad(n, second);
    if (!changes(whole, scratch, second, third)) {
      for (int j = 0; j < n; j++) {
        set(third, j, Divergences.logistic(get(true, scratch, j), get(true, second, j)));
      }
      return third;
    }
    // Now third holds D, and second is free.
    negativeMagnitudes(whole, scratch);
    Elementwise.exp(whole, scratch, scratch, small);
    Elementwise.expm1(whole, third, second, small);
    arguments(whole, scratch, second, third);
    Elementwise.log1p(whole, second, second, small);
    Level1.axpy(whole, 1, second, third);
    return third;
  }

  /** d ← (z − z′)·sign z; returns whether all of them are within the limit and numbers. */
  private static boolean changes(int n, long z, long to, long d) {
    LongVector none = DoubleVector.zero(S).reinterpretAsLongs();
    LongVector beyond = none;
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector v = DoubleVector.fromMemorySegment(S, ALL, (z & RANGE) + at, ORDER);
      DoubleVector w = DoubleVector.fromMemorySegment(S, ALL, (to & RANGE) + at, ORDER);
      LongVector change =
          v.sub(w).reinterpretAsLongs().lanewise(XOR, v.reinterpretAsLongs().and(SIGN));
      LongVector magnitude = change.and(~SIGN);
      beyond = magnitude.broadcast(LARGE_BITS).sub(magnitude).lanewise(OR, beyond);
      change.reinterpretAsDoubles().intoMemorySegment(ALL, (d & RANGE) + at, ORDER);
    }
    return none.lanewise(OR, beyond).reduceLanes(OR) >= 0;
  }

  private static void negativeMagnitudes(int n, long x) {
    for (int i = 0; i < n; i += VL) {
      long at = (x & RANGE) + (long) i * Double.BYTES;
      LongVector bits = DoubleVector.fromMemorySegment(S, ALL, at, ORDER).reinterpretAsLongs();
      bits.lanewise(OR, SIGN).reinterpretAsDoubles().intoMemorySegment(ALL, at, ORDER);
    }
  }

  /** From a, e^D − 1 and D to the argument of ln(1 + ·), in place of e^D − 1, and what is added. */
  private static void arguments(int n, long a, long e, long d) {
    for (int i = 0; i < n; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector va = DoubleVector.fromMemorySegment(S, ALL, (a & RANGE) + at, ORDER);
      DoubleVector ve = DoubleVector.fromMemorySegment(S, ALL, (e & RANGE) + at, ORDER);
      DoubleVector vd = DoubleVector.fromMemorySegment(S, ALL, (d & RANGE) + at, ORDER);
      DoubleVector p = DoubleVector.broadcast(S, 1).div(va.add(1));
      DoubleVector q = va.mul(p);
      DoubleVector x = q.mul(vd).neg();
      DoubleVector y = p.mul(vd);
      // ψ(x) = x²·(1/2! + x/3! + x²/4! + …); the first term left out is below 2⁻⁶⁰ of it.
      DoubleVector s = x.lanewise(FMA, F10, F9);
      DoubleVector t = y.lanewise(FMA, F10, F9);
      s = s.lanewise(FMA, x, F8);
      t = t.lanewise(FMA, y, F8);
      s = s.lanewise(FMA, x, F7);
      t = t.lanewise(FMA, y, F7);
      s = s.lanewise(FMA, x, F6);
      t = t.lanewise(FMA, y, F6);
      s = s.lanewise(FMA, x, F5);
      t = t.lanewise(FMA, y, F5);
      s = s.lanewise(FMA, x, F4);
      t = t.lanewise(FMA, y, F4);
      s = s.lanewise(FMA, x, F3);
      t = t.lanewise(FMA, y, F3);
      s = s.lanewise(FMA, x, 0.5);
      t = t.lanewise(FMA, y, 0.5);
      DoubleVector psi = y.mul(y).mul(q).mul(t).add(x.mul(x).mul(p).mul(s));
      LongVector small =
          vd.reinterpretAsLongs().and(~SIGN).sub(SMALL_BITS).lanewise(ASHR, SIGN_SHIFT);
      LongVector argument = q.mul(ve).reinterpretAsLongs();
      argument
          .lanewise(XOR, psi.reinterpretAsLongs())
          .and(small)
          .lanewise(XOR, argument)
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, (e & RANGE) + at, ORDER);
      x.reinterpretAsLongs()
          .and(small.not())
          .reinterpretAsDoubles()
          .intoMemorySegment(ALL, (d & RANGE) + at, ORDER);
    }
  }

  /** The losses of the first few rows, into the doubles at {@code to}. */
  static void someLosses(
      boolean f64, int rows, int n, long z, int ldz, long y, int ldy, long to, long scratch) {
    if (n <= CHUNK) {
      widenRows(f64, rows, n, z, ldz, scratch);
      widenRows(f64, rows, n, y, ldy, scratch + CHUNK_BYTES);
      sumRows(rows, n, loss(rows * n, scratch), to, scratch);
      return;
    }
    double sum = 0;
    for (int j = 0; j < n; j += CHUNK) {
      int count = Math.min(CHUNK, n - j);
      widen(f64, count, Wide.at(f64, z, j), scratch);
      widen(f64, count, Wide.at(f64, y, j), scratch + CHUNK_BYTES);
      sum += Level1.sum(count, loss(count, scratch), scratch + 3 * CHUNK_BYTES);
    }
    set(to, 0, sum);
  }

  /** The likelier outcome costs ln(1 + e^−|z|), the other |z| more. */
  private static long loss(int n, long scratch) {
    long second = scratch + CHUNK_BYTES;
    int whole = whole(n);
    pad(n, scratch);
    pad(n, second);
    for (int i = 0; i < whole; i += VL) {
      long at = (long) i * Double.BYTES;
      DoubleVector z = DoubleVector.fromMemorySegment(S, ALL, (scratch & RANGE) + at, ORDER);
      DoubleVector y = DoubleVector.fromMemorySegment(S, ALL, (second & RANGE) + at, ORDER);
      LongVector bits = z.reinterpretAsLongs();
      LongVector negative = bits.lanewise(ASHR, SIGN_SHIFT);
      LongVector other = y.neg().add(1).reinterpretAsLongs();
      DoubleVector wrong =
          other
              .lanewise(XOR, y.reinterpretAsLongs())
              .and(negative)
              .lanewise(XOR, other)
              .reinterpretAsDoubles();
      DoubleVector w = bits.lanewise(OR, SIGN).reinterpretAsDoubles();
      w.intoMemorySegment(ALL, (scratch & RANGE) + at, ORDER);
      wrong.mul(w.neg()).intoMemorySegment(ALL, (second & RANGE) + at, ORDER);
    }
    Elementwise.softplus(whole, scratch, scratch, scratch + 3 * CHUNK_BYTES);
    Level1.axpy(whole, 1, scratch, second);
    return second;
  }
}
