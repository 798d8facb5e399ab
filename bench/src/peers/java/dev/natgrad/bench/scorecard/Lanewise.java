package dev.natgrad.bench.scorecard;

import dev.natgrad.memory.Precision;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The JDK's own vector functions; one loop each, since the operator must be a constant. */
final class Lanewise {
  private static final VectorSpecies<Float> F32 = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> F64 = DoubleVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Lanewise() {}

  /** y ← f(x), n elements. */
  static Runnable call(
      CBlas.Map map, Precision precision, int n, MemorySegment x, MemorySegment y) {
    boolean f32 = precision == Precision.F32;
    return switch (map) {
      case EXP -> f32 ? () -> exp32(n, x, y) : () -> exp64(n, x, y);
      case EXPM1 -> f32 ? () -> expm132(n, x, y) : () -> expm164(n, x, y);
      case LOG -> f32 ? () -> log32(n, x, y) : () -> log64(n, x, y);
      case LOG1P -> f32 ? () -> log1p32(n, x, y) : () -> log1p64(n, x, y);
      case TANH -> f32 ? () -> tanh32(n, x, y) : () -> tanh64(n, x, y);
      case LOGISTIC -> f32 ? () -> logistic32(n, x, y) : () -> logistic64(n, x, y);
      case SOFTPLUS -> f32 ? () -> softplus32(n, x, y) : () -> softplus64(n, x, y);
    };
  }

  private static void exp32(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      v.lanewise(VectorOperators.EXP).intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      v.lanewise(VectorOperators.EXP).intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void exp64(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      v.lanewise(VectorOperators.EXP).intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      v.lanewise(VectorOperators.EXP).intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }

  private static void expm132(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      v.lanewise(VectorOperators.EXPM1).intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      v.lanewise(VectorOperators.EXPM1).intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void expm164(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      v.lanewise(VectorOperators.EXPM1).intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      v.lanewise(VectorOperators.EXPM1).intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }

  private static void log32(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      v.lanewise(VectorOperators.LOG).intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      v.lanewise(VectorOperators.LOG).intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void log64(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      v.lanewise(VectorOperators.LOG).intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      v.lanewise(VectorOperators.LOG).intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }

  private static void log1p32(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      v.lanewise(VectorOperators.LOG1P).intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      v.lanewise(VectorOperators.LOG1P).intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void log1p64(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      v.lanewise(VectorOperators.LOG1P).intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      v.lanewise(VectorOperators.LOG1P).intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }

  private static void tanh32(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      v.lanewise(VectorOperators.TANH).intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      v.lanewise(VectorOperators.TANH).intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void tanh64(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      v.lanewise(VectorOperators.TANH).intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      v.lanewise(VectorOperators.TANH).intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }

  private static void logistic32(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      FloatVector.broadcast(F32, 1)
          .div(v.neg().lanewise(VectorOperators.EXP).add(1))
          .intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      FloatVector.broadcast(F32, 1)
          .div(v.neg().lanewise(VectorOperators.EXP).add(1))
          .intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void logistic64(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      DoubleVector.broadcast(F64, 1)
          .div(v.neg().lanewise(VectorOperators.EXP).add(1))
          .intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      DoubleVector.broadcast(F64, 1)
          .div(v.neg().lanewise(VectorOperators.EXP).add(1))
          .intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }

  private static void softplus32(int n, MemorySegment x, MemorySegment y) {
    int body = F32.loopBound(n);
    for (int i = 0; i < body; i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * i, ORDER);
      v.max(0)
          .add(v.abs().neg().lanewise(VectorOperators.EXP).lanewise(VectorOperators.LOG1P))
          .intoMemorySegment(y, 4L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Float> tail = F32.indexInRange(body, n);
      FloatVector v = FloatVector.fromMemorySegment(F32, x, 4L * body, ORDER, tail);
      v.max(0)
          .add(v.abs().neg().lanewise(VectorOperators.EXP).lanewise(VectorOperators.LOG1P))
          .intoMemorySegment(y, 4L * body, ORDER, tail);
    }
  }

  private static void softplus64(int n, MemorySegment x, MemorySegment y) {
    int body = F64.loopBound(n);
    for (int i = 0; i < body; i += F64.length()) {
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * i, ORDER);
      v.max(0)
          .add(v.abs().neg().lanewise(VectorOperators.EXP).lanewise(VectorOperators.LOG1P))
          .intoMemorySegment(y, 8L * i, ORDER);
    }
    if (body < n) {
      VectorMask<Double> tail = F64.indexInRange(body, n);
      DoubleVector v = DoubleVector.fromMemorySegment(F64, x, 8L * body, ORDER, tail);
      v.max(0)
          .add(v.abs().neg().lanewise(VectorOperators.EXP).lanewise(VectorOperators.LOG1P))
          .intoMemorySegment(y, 8L * body, ORDER, tail);
    }
  }
}
