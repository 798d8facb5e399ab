package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A row-major matrix, rows × cols, in off-heap memory: element (i, j) is element i·stride + j, with
 * stride ≥ cols; rows and cols are at most 2³¹ − 2²⁰ − 1. A view, so two may share memory.
 *
 * <p>Thread rule: the workspace's owner only. Element access and array copies are for the edges of
 * a program; work on whole matrices with {@link Blas} and {@link Maps}.
 */
public final class Mat {
  final Storage storage;
  final long address;
  final int rows;
  final int cols;
  final int stride;
  final Precision precision;

  /** Bytes from the first element to the end of the last; every product asks for them. */
  final long span;

  Mat(Storage storage, long address, int rows, int cols, int stride, Precision precision) {
    this.storage = storage;
    this.address = address;
    this.rows = rows;
    this.cols = cols;
    this.stride = stride;
    this.precision = precision;
    this.span = rows == 0 || cols == 0 ? 0 : ((rows - 1L) * stride + cols) * precision.bytes();
  }

  /**
   * Takes a zero-filled matrix with row stride {@code cols} from a workspace.
   *
   * @param workspace the owner of its memory
   * @param rows the number of rows, at least 0
   * @param cols the number of columns, at least 0
   * @param precision the format of its elements
   * @return a matrix, 64-byte aligned, which takes {@link #bytes(int, int, Precision)} bytes
   * @throws IllegalArgumentException if a dimension is negative or above 2³¹ − 2²⁰ − 1, or the
   *     bytes exceed 2⁶³ − 64
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public static Mat allocate(Workspace workspace, int rows, int cols, Precision precision) {
    Objects.requireNonNull(workspace, "workspace");
    Check.dimension("rows", rows);
    Check.dimension("cols", cols);
    MemorySegment block =
        workspace.allocate(rows + "×" + cols + " matrix", unpaddedBytes(rows, cols, precision));
    return new Mat(
        new Storage(workspace), block.address(), rows, cols, Math.max(1, cols), precision);
  }

  /**
   * Returns the off-heap memory that {@link #allocate} takes: ⌈rows·cols·size/64⌉·64.
   *
   * @param rows the number of rows
   * @param cols the number of columns
   * @param precision the format of the elements
   * @return bytes
   * @throws IllegalArgumentException if a dimension is negative or above 2³¹ − 2²⁰ − 1, or the
   *     bytes exceed 2⁶³ − 64
   */
  public static long bytes(int rows, int cols, Precision precision) {
    Check.dimension("rows", rows);
    Check.dimension("cols", cols);
    return Workspace.blockBytes(unpaddedBytes(rows, cols, precision));
  }

  private static long unpaddedBytes(int rows, int cols, Precision precision) {
    long elements = (long) rows * cols;
    if (elements > (Long.MAX_VALUE - Workspace.ALIGNMENT) / precision.bytes()) {
      throw new IllegalArgumentException(
          "rows × cols is "
              + rows
              + "×"
              + cols
              + "; in "
              + precision
              + " that is more bytes than an address can count: choose smaller dimensions");
    }
    return elements * precision.bytes();
  }

  /**
   * Makes a matrix of a caller's native segment: in place where that is safe, otherwise as a copy
   * in the workspace, under the rule of {@link Vec#of}.
   *
   * @param workspace the owner of the copy, and of the thread rule
   * @param segment native, aligned to the element's size, of at least (rows − 1)·stride + cols
   *     elements
   * @param rows the number of rows, at least 0
   * @param cols the number of columns, at least 0
   * @param stride the distance between rows, in elements, at least {@code cols}
   * @param precision the format of its elements
   * @return the matrix
   * @throws IllegalArgumentException if the segment is on the heap, too short or misaligned, or the
   *     stride is short
   * @throws IllegalStateException if its arena or the workspace is closed
   * @throws WrongThreadException if it is confined to another thread
   */
  public static Mat of(
      Workspace workspace,
      MemorySegment segment,
      int rows,
      int cols,
      int stride,
      Precision precision) {
    Objects.requireNonNull(segment, "segment");
    workspace.checkAccess("workspace");
    Check.dimension("rows", rows);
    Check.dimension("cols", cols);
    if (stride < Math.max(1, cols)) {
      throw new IllegalArgumentException(
          "stride is " + stride + " elements; it must be ≥ max(1, cols) with cols = " + cols);
    }
    long elements = rows == 0 ? 0 : Math.addExact((rows - 1L) * stride, cols);
    Storage.checkSegment(segment, elements, precision);
    Storage wrapped = Storage.wrapping(workspace, segment);
    if (wrapped != null) {
      return new Mat(wrapped, segment.address(), rows, cols, stride, precision);
    }
    long bytes = elements * precision.bytes();
    MemorySegment copy = workspace.allocate("copy of a segment of " + bytes + " bytes", bytes);
    MemorySegment.copy(segment, 0, copy, 0, bytes);
    return new Mat(new Storage(workspace), copy.address(), rows, cols, stride, precision);
  }

