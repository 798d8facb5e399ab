package dev.natgrad.bench.scorecard;

import dev.natgrad.linalg.CategoricalBlocks;
import dev.natgrad.linalg.Divergences;
import dev.natgrad.linalg.Family;
import dev.natgrad.linalg.FamilyRows;
import dev.natgrad.linalg.FamilyScores;
import dev.natgrad.linalg.LayerNormalization;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowDivergences;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.List;
import java.util.Locale;

/** Kernels of rows: distributions, their divergences, layer normalisation. Without peers. */
final class RowCases extends Cases {
  private double scalar;

  RowCases() {
    super(false);
  }

  /** Every kernel at one shape; the columns are even, for a mean and a variance each. */
  void add(int rows, int cols, Precision precision) {
    for (Family family : Family.values()) {
      family(family, rows, cols, precision);
    }
    categoricals(rows, cols, precision);
    divergences(rows, cols, precision);
    normalization(rows, cols, precision);
  }

  private Mat mat(int rows, int cols, double step, Precision precision) {
    Mat a = Mat.allocate(workspace, rows, cols, precision);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        a.set(i, j, step * (1 + (3 * i + 5 * j) % 7));
      }
    }
    return a;
  }

  private Vec vec(int n, Precision precision) {
    return mat(1, n, 0.1, precision).row(0);
  }

  private void add(String name, Mat of, Runnable call) {
    double work = (double) of.rows() * of.cols();
    Contender ours = contender(Contender.NATGRAD, call, () -> new double[] {scalar}, () -> {});
    list.add(
        new Case(
            name,
            of.precision(),
            of.rows() + "x" + of.cols(),
            Case.Unit.ELEMENTS,
            work,
            Limit.copy(2 * (long) work * of.precision().bytes(), work),
            List.of(ours),
            magnitude -> 0));
  }

  private void family(Family family, int rows, int cols, Precision p) {
    double parameter = 2.5;
    String of = "-" + family.name().toLowerCase(Locale.ROOT).replace('_', '-');
    Mat a = mat(rows, cols, 0.1, p);
    Mat b = mat(rows, cols, 0.15, p);
    // Whole numbers, so that they are counts too.
    Mat y = mat(rows, family == Family.GAUSSIAN ? cols / 2 : cols, 1, p);
    Mat m = mat(rows, cols, 0, p);
    Mat u = mat(rows, cols, 0, p);
    FamilyScores.means(family, a, m);
    add("KL" + of, a, () -> scalar = FamilyRows.divergence(family, parameter, a, b, false));
    add("loss" + of, a, () -> scalar = FamilyRows.loss(family, parameter, a, y));
    add("trace" + of, a, () -> scalar = FamilyRows.fisherTrace(family, parameter, a, true));
    add("means" + of, a, () -> FamilyScores.means(family, a, u));
    add("score" + of, a, () -> FamilyScores.score(family, parameter, 1, m, y, u));
    add("product" + of, a, () -> FamilyScores.product(family, parameter, 1, m, b, u));
    add("factor" + of, a, () -> FamilyScores.factor(family, parameter, 1, m, b, u));
  }

  private void categoricals(int rows, int cols, Precision p) {
    CategoricalBlocks blocks = new CategoricalBlocks(3, 19, cols - 22);
    Mat a = mat(rows, cols, 0.3, p);
    Mat b = mat(rows, cols, 0.5, p);
    Mat q = mat(rows, cols, 0, p);
    Mat u = mat(rows, cols, 0, p);
    Vec sums = vec(rows, p);
    add("softmax", a, () -> Maps.softmax(a, u));
    add("logsumexp", a, () -> Maps.logSumExp(a, sums));
    add("softmax-blocks", a, () -> blocks.softmax(a, q));
    blocks.softmax(a, q);
    add("product-blocks", a, () -> blocks.softmaxProduct(1, q, b, u));
    add("factor-blocks", a, () -> blocks.softmaxFactor(1, q, b, u));
    add("transpose-blocks", a, () -> blocks.softmaxFactorTranspose(1, q, b, u));
    add("KL-blocks", a, () -> scalar = blocks.divergence(a, b, false));
    add("loss-blocks", a, () -> scalar = blocks.loss(b, q));
  }

  private void divergences(int rows, int cols, Precision p) {
    Mat a = mat(rows, cols, 0.3, p);
    Mat b = mat(rows, cols, 0.5, p);
    Mat q = mat(rows, cols, 0.1, p);
    Mat u = mat(rows, cols, 0, p);
    Vec out = vec(rows, Precision.F64);
    add("KL-categorical", a, () -> scalar = Divergences.categorical(a, b, false));
    add("KL-bernoulli", a, () -> scalar = Divergences.bernoulli(a, b, false));
    add("distance", a, () -> scalar = Divergences.squaredDistance(a, b, false));
    add("loss-categorical", a, () -> scalar = Divergences.categoricalLoss(a, q));
    add("loss-bernoulli", a, () -> scalar = Divergences.bernoulliLoss(a, q));
    add("KLs-categorical", a, () -> RowDivergences.categorical(a, b, out));
    add("KLs-bernoulli", a, () -> RowDivergences.bernoulli(a, b, out));
    add("distances", a, () -> RowDivergences.squaredDistance(1, a, b, 1, out));
    add("product-bernoulli", a, () -> RowProducts.bernoulliProduct(1, q, a, u));
    add("difference", a, () -> RowProducts.difference(1, a, b, u));
  }

  private void normalization(int rows, int cols, Precision p) {
    Mat x = mat(rows, cols, 0.3, p);
    Mat h = mat(rows, cols, 0, p);
    Mat t = mat(rows, cols, 0.1, p);
    Mat y = mat(rows, cols, 0, p);
    Vec r = vec(rows, p);
    Vec g = vec(cols, p);
    Vec b = vec(cols, p);
    Vec sums = vec(cols, p);
    LayerNormalization.normalize(0.1, x, h, r);
    add("normalize", x, () -> LayerNormalization.normalize(0.1, x, h, r));
    add("affine", x, () -> LayerNormalization.affine(h, g, b, y));
    add("tangent", x, () -> LayerNormalization.tangent(h, r, g, g, b, t, y));
    add("cotangent", x, () -> LayerNormalization.cotangent(h, r, g, t, y));
    add("column-dots", x, () -> LayerNormalization.columnDots(h, t, 0.5, sums));
  }
}
