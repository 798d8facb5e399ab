package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.List;
import java.util.function.Function;

/** Matrix times vector and its kin: bytes of the matrix read and written. */
final class Level2Cases extends Cases {
  Level2Cases(boolean peers) {
    super(peers);
  }

  /** In L1, in L2 and beyond every cache; 65 and 257 leave tails. */
  static List<Case> all() {
    Level2Cases cases = new Level2Cases(true);
    eachPrecision(
        p -> {
          for (int n : new int[] {64, 65, 256, 257, p == Precision.F32 ? 4000 : 2800}) {
            cases.add(n, p);
          }
        });
    return cases.list;
  }

  /** Every operation on an n×n matrix. */
  void add(int n, Precision precision) {
    Data a = new Data(workspace, n, n, precision, 1);
    Data t = new Data(workspace, n, n, precision, involution(n));
    Data x = new Data(workspace, 1, n, precision, 2);
    Data y = new Data(workspace, 1, n, precision, 3);
    Vec vx = x.vec();
    Vec vy = y.vec();
    double full = (double) n * n;
    double half = full / 2;
    double sum = gamma(n, precision) * n;
    double update = 8 * precision.unitRoundoff();
    add(
        "gemv N",
        full,
        y,
        sum,
        () -> Blas.gemv(Transpose.NO, 1, a.mat, vx, 0, vy),
        b -> () -> b.gemv(CBlas.NO_TRANS, n, n, a.segment, x.segment, y.segment));
    add(
        "gemv T",
        full,
        y,
        sum,
        () -> Blas.gemv(Transpose.YES, 1, a.mat, vx, 0, vy),
        b -> () -> b.gemv(CBlas.TRANS, n, n, a.segment, x.segment, y.segment));
    add(
        "symv",
        half,
        y,
        sum,
        () -> Blas.symv(1, a.mat, vx, 0, vy),
        b -> () -> b.symv(n, a.segment, x.segment, y.segment));
    add(
        "trsv N",
        half,
        y,
        8 * gamma(n, precision),
        () -> Blas.trsv(Triangle.LOWER, Transpose.NO, t.mat, vy),
        b -> () -> b.trsv(CBlas.NO_TRANS, n, t.segment, y.segment));
    add(
        "trsv T",
        half,
        y,
        8 * gamma(n, precision),
        () -> Blas.trsv(Triangle.LOWER, Transpose.YES, t.mat, vy),
        b -> () -> b.trsv(CBlas.TRANS, n, t.segment, y.segment));
    add(
        "ger",
        2 * full,
        a,
        update,
        () -> Blas.ger(1e-9, vx, vy, a.mat),
        b -> () -> b.ger(n, n, 1e-9, x.segment, y.segment, a.segment));
  }

  /**
   * The lower triangular T = [I 0; M −I], which is its own inverse: solving in place again and
   * again neither shrinks nor grows the vector. The sum of |M| over a row or column is at most 1.
   */
  static double[] involution(int n) {
    double[] t = new double[n * n];
    double[] random = Operands.uniform(n * n, 5);
    int half = n / 2;
    for (int i = 0; i < n; i++) {
      t[i * n + i] = i < half ? 1 : -1;
      for (int j = 0; i >= half && j < half; j++) {
        t[i * n + j] = random[i * n + j] / n;
      }
    }
    return t;
  }

  private void add(
      String name,
      double elements,
      Data output,
      double bound,
      Runnable ours,
      Function<CBlas, Runnable> theirs) {
    Precision precision = output.mat.precision();
    List<Contender> contenders =
        withNatives(precision, ours, theirs, output::values, output::reset);
    long bytes = (long) (elements * precision.bytes());
    list.add(
        new Case(
            name,
            precision,
            shape(output),
            Case.Unit.BYTES,
            bytes,
            Limit.copy(bytes, bytes),
            contenders,
            x -> bound));
  }

  private static String shape(Data output) {
    int n = output.mat.cols();
    return n + "x" + n;
  }
}
