package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowScaling;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import java.util.List;

/**
 * Means of aaᵀ and of a over the rows of a batch, as the distribution weights them. With weights
 * its memory is a matrix maxRows×n, n the most inputs of a layer; without, nothing.
 */
final class InputMoments {
  private final OutputDistribution distribution;

  /** The inputs of each layer times the roots of the weights; null without weights. */
  private final BatchViews<Mat[]> scaled;

  InputMoments(
      Workspace workspace,
      List<DenseLayer> layers,
      OutputDistribution distribution,
      int maxRows,
      Precision precision) {
    this.distribution = distribution;
    if (!distribution.weighted()) {
      this.scaled = null;
      return;
    }
    int[] widths = layers.stream().mapToInt(DenseLayer::inputs).toArray();
    int entries = FisherCheck.entries("maxRows", maxRows, mostInputs(layers));
    Vec buffer = Vec.allocate(workspace, entries, precision);
    this.scaled = new BatchViews<>(maxRows, b -> EigenScratch.views(buffer, b, widths));
  }

  private static int mostInputs(List<DenseLayer> layers) {
    return layers.stream().mapToInt(DenseLayer::inputs).max().orElse(0);
  }

  static long bytes(
      List<DenseLayer> layers, OutputDistribution distribution, int maxRows, Precision precision) {
    return distribution.weighted() ? Mat.bytes(maxRows, mostInputs(layers), precision) : 0;
  }

  /**
   * Adds the means of a layer's inputs: squares ← part·E[aaᵀ] + keep·squares, the lower triangle
   * alone, and means ← part·E[a] + keep·means unless it is null.
   */
  void add(double part, int layer, Mat in, double keep, Mat squares, Vec means) {
    Vec roots = distribution.rootWeights(in.rows());
    if (roots == null) {
      double add = part / in.rows();
      Blas.syrk(Triangle.LOWER, Transpose.YES, add, in, keep, squares);
      if (means != null) {
        Blas.colSums(add, in, keep, means);
      }
      return;
    }
    // A copy: the square of what fills a masked row may overflow, and 0·∞ is no 0.
    Mat rows = scaled.of(in.rows())[layer];
    RowScaling.scale(roots, in, rows);
    double add = part / Blas.dsdot(roots, roots);
    Blas.syrk(Triangle.LOWER, Transpose.YES, add, rows, keep, squares);
    if (means != null) {
      Blas.gemv(Transpose.YES, add, rows, roots, keep, means);
    }
  }
}
