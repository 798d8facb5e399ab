package dev.natgrad.model;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowScaling;
import dev.natgrad.linalg.Vec;

/**
 * The passes of {@link FreeOutputs}: those of the base on the first columns, copies and column sums
 * of the last. Views are remembered for the last {@value #KEPT} vectors and by {@link MatrixParts},
 * so that repeated calls allocate nothing.
 */
class FreeOutputsLinearization implements Linearization {
  private static final int KEPT = 16;

  private final Model model;
  private final int split;
  private final int free;
  private final int splitOutputs;
  private final Linearization base;
  private final Vectors[] vectors = new Vectors[KEPT];
  private final MatrixParts<Matrices> matrices;
  private int nextVector;

  private record Vectors(Vec whole, Vec base, Vec free) {}

  private record Matrices(Mat base, Mat free) {}

  FreeOutputsLinearization(Model model, int free, Linearization base) {
    this.model = model;
    this.free = free;
    this.split = model.parameters() - free;
    this.splitOutputs = model.outputs() - free;
    this.base = base;
    this.matrices =
        new MatrixParts<>(
            a ->
                new Matrices(
                    a.block(0, 0, a.rows(), splitOutputs),
                    a.block(0, splitOutputs, a.rows(), free)));
  }

  /** The base's columns of a matrix of outputs. */
  final Mat baseOutputs(String name, Mat a) {
    return parts(name, a).base;
  }

  private Vectors parts(String name, Vec v) {
    for (Vectors known : vectors) {
      if (known != null && known.whole == v) {
        return known;
      }
    }
    if (v.length() != model.parameters()) {
      throw new IllegalArgumentException(
          name + " has length " + v.length() + "; " + model + " has " + model.parameters());
    }
    Vectors parts = new Vectors(v, v.slice(0, split), v.slice(split, free));
    vectors[nextVector] = parts;
    nextVector = (nextVector + 1) % KEPT;
    return parts;
  }

  private Matrices parts(String name, Mat a) {
    if (a.cols() != model.outputs()) {
      throw new IllegalArgumentException(
          name + " has " + a.cols() + " columns; " + model + " has " + model.outputs());
    }
    return matrices.of(a);
  }

  @Override
  public void evaluate(Vec theta, Mat x, Mat z) {
    Vectors point = parts("theta", theta);
    Matrices outputs = parts("z", z);
    base.evaluate(point.base, x, outputs.base);
    RowScaling.repeat(point.free, outputs.free);
  }

  @Override
  public void evaluateAgain(Vec theta, Mat x, Mat z) {
    Vectors point = parts("theta", theta);
    Matrices outputs = parts("z", z);
    base.evaluateAgain(point.base, x, outputs.base);
    RowScaling.repeat(point.free, outputs.free);
  }

  @Override
  public void jvp(Vec v, Mat t) {
    Vectors direction = parts("v", v);
    Matrices tangent = parts("t", t);
    base.jvp(direction.base, tangent.base);
    RowScaling.repeat(direction.free, tangent.free);
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    Matrices cotangent = parts("u", u);
    Vectors gradient = parts("g", g);
    base.vjp(cotangent.base, beta, gradient.base);
    Blas.colSums(1, cotangent.free, beta, gradient.free);
  }

  /** {@inheritDoc} The base's: the free outputs are the parameters as stored. */
  @Override
  public double outputErrorBound() {
    return base.outputErrorBound();
  }

  @Override
  public double outputRounding() {
    return base.outputRounding();
  }
}
