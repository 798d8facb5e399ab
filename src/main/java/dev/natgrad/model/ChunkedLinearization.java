package dev.natgrad.model;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * The passes of {@link Chunked}. Rows go through buffers of one chunk, so that the base sees the
 * same matrices again and again; views of the caller's are remembered by {@link MatrixParts}.
 */
final class ChunkedLinearization implements Linearization {
  private final Chunked model;
  private final Linearization base;
  private final int maxBatch;
  private final int[] rowNumbers;
  private final BatchViews<Buffers> buffers;
  private final MatrixParts<Mat[]> chunks = new MatrixParts<>(this::cut);

  private Vec theta;
  private Mat x;

  /** The chunk that the base was last evaluated at. */
  private int resident;

  private double errorBound;
  private double rounding;

  /** One number of rows of a chunk's inputs and outputs. */
  private record Buffers(Mat x, Mat z) {}

  ChunkedLinearization(
      Workspace workspace, Chunked model, Linearization base, int maxBatch, Precision precision) {
    int most = model.chunk() + 1;
    this.model = model;
    this.base = base;
    this.maxBatch = maxBatch;
    this.rowNumbers = new int[most];
    Mat inputs = Mat.allocate(workspace, most, model.inputs(), precision);
    Mat outputs = Mat.allocate(workspace, most, model.outputs(), precision);
    this.buffers = new BatchViews<>(most, n -> new Buffers(inputs.top(n), outputs.top(n)));
  }

  /** A row left over joins the chunk before it: products with a single row sum in another order. */
  private int chunks(int rows) {
    int whole = rows / model.chunk();
    int left = rows % model.chunk();
    return left > 1 || whole == 0 ? whole + 1 : whole;
  }

  private int rowsOf(int chunk, int rows) {
    int start = chunk * model.chunk();
    return chunk == chunks(rows) - 1 ? rows - start : model.chunk();
  }

  private Mat[] cut(Mat a) {
    Mat[] parts = new Mat[chunks(a.rows())];
    for (int c = 0; c < parts.length; c++) {
      parts[c] = a.block(c * model.chunk(), 0, rowsOf(c, a.rows()), a.cols());
    }
    return parts;
  }

  @Override
  public void evaluate(Vec newTheta, Mat newX, Mat z) {
    check("x", newX, newX.rows(), model.inputs());
    check("z", z, newX.rows(), model.outputs());
    if (newX.rows() > maxBatch) {
      throw new IllegalArgumentException(
          "x has "
              + newX.rows()
              + " rows; this linearisation was built for batches of up to "
              + maxBatch);
    }
    theta = null;
    x = newX;
    errorBound = 0;
    rounding = 0;
    Mat[] out = chunks.of(z);
    for (int c = 0; c < out.length; c++) {
      Buffers b = evaluateChunk(newTheta, c);
      Blas.copy(b.z, out[c]);
      errorBound = Math.max(errorBound, base.outputErrorBound());
      rounding = Math.max(rounding, base.outputRounding());
    }
    theta = newTheta;
  }

  private static void check(String name, Mat a, int rows, int cols) {
    if (rows < 1 || a.rows() != rows || a.cols() != cols) {
      throw new IllegalArgumentException(
          name
              + " is "
              + a.rows()
              + "×"
              + a.cols()
              + "; it must be "
              + Math.max(1, rows)
              + "×"
              + cols
              + ", a row for each sample");
    }
  }

  private Buffers evaluateChunk(Vec at, int c) {
    int rows = rowsOf(c, x.rows());
    Buffers b = buffers.of(rows);
    for (int i = 0; i < rows; i++) {
      rowNumbers[i] = c * model.chunk() + i;
    }
    resident = -1;
    x.gatherRows(rowNumbers, 0, b.x);
    base.evaluate(at, b.x, b.z);
    resident = c;
    return b;
  }

  /** The buffers of a chunk whose point the base is at. */
  private Buffers at(int c) {
    return resident == c ? buffers.of(rowsOf(c, x.rows())) : evaluateChunk(theta, c);
  }

  private void checkEvaluated(String name, Mat a) {
    if (theta == null) {
      throw new IllegalStateException(
          "nothing has been evaluated: call evaluate(theta, x, z) first");
    }
    check(name, a, x.rows(), model.outputs());
  }

  @Override
  public void jvp(Vec v, Mat t) {
    checkEvaluated("t", t);
    Mat[] out = chunks.of(t);
    for (int c = 0; c < out.length; c++) {
      Buffers b = at(c);
      base.jvp(v, b.z);
      Blas.copy(b.z, out[c]);
    }
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    checkEvaluated("u", u);
    Mat[] in = chunks.of(u);
    for (int c = 0; c < in.length; c++) {
      Buffers b = at(c);
      Blas.copy(in[c], b.z);
      base.vjp(b.z, c == 0 ? beta : 1, g);
    }
  }

  @Override
  public double outputErrorBound() {
    if (theta == null) {
      throw new IllegalStateException(
          "nothing has been evaluated: call evaluate(theta, x, z) first");
    }
    return errorBound;
  }

  @Override
  public double outputRounding() {
    return Math.min(rounding, outputErrorBound());
  }
}
