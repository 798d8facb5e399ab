package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Side;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.memory.Precision;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Cholesky, triangular solves of many right-hand sides and symmetric products. */
final class FactorCases extends Cases {
  FactorCases(boolean peers) {
    super(peers);
  }

  /** 32 to 1024; 100, 257 and 1000 leave partial blocks. */
  static List<Case> all() {
    FactorCases cases = new FactorCases(true);
    eachPrecision(
        p -> {
          for (int n : new int[] {32, 64, 100, 128, 256, 257, 512, 1000, 1024}) {
            cases.add(n, p);
          }
        });
    return cases.list;
  }

  /** Every operation of order n. */
  void add(int n, Precision precision) {
    Data spd = new Data(workspace, n, n, precision, positiveDefinite(n));
    Data t = new Data(workspace, n, n, precision, Level2Cases.involution(n));
    Data a = new Data(workspace, n, n, precision, 2);
    Data c = new Data(workspace, n, n, precision, 3);
    double gamma = gamma(n, precision);
    double cube = (double) n * n * n;
    // Everybody restores A inside the call with the same copy. The eigenvalues of A lie in
    // [n/2, 3n/2], so its condition is at most 3 and the elements of L are at most √(3n/2).
    add(
        "potrf",
        cube / 3,
        c,
        8 * gamma * Math.sqrt(1.5 * n),
        c::lowerTriangle,
        () -> {
          Blas.copy(spd.mat, c.mat);
          Cholesky.factor(c.mat);
        },
        b ->
            () -> {
              Blas.copy(spd.mat, c.mat);
              b.potrf(n, c.segment);
            });
    add(
        "trsm",
        cube,
        c,
        8 * gamma,
        c::values,
        () -> Blas.trsm(Side.LEFT, Triangle.LOWER, Transpose.NO, 1, t.mat, c.mat),
        b -> () -> b.trsm(n, n, t.segment, c.segment));
    add(
        "syrk",
        cube,
        c,
        gamma * n,
        c::lowerTriangle,
        () -> Blas.syrk(Triangle.LOWER, Transpose.NO, 1, a.mat, 0, c.mat),
        b -> () -> b.syrk(n, n, a.segment, c.segment));
  }

  /** nI plus a symmetric matrix whose rows' absolute sums are at most n/2. */
  private static double[] positiveDefinite(int n) {
    double[] a = Operands.uniform(n * n, 1);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        a[i * n + j] /= 2;
        a[j * n + i] = a[i * n + j];
      }
      a[i * n + i] = n;
    }
    return a;
  }

  private void add(
      String name,
      double flops,
      Data c,
      double bound,
      Supplier<double[]> result,
      Runnable ours,
      Function<CBlas, Runnable> theirs) {
    Precision precision = c.mat.precision();
    int n = c.mat.cols();
    list.add(
        new Case(
            name,
            precision,
            n + "x" + n,
            Case.Unit.FLOPS,
            flops,
            Limit.fma(precision),
            withNatives(precision, ours, theirs, result, c::reset),
            x -> bound));
  }
}
