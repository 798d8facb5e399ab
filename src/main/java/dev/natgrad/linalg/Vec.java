package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A vector of n contiguous elements in off-heap memory, n at most 2³¹ − 2²⁰ − 1; a view, so two may
 * share memory.
 *
 * <p>Thread rule: the workspace's owner only. Element access ({@link #get}, {@link #set}) and array
 * copies are for the edges of a program; work on whole vectors with {@link Blas} and {@link Maps}.
 */
public final class Vec {
  final Storage storage;
  final long address;
  final int length;
  final Precision precision;

  Vec(Storage storage, long address, int length, Precision precision) {
    this.storage = storage;
    this.address = address;
    this.length = length;
    this.precision = precision;
  }

  /**
   * Takes a zero-filled vector from a workspace.
   *
   * @param workspace the owner of its memory
   * @param length the number of elements, at least 0
   * @param precision the format of its elements
   * @return a vector, 64-byte aligned, which takes {@link #bytes(int, Precision)} bytes
   * @throws IllegalArgumentException if {@code length} is negative or above 2³¹ − 2²⁰ − 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public static Vec allocate(Workspace workspace, int length, Precision precision) {
    Objects.requireNonNull(workspace, "workspace");
    Check.dimension("length", length);
    MemorySegment block =
        workspace.allocate("vector of length " + length, (long) length * precision.bytes());
    return new Vec(new Storage(workspace), block.address(), length, precision);
  }

  /**
   * Returns the off-heap memory that {@link #allocate} takes: ⌈length·size/64⌉·64.
   *
   * @param length the number of elements
   * @param precision the format of the elements
   * @return bytes
   * @throws IllegalArgumentException if {@code length} is negative or above 2³¹ − 2²⁰ − 1
   */
  public static long bytes(int length, Precision precision) {
    Check.dimension("length", length);
    return Workspace.blockBytes((long) length * precision.bytes());
  }

  /**
   * Makes a vector of a caller's native segment: in place where that is safe, otherwise as a copy
   * in the workspace.
   *
   * <p>In place means: the segment is writable, not mapped from a file, and either of the global
   * arena or confined to the calling thread; writes then show in both. Any other segment could be
   * freed beneath a kernel and is copied ({@link #bytes(int, Precision)} bytes).
   *
   * @param workspace the owner of the copy, and of the thread rule
   * @param segment at least {@code length} elements, native, aligned to the element's size
   * @param length the number of elements, at least 0
   * @param precision the format of its elements
   * @return the vector
   * @throws IllegalArgumentException if the segment is on the heap, too short or misaligned
   * @throws IllegalStateException if its arena or the workspace is closed
   * @throws WrongThreadException if it is confined to another thread
   */
  public static Vec of(
      Workspace workspace, MemorySegment segment, int length, Precision precision) {
    Objects.requireNonNull(segment, "segment");
    workspace.checkAccess("workspace");
    Check.dimension("length", length);
    Storage.checkSegment(segment, length, precision);
    Storage wrapped = Storage.wrapping(workspace, segment);
    if (wrapped != null) {
      return new Vec(wrapped, segment.address(), length, precision);
    }
    long bytes = (long) length * precision.bytes();
    MemorySegment copy = workspace.allocate("copy of a segment of " + bytes + " bytes", bytes);
    MemorySegment.copy(segment, 0, copy, 0, bytes);
    return new Vec(new Storage(workspace), copy.address(), length, precision);
  }

  /**
   * Returns a view of this vector that another workspace's thread may use, for as long as that
   * workspace lives. Call it on that thread. Who writes and who reads must be agreed elsewhere: the
   * view shares the elements and orders no access to them.
   *
   * @param borrower a workspace of the calling thread that {@link Workspace#borrow borrows} from
   *     this vector's
   * @return the view, whose {@link #workspace()} is the borrower; it allocates no off-heap memory
   * @throws IllegalStateException if the borrower holds no lease, or this vector wraps a caller's
   *     segment, which no lease keeps alive
   * @throws WrongThreadException if called from another thread than the borrower's owner's
   */
  public Vec borrowedBy(Workspace borrower) {
    borrower.checkAccess("borrower");
    if (!borrower.borrows(storage.workspace)) {
      throw new IllegalStateException(
          "borrower holds no lease on this vector's workspace: call borrower.borrow first");
    }
    if (storage.wrapsSegment()) {
      throw new IllegalStateException(
          "this vector wraps a segment, which no lease keeps alive: copy it into the workspace");
    }
    return new Vec(new Storage(borrower), address, length, precision);
  }

