package dev.natgrad.fisher;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import java.util.List;

/** What products in the eigenvectors of Kronecker factors are computed in, layer after layer. */
final class EigenScratch {
  /** Two matrices of a layer's shape, and their entries without gaps. */
  private final Mat[] products;

  private final Vec[] productEntries;
  private final Mat[] turned;
  private final Vec[] turnedEntries;

  /** A batch of a layer's inputs and deltas. */
  final BatchViews<Mat[]> inputRows;

  final BatchViews<Mat[]> deltaRows;

  EigenScratch(Workspace workspace, List<DenseLayer> layers, int maxRows, Precision precision) {
    int count = layers.size();
    Vec product = Vec.allocate(workspace, LayerBlocks.largest(layers), precision);
    Vec turn = Vec.allocate(workspace, LayerBlocks.largest(layers), precision);
    this.products = new Mat[count];
    this.productEntries = new Vec[count];
    this.turned = new Mat[count];
    this.turnedEntries = new Vec[count];
    int[] inputs = new int[count];
    int[] outputs = new int[count];
    for (int l = 0; l < count; l++) {
      DenseLayer layer = layers.get(l);
      inputs[l] = layer.rows();
      outputs[l] = layer.outputs();
      productEntries[l] = product.slice(0, layer.parameters());
      products[l] = productEntries[l].asMat(layer.rows(), layer.outputs());
      turnedEntries[l] = turn.slice(0, layer.parameters());
      turned[l] = turnedEntries[l].asMat(layer.rows(), layer.outputs());
    }
    int order = LayerBlocks.largestOrder(layers);
    int entries = FisherCheck.entries("maxRows", maxRows, order);
    Vec in = Vec.allocate(workspace, entries, precision);
    Vec out = Vec.allocate(workspace, entries, precision);
    this.inputRows = new BatchViews<>(maxRows, b -> views(in, b, inputs));
    this.deltaRows = new BatchViews<>(maxRows, b -> views(out, b, outputs));
  }

  /** For each width the first numbers of a buffer as a matrix without gaps. */
  static Mat[] views(Vec buffer, int rows, int[] widths) {
    Mat[] views = new Mat[widths.length];
    for (int l = 0; l < views.length; l++) {
      views[l] = buffer.slice(0, rows * widths[l]).asMat(rows, widths[l]);
    }
    return views;
  }

  /** Twice the largest layer, and two matrices of the largest order. */
  static long bytes(List<DenseLayer> layers, int maxRows, Precision precision) {
    return 2 * Vec.bytes(LayerBlocks.largest(layers), precision)
        + 2 * Mat.bytes(maxRows, LayerBlocks.largestOrder(layers), precision);
  }

  /** Y_l ← α·Q_A (D_l ∘ (Q_AᵀX_l Q_G)) Q_Gᵀ + βY_l, and αγx + βy in the gaps. */
  void scale(
      LayerBlocks blocks,
      Mat[] a,
      Mat[] g,
      Vec[] diagonal,
      double gap,
      double alpha,
      Vec x,
      double beta,
      Vec y) {
    LayerBlocks.Parts from = blocks.of(x);
    LayerBlocks.Parts to = blocks.of(y);
    for (int l = 0; l < a.length; l++) {
      Blas.gemm(Transpose.YES, Transpose.NO, 1, a[l], from.layers[l], 0, products[l]);
      Blas.gemm(Transpose.NO, Transpose.NO, 1, products[l], g[l], 0, turned[l]);
      Maps.hadamard(1, diagonal[l], turnedEntries[l], 0, productEntries[l]);
      Blas.gemm(Transpose.NO, Transpose.YES, 1, products[l], g[l], 0, turned[l]);
      Blas.gemm(Transpose.NO, Transpose.NO, alpha, a[l], turned[l], beta, to.layers[l]);
    }
    for (int i = 0; i < to.gaps.length; i++) {
      Blas.axpby(alpha * gap, from.gaps[i], beta, to.gaps[i]);
    }
  }
}
