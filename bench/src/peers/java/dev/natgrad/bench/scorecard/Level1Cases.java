package dev.natgrad.bench.scorecard;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;

/** Vector operations: bytes read and written. */
final class Level1Cases extends Cases {
  private double scalar;

  Level1Cases(boolean peers) {
    super(peers);
  }

  /** In L1, in L2 and beyond every cache: 1,003 leaves a tail. */
  static List<Case> all() {
    Level1Cases cases = new Level1Cases(true);
    eachPrecision(
        p -> {
          for (int n : new int[] {1_003, 24_000, 6_000_000}) {
            cases.add(n, p);
          }
        });
    return cases.list;
  }

  /** Every operation at one length. The factors keep what is overwritten bounded for ever. */
  void add(int n, Precision precision) {
    Data x = new Data(workspace, 1, n, precision, 1);
    Data y = new Data(workspace, 1, n, precision, 2);
    Vec vx = x.vec();
    Vec vy = y.vec();
    double u = precision.unitRoundoff();
    double sum = gamma(n, precision);
    reduction("dot", 2, x, sum * n, () -> Blas.dot(vx, vy), b -> b.dot(n, x.segment, y.segment));
    reduction("nrm2", 1, x, sum * Math.sqrt(n), () -> Blas.nrm2(vx), b -> b.nrm2(n, x.segment));
    reduction("asum", 1, x, sum * n, () -> Blas.asum(vx), b -> b.asum(n, x.segment));
    reduction("iamax", 1, x, 0, () -> Blas.iamax(vx), b -> b.iamax(n, x.segment));
    update(
        "axpy",
        3,
        y,
        8 * u,
        () -> Blas.axpy(1e-9, vx, vy),
        b -> () -> b.axpy(n, 1e-9, x.segment, y.segment));
    update(
        "axpby",
        3,
        y,
        8 * u,
        () -> Blas.axpby(0.5, vx, -0.5, vy),
        b -> () -> b.axpby(n, 0.5, x.segment, -0.5, y.segment));
    update("scal", 2, y, 0, () -> Blas.scal(-1, vy), b -> () -> b.scal(n, -1, y.segment));
    update("copy", 2, y, 0, () -> Blas.copy(vx, vy), b -> () -> b.copy(n, x.segment, y.segment));
  }

  private interface NativeReduction {
    double apply(CBlas blas);
  }

  private void reduction(
      String name, int streams, Data x, double bound, DoubleSupplier ours, NativeReduction theirs) {
    List<Contender> contenders =
        withNatives(
            x.mat.precision(),
            () -> scalar = ours.getAsDouble(),
            blas -> () -> scalar = theirs.apply(blas),
            () -> new double[] {scalar},
            () -> {});
    add(name, streams, x, bound, contenders);
  }

  private void update(
      String name,
      int streams,
      Data y,
      double bound,
      Runnable ours,
      Function<CBlas, Runnable> theirs) {
    List<Contender> contenders = withNatives(y.mat.precision(), ours, theirs, y::values, y::reset);
    add(name, streams, y, bound, contenders);
  }

  private void add(String name, int streams, Data x, double bound, List<Contender> contenders) {
    Precision precision = x.mat.precision();
    long bytes = (long) streams * x.elements * precision.bytes();
    DoubleUnaryOperator allowed = value -> bound;
    list.add(
        new Case(
            name,
            precision,
            Integer.toString(x.elements),
            Case.Unit.BYTES,
            bytes,
            Limit.copy(bytes, bytes),
            contenders,
            allowed));
  }
}
