package dev.natgrad.bench.scorecard;

import dev.natgrad.linalg.Simd;
import dev.natgrad.memory.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the machine allows, measured in the same rounds as the contenders.
 *
 * @param label names it in the table
 * @param work units a call
 * @param call one call
 */
record Limit(String label, double work, Runnable call) {
  private static final int ITERATIONS = 20_000;
  private static final int ACCUMULATORS = 12;
  private static final VectorShape SHAPE = VectorShape.forBitSize(Simd.bits());
  private static final VectorSpecies<Float> F32 = VectorSpecies.of(float.class, SHAPE);
  private static final VectorSpecies<Double> F64 = VectorSpecies.of(double.class, SHAPE);

  private static double sink;

  /** Fused multiply-adds in registers alone, at the vector width in use: 2 flops a lane. */
  static Limit fma(Precision precision) {
    boolean f32 = precision == Precision.F32;
    double flops = 2.0 * ITERATIONS * ACCUMULATORS * Simd.lanes(precision);
    return new Limit("FMA peak", flops, f32 ? Limit::fma32 : Limit::fma64);
  }

  /** A copy between two blocks that moves as many bytes, half read and half written. */
  static Limit copy(long bytes, double work) {
    MemorySegment from = Blocks.FROM.asSlice(0, bytes / 2);
    MemorySegment to = Blocks.TO.asSlice(0, bytes / 2);
    return new Limit("copy", work, () -> MemorySegment.copy(from, 0, to, 0, from.byteSize()));
  }

  /** Taken only by the families that copy; written once so that every page is there. */
  private static final class Blocks {
    static final long BYTES = 128L << 20;
    static final MemorySegment FROM = Arena.global().allocate(BYTES, 64).fill((byte) 1);
    static final MemorySegment TO = Arena.global().allocate(BYTES, 64).fill((byte) 2);
  }

  // Twelve chains hide the latency of two units of four cycles; with both factors they fit the 16
  // registers of a 256-bit machine. Named locals: C2 keeps no array of vectors in registers.
  private static void fma32() {
    FloatVector x = FloatVector.broadcast(F32, 0.5f);
    FloatVector y = FloatVector.broadcast(F32, 0.25f);
    FloatVector a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x;
    FloatVector b0 = y, b1 = y, b2 = y, b3 = y, b4 = y, b5 = y;
    for (int i = 0; i < ITERATIONS; i++) {
      a0 = a0.fma(x, y);
      a1 = a1.fma(x, y);
      a2 = a2.fma(x, y);
      a3 = a3.fma(x, y);
      a4 = a4.fma(x, y);
      a5 = a5.fma(x, y);
      b0 = b0.fma(x, y);
      b1 = b1.fma(x, y);
      b2 = b2.fma(x, y);
      b3 = b3.fma(x, y);
      b4 = b4.fma(x, y);
      b5 = b5.fma(x, y);
    }
    FloatVector a = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    sink = a.add(b0).add(b1).add(b2).add(b3).add(b4).add(b5).lane(0);
  }

  private static void fma64() {
    DoubleVector x = DoubleVector.broadcast(F64, 0.5);
    DoubleVector y = DoubleVector.broadcast(F64, 0.25);
    DoubleVector a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x;
    DoubleVector b0 = y, b1 = y, b2 = y, b3 = y, b4 = y, b5 = y;
    for (int i = 0; i < ITERATIONS; i++) {
      a0 = a0.fma(x, y);
      a1 = a1.fma(x, y);
      a2 = a2.fma(x, y);
      a3 = a3.fma(x, y);
      a4 = a4.fma(x, y);
      a5 = a5.fma(x, y);
      b0 = b0.fma(x, y);
      b1 = b1.fma(x, y);
      b2 = b2.fma(x, y);
      b3 = b3.fma(x, y);
      b4 = b4.fma(x, y);
      b5 = b5.fma(x, y);
    }
    DoubleVector a = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    sink = a.add(b0).add(b1).add(b2).add(b3).add(b4).add(b5).lane(0);
  }
}
