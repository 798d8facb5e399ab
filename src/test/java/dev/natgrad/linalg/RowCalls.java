package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.SequencedMap;

/**
 * A call of every kernel of rows through its facade, by name: distributions, divergences, layer
 * normalisation, norms. Rows with gaps between them and without, since some kernels take rows
 * without gaps as one, and a size that leaves tails.
 */
final class RowCalls {
  private static final int ROWS = 7;
  private static final int COLS = 38;

  private final SequencedMap<String, Runnable> calls;
  private final Workspace workspace;
  private final Precision precision;
  private double sink;

  private RowCalls(SequencedMap<String, Runnable> calls, Workspace workspace, Precision precision) {
    this.calls = calls;
    this.workspace = workspace;
    this.precision = precision;
  }

  static void addTo(
      SequencedMap<String, Runnable> calls, Workspace workspace, Precision precision) {
    RowCalls all = new RowCalls(calls, workspace, precision);
    for (int gap : new int[] {0, 3}) {
      for (Family family : Family.values()) {
        all.family(family, gap);
      }
      all.blocks(gap);
      all.products(gap);
      all.divergences(gap);
      all.normalization(gap);
    }
  }

  private Mat mat(int rows, int cols, int gap, double scale) {
    Mat a = Mat.allocate(workspace, rows, cols + gap, precision).block(0, 0, rows, cols);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        a.set(i, j, scale * (1 + (3 * i + 5 * j) % 7));
      }
    }
    return a;
  }

  private Vec vec(int n, Precision precision) {
    Vec x = Vec.allocate(workspace, n, precision);
    Blas.fill(0.5, x);
    return x;
  }

  private static String of(String name, int gap) {
    return name + (gap == 0 ? "" : ", rows apart");
  }

  private void family(Family family, int gap) {
    double parameter = 2.5;
    String of = of(" of " + family, gap);
    Mat a = mat(ROWS, COLS, gap, 0.1);
    Mat b = mat(ROWS, COLS, gap, 0.15);
    // Whole numbers, so that they are counts too.
    Mat y = mat(ROWS, family.targets(COLS), gap, 1);
    Mat u = mat(ROWS, COLS, gap, 0);
    Mat m = mat(ROWS, COLS, gap, 0);
    FamilyScores.means(family, a, m);
    Vec out = vec(ROWS, Precision.F64);
    calls.put(
        "divergence" + of, () -> sink += FamilyRows.divergence(family, parameter, a, b, false));
    calls.put("divergences" + of, () -> FamilyRows.divergences(family, parameter, a, b, out));
    calls.put("loss" + of, () -> sink += FamilyRows.loss(family, parameter, a, y));
    calls.put(
        "log-probabilities" + of, () -> FamilyRows.logProbabilities(family, parameter, a, y, out));
    calls.put(
        "Fisher trace" + of, () -> sink += FamilyRows.fisherTrace(family, parameter, a, true));
    calls.put("means" + of, () -> FamilyScores.means(family, a, u));
    calls.put("score" + of, () -> FamilyScores.score(family, parameter, 1, m, y, u));
    calls.put("product" + of, () -> FamilyScores.product(family, parameter, 1, m, b, u));
    calls.put("factor" + of, () -> FamilyScores.factor(family, parameter, 1, m, b, u));
  }

  private void blocks(int gap) {
    CategoricalBlocks blocks = new CategoricalBlocks(3, 19, COLS - 22);
    String of = of(" of blocks", gap);
    Mat a = mat(ROWS, COLS, gap, 0.3);
    Mat b = mat(ROWS, COLS, gap, 0.5);
    Mat p = mat(ROWS, COLS, gap, 0);
    Mat u = mat(ROWS, COLS, gap, 0);
    Vec out = vec(ROWS, Precision.F64);
    calls.put("softmax" + of, () -> blocks.softmax(a, p));
    calls.put("softmax product" + of, () -> blocks.softmaxProduct(1, p, b, u));
    calls.put("softmax factor" + of, () -> blocks.softmaxFactor(1, p, b, u));
    calls.put("softmax factor, transposed" + of, () -> blocks.softmaxFactorTranspose(1, p, b, u));
    calls.put("divergence" + of, () -> sink += blocks.divergence(a, b, false));
    calls.put("divergences" + of, () -> blocks.divergences(a, b, out));
    calls.put("loss" + of, () -> sink += blocks.loss(a, p));
    calls.put("log-probabilities" + of, () -> blocks.logProbabilities(a, p, out));
  }

  private void products(int gap) {
    String of = of(" of rows", gap);
    Mat a = mat(ROWS, COLS, gap, 0.3);
    Mat p = mat(ROWS, COLS, gap, 0.1);
    Mat u = mat(ROWS, COLS, gap, 0);
    Mat outer = mat(ROWS, 5 * COLS, gap, 0);
    Mat few = mat(ROWS, 5, gap, 1);
    Mat w = mat(COLS, 9, gap, 1);
    calls.put("scaling" + of, () -> RowProducts.scale(0.5, a, u));
    calls.put("sum" + of, () -> RowProducts.add(1e-9, a, u));
    calls.put("difference" + of, () -> RowProducts.difference(0.5, a, p, u));
    calls.put("Bernoulli product" + of, () -> RowProducts.bernoulliProduct(1, p, a, u));
    calls.put("Bernoulli factor" + of, () -> RowProducts.bernoulliFactor(1, p, a, u));
    calls.put("softmax factor" + of, () -> RowProducts.softmaxFactor(1, p, a, u));
    calls.put(
        "softmax factor, transposed" + of, () -> RowProducts.softmaxFactorTranspose(1, p, a, u));
    Mat one = mat(ROWS, 1, gap, 1);
    calls.put("outer products" + of, () -> RowProducts.outer(a, few, outer));
    calls.put("outer products of few" + of, () -> RowProducts.outer(few, a, outer));
    calls.put("outer products with one" + of, () -> RowProducts.outer(a, one, u));
    calls.put("largest entry" + of, () -> sink += Norms.largestAbsolute(a));
    calls.put("largest row" + of, () -> sink += Norms.largestRowNorm(a));
    calls.put("largest column" + of, () -> sink += Norms.largestColumnNorm(a));
    calls.put("scaled product" + of, () -> sink += Norms.scaledProduct(a, w));
  }

  private void divergences(int gap) {
    String of = of(" of rows", gap);
    Mat a = mat(ROWS, COLS, gap, 0.3);
    Mat b = mat(ROWS, COLS, gap, 0.5);
    Mat p = mat(ROWS, COLS, gap, 0.1);
    Vec out = vec(ROWS, Precision.F64);
    calls.put("categorical KL" + of, () -> sink += Divergences.categorical(a, b, false));
    calls.put("Bernoulli KL" + of, () -> sink += Divergences.bernoulli(a, b, true));
    calls.put("squared distance" + of, () -> sink += Divergences.squaredDistance(a, b, false));
    calls.put("categorical loss" + of, () -> sink += Divergences.categoricalLoss(a, p));
    calls.put("Bernoulli loss" + of, () -> sink += Divergences.bernoulliLoss(a, p));
    calls.put("categorical KLs" + of, () -> RowDivergences.categorical(a, b, out));
    calls.put("Bernoulli KLs" + of, () -> RowDivergences.bernoulli(a, b, out));
    calls.put("squared distances" + of, () -> RowDivergences.squaredDistance(1, a, b, 1, out));
    calls.put(
        "categorical log-probabilities" + of,
        () -> RowDivergences.categoricalLogProbabilities(a, p, out));
    calls.put(
        "Bernoulli log-probabilities" + of,
        () -> RowDivergences.bernoulliLogProbabilities(a, p, out));
  }

  private void normalization(int gap) {
    String of = of(" of layers", gap);
    Mat x = mat(ROWS, COLS, gap, 0.3);
    Mat h = mat(ROWS, COLS, gap, 0.1);
    Mat t = mat(ROWS, COLS, gap, 0.1);
    Mat y = mat(ROWS, COLS, gap, 0);
    Vec r = vec(ROWS, precision);
    Vec g = vec(COLS, precision);
    Vec b = vec(COLS, precision);
    Vec sums = vec(COLS, precision);
    calls.put("normalization" + of, () -> LayerNormalization.normalize(0.1, x, h, r));
    calls.put("affine map" + of, () -> LayerNormalization.affine(h, g, b, y));
    calls.put("tangent" + of, () -> LayerNormalization.tangent(h, r, g, g, b, t, y));
    calls.put("cotangent" + of, () -> LayerNormalization.cotangent(h, r, g, t, y));
    calls.put("column dots" + of, () -> LayerNormalization.columnDots(h, t, 0.5, sums));
  }
}