  /**
   * Returns the number of elements.
   *
   * @return n ≥ 0
   */
  public int length() {
    return length;
  }

  /**
   * Returns the format of the elements.
   *
   * @return the precision
   */
  public Precision precision() {
    return precision;
  }

  /**
   * Returns the owner of this vector's memory.
   *
   * @return the workspace
   */
  public Workspace workspace() {
    return storage.workspace;
  }

  /**
   * Tells whether two vectors share memory.
   *
   * @param other a vector, of either precision
   * @return true if at least one byte belongs to both
   */
  public boolean overlaps(Vec other) {
    return Check.overlap(this, other);
  }

  /**
   * Returns a view of elements {@code offset … offset + length − 1}; it allocates no off-heap
   * memory.
   *
   * @param offset the first element
   * @param length the number of elements
   * @return the view
   * @throws IndexOutOfBoundsException if the range is not within this vector
   */
  public Vec slice(int offset, int length) {
    Objects.checkFromIndexSize(offset, length, this.length);
    return new Vec(storage, address + (long) offset * precision.bytes(), length, precision);
  }

  /**
   * Returns a view of this vector's first rows·cols elements as a row-major matrix with row stride
   * {@code cols}.
   *
   * @param rows the number of rows
   * @param cols the number of columns
   * @return the view
   * @throws IllegalArgumentException if this vector has fewer than rows·cols elements
   */
  public Mat asMat(int rows, int cols) {
    Check.dimension("rows", rows);
    Check.dimension("cols", cols);
    if ((long) rows * cols > length) {
      throw new IllegalArgumentException(
          "a " + rows + "×" + cols + " matrix does not fit in a vector of length " + length);
    }
    return new Mat(storage, address, rows, cols, Math.max(1, cols), precision);
  }

  /**
   * Returns one element, widened to double. For the edges of a program only.
   *
   * @param index 0 ≤ index &lt; length
   * @return the element
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public double get(int index) {
    Objects.checkIndex(index, length);
    storage.checkAccess("this vector");
    return Elements.get(address, index, precision);
  }

  /**
   * Sets one element, rounded to this vector's precision. For the edges of a program only.
   *
   * @param index 0 ≤ index &lt; length
   * @param value the new value
   * @throws IndexOutOfBoundsException if the index is out of range
   */
  public void set(int index, double value) {
    Objects.checkIndex(index, length);
    storage.checkAccess("this vector");
    Elements.set(address, index, value, precision);
  }

  /**
   * Copies {@code length()} numbers from an array into this vector, rounded to its precision.
   *
   * @param source the array
   * @param offset the first element of the array to copy
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public void copyFrom(double[] source, int offset) {
    Objects.checkFromIndexSize(offset, length, source.length);
    storage.checkAccess("this vector");
    Elements.copyIn(source, offset, address, length, precision);
  }

  /**
   * Copies {@code length()} numbers from an array into this vector.
   *
   * @param source the array
   * @param offset the first element of the array to copy
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public void copyFrom(float[] source, int offset) {
    Objects.checkFromIndexSize(offset, length, source.length);
    storage.checkAccess("this vector");
    Elements.copyIn(source, offset, address, length, precision);
  }

  /**
   * Copies this vector into an array.
   *
   * @param target the array
   * @param offset the first element of the array to write
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public void copyTo(double[] target, int offset) {
    Objects.checkFromIndexSize(offset, length, target.length);
    storage.checkAccess("this vector");
    Elements.copyOut(address, target, offset, length, precision);
  }

  /**
   * Copies this vector into an array, rounded to float.
   *
   * @param target the array
   * @param offset the first element of the array to write
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public void copyTo(float[] target, int offset) {
    Objects.checkFromIndexSize(offset, length, target.length);
    storage.checkAccess("this vector");
    Elements.copyOut(address, target, offset, length, precision);
  }

  /**
   * Returns a copy of this vector on the heap.
   *
   * @return a new array of {@code length()} numbers
   */
  public double[] toArray() {
    double[] array = new double[length];
    copyTo(array, 0);
    return array;
  }

  @Override
  public String toString() {
    return "Vec[" + length + " × " + precision + "]";
  }
}
