package dev.natgrad.fisher;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.random.Streams;

/**
 * Vectors s in the outputs, a row for each sample, whose ssᵀ has F_z as its mean (or, for the
 * targets of the data, has not): made in passes, each handed to a sink; in none where every row has
 * the weight 0. Its own memory is two matrices maxRows×outputs.
 */
final class OutputScores {
  private final OutputDistribution distribution;
  private final BatchViews<Rows> rows;

  /** The first rows of the two buffers. */
  private record Rows(Vec all, Mat units, Mat targets, Mat scores) {}

  /** Takes the scores of one pass. */
  interface Pass {
    /** {@code number} counts the passes of an update, 0 … {@code passes} − 1. */
    void accept(Mat scores, int passes, int number);
  }

  OutputScores(
      Workspace workspace, OutputDistribution distribution, int maxRows, Precision precision) {
    this.distribution = distribution;
    int outputs = distribution.outputs();
    int entries = FisherCheck.entries("maxRows", maxRows, outputs);
    Vec targets = Vec.allocate(workspace, entries, precision);
    Mat scores = Mat.allocate(workspace, maxRows, outputs, precision);
    this.rows =
        new BatchViews<>(
            maxRows,
            b -> {
              Vec all = targets.slice(0, b * outputs);
              Mat units = all.asMat(b, outputs);
              Mat drawn = units.block(0, 0, b, distribution.targets());
              return new Rows(all, units, drawn, scores.top(b));
            });
  }

  /**
   * Whether all rows of the batch have the weight 0, as a part of a padded batch may: there is no
   * mean over them, and so no pass.
   */
  private boolean masked(int rows) {
    Vec roots = distribution.rootWeights(rows);
    return roots != null && Blas.dsdot(roots, roots) == 0;
  }

  static long bytes(int outputs, int maxRows, Precision precision) {
    return 2 * Mat.bytes(maxRows, outputs, precision);
  }

  void sampled(Mat mean, int draws, long seed, long number, Pass pass) {
    if (masked(mean.rows())) {
      return;
    }
    Rows at = rows.of(mean.rows());
    for (int n = 0; n < draws; n++) {
      distribution.sample(mean, seed, number * draws + n, at.targets);
      distribution.scoreFactor(1, mean, at.targets, at.scores);
      pass.accept(at.scores, draws, n);
    }
  }

  void signs(Mat mean, int draws, long seed, long number, Pass pass) {
    if (masked(mean.rows())) {
      return;
    }
    Rows at = rows.of(mean.rows());
    for (int n = 0; n < draws; n++) {
      Signs.fill(at.all, seed, Streams.FACTORS + number * draws + n);
      distribution.fisherFactor(1, mean, at.units, at.scores);
      pass.accept(at.scores, draws, n);
    }
  }

  /** One column of the factor of F_z a pass; the passes are to be summed, not averaged. */
  void exact(Mat mean, Pass pass) {
    if (masked(mean.rows())) {
      return;
    }
    Rows at = rows.of(mean.rows());
    for (int j = 0; j < distribution.outputs(); j++) {
      Blas.fill(0, at.all);
      for (int i = 0; i < mean.rows(); i++) {
        at.units.set(i, j, 1);
      }
      distribution.fisherFactor(1, mean, at.units, at.scores);
      pass.accept(at.scores, 1, j);
    }
  }

  void empirical(Mat mean, Mat targets, Pass pass) {
    if (masked(mean.rows())) {
      return;
    }
    Rows at = rows.of(mean.rows());
    distribution.scoreFactor(1, mean, targets, at.scores);
    pass.accept(at.scores, 1, 0);
  }
}
