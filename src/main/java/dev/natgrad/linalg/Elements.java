package dev.natgrad.linalg;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.natgrad.kernel.AddressSpace;
import dev.natgrad.memory.Precision;
import java.lang.foreign.MemorySegment;

/** Element access and copies between arrays and addresses that were checked before. */
final class Elements {
  private Elements() {}

  static double get(long address, long index, Precision precision) {
    return precision == Precision.F64
        ? AddressSpace.ALL.get(JAVA_DOUBLE, address + index * Double.BYTES)
        : AddressSpace.ALL.get(JAVA_FLOAT, address + index * Float.BYTES);
  }

  static void set(long address, long index, double value, Precision precision) {
    if (precision == Precision.F64) {
      AddressSpace.ALL.set(JAVA_DOUBLE, address + index * Double.BYTES, value);
    } else {
      AddressSpace.ALL.set(JAVA_FLOAT, address + index * Float.BYTES, (float) value);
    }
  }

  static void copy(long source, long target, long bytes) {
    MemorySegment.copy(AddressSpace.ALL, source, AddressSpace.ALL, target, bytes);
  }

  static void copyIn(double[] source, int offset, long address, int n, Precision precision) {
    if (precision == Precision.F64) {
      MemorySegment.copy(source, offset, AddressSpace.ALL, JAVA_DOUBLE, address, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      AddressSpace.ALL.set(
          JAVA_FLOAT, address + (long) i * Float.BYTES, (float) source[offset + i]);
    }
  }

  static void copyIn(float[] source, int offset, long address, int n, Precision precision) {
    if (precision == Precision.F32) {
      MemorySegment.copy(source, offset, AddressSpace.ALL, JAVA_FLOAT, address, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      AddressSpace.ALL.set(JAVA_DOUBLE, address + (long) i * Double.BYTES, source[offset + i]);
    }
  }

  static void copyOut(long address, double[] target, int offset, int n, Precision precision) {
    if (precision == Precision.F64) {
      MemorySegment.copy(AddressSpace.ALL, JAVA_DOUBLE, address, target, offset, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[offset + i] = AddressSpace.ALL.get(JAVA_FLOAT, address + (long) i * Float.BYTES);
    }
  }

  static void copyOut(long address, float[] target, int offset, int n, Precision precision) {
    if (precision == Precision.F32) {
      MemorySegment.copy(AddressSpace.ALL, JAVA_FLOAT, address, target, offset, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[offset + i] =
          (float) AddressSpace.ALL.get(JAVA_DOUBLE, address + (long) i * Double.BYTES);
    }
  }

  static void copyIn(
      MemorySegment source,
      long offset,
      Precision format,
      long address,
      int n,
      Precision precision) {
    if (format == precision) {
      MemorySegment.copy(source, offset, AddressSpace.ALL, address, (long) n * precision.bytes());
      return;
    }
    for (int i = 0; i < n; i++) {
      double value =
          format == Precision.F64
              ? source.get(JAVA_DOUBLE_UNALIGNED, offset + (long) i * Double.BYTES)
              : source.get(JAVA_FLOAT_UNALIGNED, offset + (long) i * Float.BYTES);
      set(address, i, value, precision);
    }
  }

  static void copyOut(
      long address,
      Precision precision,
      MemorySegment target,
      long offset,
      Precision format,
      int n) {
    if (format == precision) {
      MemorySegment.copy(AddressSpace.ALL, address, target, offset, (long) n * precision.bytes());
      return;
    }
    for (int i = 0; i < n; i++) {
      double value = get(address, i, precision);
      if (format == Precision.F64) {
        target.set(JAVA_DOUBLE_UNALIGNED, offset + (long) i * Double.BYTES, value);
      } else {
        target.set(JAVA_FLOAT_UNALIGNED, offset + (long) i * Float.BYTES, (float) value);
      }
    }
  }
}
