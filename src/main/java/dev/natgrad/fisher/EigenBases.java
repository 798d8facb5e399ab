package dev.natgrad.fisher;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.SymmetricEigen;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import java.util.List;

/**
 * The eigenvectors of each layer's two Kronecker factors, as columns in the order of ascending
 * eigenvalues. Thread rule: the owner of the workspace.
 */
final class EigenBases {
  /** Of the inputs' factors, and their rows for the weights and for the bias, null without one. */
  final Mat[] a;

  final Mat[] weightRows;
  final Vec[] biasRows;

  /** Of the derivatives' factors. */
  final Mat[] g;

  private final SymmetricEigen eigen;

  EigenBases(Workspace workspace, List<DenseLayer> layers, Precision precision) {
    int count = layers.size();
    this.eigen = new SymmetricEigen(workspace, LayerBlocks.largestOrder(layers));
    this.a = new Mat[count];
    this.weightRows = new Mat[count];
    this.biasRows = new Vec[count];
    this.g = new Mat[count];
    for (int l = 0; l < count; l++) {
      DenseLayer layer = layers.get(l);
      a[l] = Mat.allocate(workspace, layer.rows(), layer.rows(), precision);
      g[l] = Mat.allocate(workspace, layer.outputs(), layer.outputs(), precision);
      weightRows[l] = a[l].top(layer.inputs());
      biasRows[l] = layer.hasBias() ? a[l].row(layer.inputs()) : null;
    }
  }

  /** Two square matrices a layer, and the room to decompose the largest. */
  static long bytes(List<DenseLayer> layers, Precision precision) {
    long bytes = SymmetricEigen.bytes(LayerBlocks.largestOrder(layers));
    for (DenseLayer layer : layers) {
      bytes += Mat.bytes(layer.rows(), layer.rows(), precision);
      bytes += Mat.bytes(layer.outputs(), layer.outputs(), precision);
    }
    return bytes;
  }

  /**
   * Takes a layer's eigenvectors; s, (inputs + 1)×outputs, becomes the products of the eigenvalues,
   * none below 0. False, with nothing changed, if a trace or an entry of a lower triangle is not
   * finite.
   */
  boolean refresh(int l, Mat inputFactor, Mat outputFactor, Mat s) {
    double traces = KroneckerFactors.trace(inputFactor) + KroneckerFactors.trace(outputFactor);
    // Both before either: a layer with one old and one new basis would be neither matrix.
    if (!Double.isFinite(traces) || !finite(inputFactor) || !eigen.decompose(outputFactor)) {
      return false;
    }
    eigen.vectors(g[l]);
    for (int j = 0; j < s.cols(); j++) {
      s.set(0, j, Math.max(0, eigen.value(j)));
    }
    if (!eigen.decompose(inputFactor)) {
      return false;
    }
    eigen.vectors(a[l]);
    for (int i = s.rows() - 1; i >= 0; i--) {
      double value = Math.max(0, eigen.value(i));
      for (int j = 0; j < s.cols(); j++) {
        s.set(i, j, value * s.get(0, j));
      }
    }
    return true;
  }

  private static boolean finite(Mat lower) {
    for (int i = 0; i < lower.rows(); i++) {
      for (int j = 0; j <= i; j++) {
        if (!Double.isFinite(lower.get(i, j))) {
          return false;
        }
      }
    }
    return true;
  }
}
