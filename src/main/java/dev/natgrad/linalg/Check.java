package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;

/** The argument checks of the facade, each naming the argument, its value and the rule. */
final class Check {
  /**
   * The most elements of a vector, and rows or columns of a matrix: kernels count in int, by steps
   * of up to 2²⁰, and must not count past it.
   */
  static final int MOST = Integer.MAX_VALUE - (1 << 20);

  private Check() {}

  static void dimension(String name, int value) {
    if (value < 0 || value > MOST) {
      throw new IllegalArgumentException(
          name
              + " is "
              + value
              + (value < 0
                  ? "; it must be ≥ 0"
                  : "; it must be ≤ " + MOST + ", as far as kernels count: work on parts"));
    }
  }

  static void operand(String name, Vec x, Precision precision) {
    x.storage.checkAccess(name);
    if (x.precision != precision) {
      throw wrongPrecision(name, x.precision, precision);
    }
  }

  static void operand(String name, Mat a, Precision precision) {
    a.storage.checkAccess(name);
    if (a.precision != precision) {
      throw wrongPrecision(name, a.precision, precision);
    }
  }

  private static IllegalArgumentException wrongPrecision(
      String name, Precision is, Precision must) {
    return new IllegalArgumentException(
        name + " has precision " + is + "; the other operands have " + must + ": all must agree");
  }

  static void length(String name, Vec x, int length) {
    if (x.length != length) {
      throw new IllegalArgumentException(
          name + " has length " + x.length + "; this operation needs " + length);
    }
  }

  static void shape(String name, Mat a, int rows, int cols) {
    if (a.rows != rows || a.cols != cols) {
      throw new IllegalArgumentException(
          name + " is " + a.rows + "×" + a.cols + "; this operation needs " + rows + "×" + cols);
    }
  }

  static void atLeastOneColumn(String name, Mat a) {
    if (a.cols == 0) {
      throw new IllegalArgumentException(name + " has no columns; this operation needs at least 1");
    }
  }

  static void atLeastOneRow(String name, Mat a) {
    if (a.rows == 0) {
      throw new IllegalArgumentException(name + " has no rows; a mean needs at least 1");
    }
  }

  static void square(String name, Mat a) {
    if (a.rows != a.cols) {
      throw new IllegalArgumentException(
          name + " is " + a.rows + "×" + a.cols + "; this operation needs a square matrix");
    }
  }

  /**
   * An input may be the output itself (same start, same shape) but must not overlap it otherwise.
   */
  static void sameOrDisjoint(String in, Vec x, String out, Vec y) {
    if (x.address != y.address) {
      disjoint(in, x.address, bytes(x), out, y.address, bytes(y));
    }
  }

  static void sameOrDisjoint(String in, Mat a, String out, Mat c) {
    if (a.address != c.address || a.stride != c.stride) {
      disjoint(in, a, out, c);
    }
  }

  static void disjoint(String in, Vec x, String out, Vec y) {
    disjoint(in, x.address, bytes(x), out, y.address, bytes(y));
  }

  static void disjoint(String in, Mat a, String out, Vec y) {
    disjoint(in, a.address, a.span, out, y.address, bytes(y));
  }

  static void disjoint(String in, Vec x, String out, Mat c) {
    disjoint(in, x.address, bytes(x), out, c.address, c.span);
  }

  static void disjoint(String in, Mat a, String out, Mat c) {
    if (overlap(a, c)) {
      throw overlaps(in, out);
    }
  }

  /** Two blocks side by side in the same matrix interleave in memory without sharing an element. */
  static boolean overlap(Mat a, Mat c) {
    return overlap(a.address, a.span, c.address, c.span) && !sideBySide(a, c);
  }

  static boolean overlap(Mat a, Vec x) {
    return overlap(a.address, a.span, x.address, bytes(x));
  }

  static boolean overlap(Vec x, Vec y) {
    return overlap(x.address, bytes(x), y.address, bytes(y));
  }

  private static boolean overlap(long at, long bytes, long otherAt, long otherBytes) {
    return bytes > 0 && otherBytes > 0 && at < otherAt + otherBytes && otherAt < at + bytes;
  }

  private static IllegalArgumentException overlaps(String in, String out) {
    return new IllegalArgumentException(
        in + " overlaps " + out + " in memory; an output must not share memory with an input");
  }

  private static boolean sideBySide(Mat a, Mat c) {
    if (a.stride != c.stride || a.precision != c.precision) {
      return false;
    }
    long rowBytes = (long) a.stride * a.precision.bytes();
    long shift = Math.floorMod(c.address - a.address, rowBytes);
    return shift >= (long) a.cols * a.precision.bytes()
        && shift + (long) c.cols * c.precision.bytes() <= rowBytes;
  }

  private static void disjoint(
      String in, long inAt, long inBytes, String out, long outAt, long outBytes) {
    if (overlap(inAt, inBytes, outAt, outBytes)) {
      throw overlaps(in, out);
    }
  }

  private static long bytes(Vec x) {
    return (long) x.length * x.precision.bytes();
  }
}