  /**
   * Returns the number of rows.
   *
   * @return rows ≥ 0
   */
  public int rows() {
    return rows;
  }

  /**
   * Returns the number of columns.
   *
   * @return cols ≥ 0
   */
  public int cols() {
    return cols;
  }

  /**
   * Returns the distance between the starts of two rows.
   *
   * @return the stride in elements, at least max(1, cols)
   */
  public int stride() {
    return stride;
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
   * Returns the owner of this matrix's memory.
   *
   * @return the workspace
   */
  public Workspace workspace() {
    return storage.workspace;
  }

  /**
   * Tells whether two matrices share memory. Gaps between rows count as the matrix's own, but for
   * blocks of equal stride side by side.
   *
   * @param other a matrix, of either precision
   * @return true if they may share an element
   */
  public boolean overlaps(Mat other) {
    return Check.overlap(this, other);
  }

  /**
   * Tells whether this matrix and a vector share memory. Gaps between rows count as the matrix's
   * own.
   *
   * @param x a vector, of either precision
   * @return true if they may share an element
   */
  public boolean overlaps(Vec x) {
    return Check.overlap(this, x);
  }

  /** Whether the rows follow one another without a gap. */
  boolean contiguous() {
    return stride == cols || rows <= 1;
  }

  /**
   * Returns a view of a block; it allocates no off-heap memory.
   *
   * @param row the block's first row
   * @param col the block's first column
   * @param rows the number of rows
   * @param cols the number of columns
   * @return the view, with this matrix's stride
   * @throws IndexOutOfBoundsException if the block is not within this matrix
   */
  public Mat block(int row, int col, int rows, int cols) {
    Objects.checkFromIndexSize(row, rows, this.rows);
    Objects.checkFromIndexSize(col, cols, this.cols);
    return new Mat(storage, addressOf(row, col), rows, cols, stride, precision);
  }

  /**
   * Returns a view of the first rows; it allocates no off-heap memory.
   *
   * @param rows the number of rows, at most {@link #rows()}
   * @return the view
   * @throws IndexOutOfBoundsException if this matrix has fewer rows
   */
  public Mat top(int rows) {
    return block(0, 0, rows, cols);
  }

  /**
   * Returns a view of one row; it allocates no off-heap memory.
   *
   * @param row 0 ≤ row &lt; rows
   * @return the row as a vector of {@code cols} elements
   * @throws IndexOutOfBoundsException if the row is out of range
   */
  public Vec row(int row) {
    Objects.checkIndex(row, rows);
    return new Vec(storage, rowAddress(row), cols, precision);
  }

  long rowAddress(int row) {
    return address + (long) row * stride * precision.bytes();
  }

  private long addressOf(int row, int col) {
    return address + ((long) row * stride + col) * precision.bytes();
  }

  /**
   * Returns one element, widened to double. For the edges of a program only.
   *
   * @param row 0 ≤ row &lt; rows
   * @param col 0 ≤ col &lt; cols
   * @return the element
   * @throws IndexOutOfBoundsException if an index is out of range
   */
  public double get(int row, int col) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(col, cols);
    storage.checkAccess("this matrix");
    return Elements.get(address, (long) row * stride + col, precision);
  }

