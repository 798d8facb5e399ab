package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.SplittableRandom;

/**
 * Prints hashes of the bits of every map and of the kernels of rows; run in JVMs of its own by
 * {@link MapsSameBitsTest}.
 */
final class PrintMapsHash {
  private static final int ROWS = 7;
  private static final int COLS = 61;

  private PrintMapsHash() {}

  public static void main(String[] args) {
    int repeats = Integer.parseInt(args[0]);
    for (Precision precision : Precision.values()) {
      long maps = 0;
      long rows = 0;
      for (int i = 0; i < repeats; i++) {
        maps = hash(precision);
      }
      for (int i = 0; i < (repeats + 3) / 4; i++) {
        rows = RowsHash.of(precision);
      }
      System.out.println("hash " + precision + " " + Long.toHexString(maps));
      System.out.println("rows " + precision + " " + Long.toHexString(rows));
    }
  }

  private static long hash(Precision precision) {
    long hash = 1;
    try (Workspace workspace = Workspace.create()) {
      SplittableRandom random = new SplittableRandom(3);
      Mat x = random(workspace, ROWS, COLS, precision, random);
      Mat y = Mat.allocate(workspace, ROWS, COLS, precision);
      for (MapFunction function : MapFunction.values()) {
        function.map.accept(x, y);
        hash = hash(hash, y);
      }
      for (int n = 1; n <= COLS; n += 6) {
        Mat a = x.block(0, 0, ROWS, n);
        Mat p = Mat.allocate(workspace, ROWS, n, precision);
        Vec v = Vec.allocate(workspace, ROWS, precision);
        Maps.softmax(a, p);
        hash = hash(hash, p);
        Maps.logSumExp(a, v);
        hash = hash(hash, v.asMat(1, ROWS));
        Mat u = Mat.allocate(workspace, ROWS, n, precision);
        Maps.softmaxProduct(0.3, p, a, u);
        hash = hash(hash, u);
        Maps.outerProduct(0.3, a, p, 0.7, u);
        hash = hash(hash, u);
        Maps.tanh(a, u);
        hash = 31 * hash + Double.doubleToLongBits(Divergences.bernoulli(u, p, false));
        hash = 31 * hash + Double.doubleToLongBits(Divergences.bernoulli(a, u, true));
        hash = 31 * hash + Double.doubleToLongBits(Divergences.bernoulliLoss(a, p));
      }
    }
    return hash;
  }

  private static Mat random(
      Workspace workspace, int rows, int cols, Precision precision, SplittableRandom random) {
    Mat x = Mat.allocate(workspace, rows, cols, precision);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        x.set(i, j, random.nextDouble(-1, 1) * Math.scalb(1.0, random.nextInt(-20, 8)));
      }
    }
    return x;
  }

  private static long hash(long hash, Mat y) {
    long next = hash;
    for (double value : y.toArray()) {
      next = 1_000_003 * next + Double.doubleToLongBits(value);
    }
    return next;
  }
}
