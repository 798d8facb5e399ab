package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.SplittableRandom;

/**
 * A hash of what the kernels of rows give, and of what is made of several kernels: families of
 * distributions, blocks of categoricals, eigenvectors, updates of conjugate gradients, norms.
 */
final class RowsHash {
  private static final int ROWS = 5;

  /** More than two chunks of {@link KrylovUpdates}, and an end that fills no vector. */
  private static final int LONG = 2 * 1024 + 77;

  private final Workspace workspace;
  private final Precision precision;
  private final SplittableRandom random = new SplittableRandom(5);
  private long hash = 1;

  private RowsHash(Workspace workspace, Precision precision) {
    this.workspace = workspace;
    this.precision = precision;
  }

  static long of(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      RowsHash all = new RowsHash(workspace, precision);
      for (int n : new int[] {2, 6, 18, 38}) {
        for (Family family : Family.values()) {
          all.family(family, n);
        }
        all.blocks(new CategoricalBlocks(1, n, 3, 17));
        all.products(n);
      }
      all.updates(LONG);
      all.eigenvectors(13);
      return all.hash;
    }
  }

  private void take(double x) {
    hash = 1_000_003 * hash + Double.doubleToLongBits(x);
  }

  private void take(Mat a) {
    for (double x : a.toArray()) {
      take(x);
    }
  }

  private void take(Vec x) {
    take(x.asMat(1, x.length()));
  }

  private Mat mat(int rows, int cols, double low, double high) {
    Mat a = Mat.allocate(workspace, rows, cols, precision);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        a.set(i, j, random.nextDouble(low, high));
      }
    }
    return a;
  }

  private Vec vec(int n, double low, double high) {
    return mat(1, n, low, high).row(0);
  }

  /** Targets that every family takes: whole numbers above 0, some of them large. */
  private Mat targets(int cols) {
    Mat y = Mat.allocate(workspace, ROWS, cols, precision);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < cols; j++) {
        y.set(i, j, random.nextInt(1, random.nextInt(4) == 0 ? 2000 : 9));
      }
    }
    return y;
  }

  private void family(Family family, int n) {
    double parameter = 2.5;
    Mat a = mat(ROWS, n, -4, 4);
    Mat b = mat(ROWS, n, -4, 4);
    Mat y = targets(family.targets(n));
    Mat t = mat(ROWS, n, -1, 1);
    Mat m = Mat.allocate(workspace, ROWS, n, precision);
    Mat u = Mat.allocate(workspace, ROWS, n, precision);
    Vec out = Vec.allocate(workspace, ROWS, Precision.F64);
    take(FamilyRows.divergence(family, parameter, a, b, false));
    take(FamilyRows.divergence(family, parameter, a, b, true));
    take(FamilyRows.loss(family, parameter, a, y));
    take(FamilyRows.fisherTrace(family, parameter, a, false));
    FamilyRows.divergences(family, parameter, a, b, out);
    take(out);
    FamilyRows.logProbabilities(family, parameter, a, y, out);
    take(out);
    FamilyScores.means(family, a, m);
    take(m);
    FamilyScores.score(family, parameter, 0.7, m, y, u);
    take(u);
    FamilyScores.product(family, parameter, 0.7, m, t, u);
    take(u);
    FamilyScores.factor(family, parameter, 0.7, m, t, u);
    take(u);
  }

  private void blocks(CategoricalBlocks blocks) {
    int n = blocks.columns();
    Mat a = mat(ROWS, n, -9, 9);
    Mat b = mat(ROWS, n, -9, 9);
    Mat t = mat(ROWS, n, -1, 1);
    Mat p = Mat.allocate(workspace, ROWS, n, precision);
    Mat u = Mat.allocate(workspace, ROWS, n, precision);
    Vec out = Vec.allocate(workspace, ROWS, Precision.F64);
    blocks.softmax(a, p);
    take(p);
    blocks.softmaxProduct(0.7, p, t, u);
    take(u);
    blocks.softmaxFactor(0.7, p, t, u);
    take(u);
    blocks.softmaxFactorTranspose(0.7, p, t, u);
    take(u);
    take(blocks.divergence(a, b, false));
    take(blocks.divergence(a, b, true));
    take(blocks.loss(b, p));
    blocks.divergences(a, b, out);
    take(out);
    blocks.logProbabilities(b, p, out);
    take(out);
  }

  private void products(int n) {
    Mat a = mat(ROWS, n, -9, 9);
    Mat b = mat(ROWS, n, -9, 9);
    Mat p = mat(ROWS, n, 0, 1);
    Mat u = Mat.allocate(workspace, ROWS, n, precision);
    Mat outer = Mat.allocate(workspace, ROWS, 3 * n, precision);
    Vec out = Vec.allocate(workspace, ROWS, Precision.F64);
    RowProducts.scale(0.7, a, u);
    RowProducts.difference(0.7, a, u, u);
    take(u);
    RowProducts.bernoulliProduct(0.7, p, a, u);
    take(u);
    RowProducts.bernoulliFactor(0.7, p, a, u);
    take(u);
    RowProducts.softmaxFactor(0.7, p, a, u);
    take(u);
    RowProducts.softmaxFactorTranspose(0.7, p, a, u);
    take(u);
    RowProducts.outer(a, mat(ROWS, 3, -1, 1), outer);
    take(outer);
    RowDivergences.categorical(a, b, out);
    take(out);
    RowDivergences.bernoulli(a, b, out);
    take(out);
    RowDivergences.squaredDistance(0.7, a, b, 0.1, out);
    take(out);
    RowDivergences.categoricalLogProbabilities(a, p, out);
    take(out);
    RowDivergences.bernoulliLogProbabilities(a, p, out);
    take(out);
    take(Divergences.categorical(a, b, true));
    take(Divergences.squaredDistance(a, b, false));
    take(Divergences.categoricalLoss(a, p));
    take(Norms.largestAbsolute(a));
    take(Norms.scaledProduct(a, mat(n, 7, -1, 1)));
  }

  private void updates(int n) {
    Vec d = vec(n, 0.5, 2);
    Vec p = vec(n, -1, 1);
    Vec ap = vec(n, -1, 1);
    Vec r = vec(n, -1, 1);
    Vec x = vec(n, -1, 1);
    double[] products = new double[3];
    take(KrylovUpdates.residual(0.3, ap, r));
    take(KrylovUpdates.precondition(d, r, x));
    take(KrylovUpdates.precondition(1.5, d, 0.25, r, x));
    KrylovUpdates.direction(0.3, 0.7, r, p, x);
    take(p);
    take(x);
    KrylovUpdates.curvature(p, ap, products);
    takeAll(products);
    KrylovUpdates.shiftedCurvature(0.1, p, ap, products);
    takeAll(products);
    KrylovUpdates.shiftedCurvature(1.25, d, 0.75, p, ap, products);
    takeAll(products);
    Updates.adam(0.1, 0.9, 0.99, 1e-8, r, x, d, p);
    take(p);
    Updates.accumulateSquares(0.5, 0.5, r, d);
    Updates.invertDiagonal(1, d, 0.1, x);
    take(x);
  }

  private void takeAll(double[] values) {
    for (double value : values) {
      take(value);
    }
  }

  private void eigenvectors(int n) {
    Mat a = mat(n, n, -1, 1);
    Mat q = Mat.allocate(workspace, n, n, Precision.F64);
    SymmetricEigen eigen = new SymmetricEigen(workspace, n);
    take(eigen.decompose(a) ? 1 : 0);
    for (int i = 0; i < n; i++) {
      take(eigen.value(i));
    }
    eigen.vectors(q);
    take(q);
  }
}