  /**
   * Sets one element, rounded to this matrix's precision. For the edges of a program only.
   *
   * @param row 0 ≤ row &lt; rows
   * @param col 0 ≤ col &lt; cols
   * @param value the new value
   * @throws IndexOutOfBoundsException if an index is out of range
   */
  public void set(int row, int col, double value) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(col, cols);
    storage.checkAccess("this matrix");
    Elements.set(address, (long) row * stride + col, value, precision);
  }

  /**
   * Copies cols() numbers from an array into one row, rounded to this matrix's precision.
   *
   * @param row 0 ≤ row &lt; rows
   * @param source the array
   * @param offset the first element of the array to copy
   * @throws IndexOutOfBoundsException if the row is out of range or the array too short
   */
  public void copyRowFrom(int row, double[] source, int offset) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(offset, cols, source.length);
    storage.checkAccess("this matrix");
    Elements.copyIn(source, offset, rowAddress(row), cols, precision);
  }

  /**
   * Copies cols() numbers from an array into one row.
   *
   * @param row 0 ≤ row &lt; rows
   * @param source the array
   * @param offset the first element of the array to copy
   * @throws IndexOutOfBoundsException if the row is out of range or the array too short
   */
  public void copyRowFrom(int row, float[] source, int offset) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(offset, cols, source.length);
    storage.checkAccess("this matrix");
    Elements.copyIn(source, offset, rowAddress(row), cols, precision);
  }

  /**
   * Copies one row into an array.
   *
   * @param row 0 ≤ row &lt; rows
   * @param target the array
   * @param offset the first element of the array to write
   * @throws IndexOutOfBoundsException if the row is out of range or the array too short
   */
  public void copyRowTo(int row, double[] target, int offset) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(offset, cols, target.length);
    storage.checkAccess("this matrix");
    Elements.copyOut(rowAddress(row), target, offset, cols, precision);
  }

  /**
   * Copies one row into an array, rounded to float.
   *
   * @param row 0 ≤ row &lt; rows
   * @param target the array
   * @param offset the first element of the array to write
   * @throws IndexOutOfBoundsException if the row is out of range or the array too short
   */
  public void copyRowTo(int row, float[] target, int offset) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(offset, cols, target.length);
    storage.checkAccess("this matrix");
    Elements.copyOut(rowAddress(row), target, offset, cols, precision);
  }

  /**
   * Copies rows·cols numbers in row-major order from an array.
   *
   * @param source the array, of at least rows·cols numbers
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public void copyFrom(double[] source) {
    Objects.checkFromIndexSize(0L, (long) rows * cols, source.length);
    for (int i = 0; i < rows; i++) {
      copyRowFrom(i, source, i * cols);
    }
  }

  /**
   * Copies cols() numbers into one row from a segment of any kind that the calling thread may read,
   * on or off the heap, aligned or not. Allocates nothing.
   *
   * @param row 0 ≤ row &lt; rows
   * @param source the segment
   * @param offset where in it the first number lies, in bytes
   * @param format the numbers' format; rounded to this matrix's precision
   * @throws IndexOutOfBoundsException if the row is out of range or the segment too short
   * @throws IllegalStateException if its arena or the workspace is closed
   * @throws WrongThreadException if the calling thread may not read it
   */
  public void copyRowFrom(int row, MemorySegment source, long offset, Precision format) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(offset, (long) cols * format.bytes(), source.byteSize());
    storage.checkAccess("this matrix");
    Elements.copyIn(source, offset, format, rowAddress(row), cols, precision);
  }

  /**
   * Copies one row into a segment of any kind that the calling thread may write, on or off the
   * heap, aligned or not. Allocates nothing.
   *
   * @param row 0 ≤ row &lt; rows
   * @param target the segment
   * @param offset where in it the first number is written, in bytes
   * @param format the format to write; the elements are rounded to it
   * @throws IndexOutOfBoundsException if the row is out of range or the segment too short
   * @throws IllegalArgumentException if the segment is read-only
   * @throws IllegalStateException if its arena or the workspace is closed
   * @throws WrongThreadException if the calling thread may not write it
   */
  public void copyRowTo(int row, MemorySegment target, long offset, Precision format) {
    Objects.checkIndex(row, rows);
    Objects.checkFromIndexSize(offset, (long) cols * format.bytes(), target.byteSize());
    storage.checkAccess("this matrix");
    Elements.copyOut(rowAddress(row), precision, target, offset, format, cols);
  }

  /**
   * Copies chosen rows of this matrix into another: row i of {@code target} ← row {@code
   * rows[offset + i]}. Allocates nothing.
   *
   * @param rows row numbers of this matrix
   * @param offset the first of them to take
   * @param target receives as many rows as it has; same columns, same precision, other memory
   * @throws IllegalArgumentException if columns or precision differ or the matrices overlap
   * @throws IndexOutOfBoundsException if a row is out of range or {@code rows} is too short
   */
  public void gatherRows(int[] rows, int offset, Mat target) {
    Objects.checkFromIndexSize(offset, target.rows, rows.length);
    Check.operand("this matrix", this, target.precision);
    Check.operand("target", target, target.precision);
    Check.shape("target", target, target.rows, cols);
    Check.disjoint("this matrix", this, "target", target);
    long bytes = (long) cols * precision.bytes();
    for (int i = 0; i < target.rows; i++) {
      int row = Objects.checkIndex(rows[offset + i], this.rows);
      Elements.copy(rowAddress(row), target.rowAddress(i), bytes);
    }
  }

  /**
   * Returns a copy on the heap in row-major order.
   *
   * @return a new array of rows·cols numbers
   * @throws ArithmeticException if rows·cols exceeds the largest array
   */
  public double[] toArray() {
    double[] array = new double[Math.multiplyExact(rows, cols)];
    for (int i = 0; i < rows; i++) {
      copyRowTo(i, array, i * cols);
    }
    return array;
  }

  @Override
  public String toString() {
    return "Mat[" + rows + "×" + cols + " stride " + stride + " " + precision + "]";
  }
}
