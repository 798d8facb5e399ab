package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Maps;
import dev.natgrad.memory.Precision;
import java.util.List;

/** Functions of every element, against MKL's high-accuracy mode and the JDK's lanes. */
final class MapCases extends Cases {
  MapCases(boolean peers) {
    super(peers);
  }

  /** In L1; 10 is one row of a classifier, 1,003 leaves a tail. */
  static List<Case> all() {
    MapCases cases = new MapCases(true);
    eachPrecision(
        p -> {
          for (int n : new int[] {10, 64, 1_003, 2_000}) {
            cases.add(n, p);
          }
        });
    return cases.list;
  }

  /** Every function at one length, where it neither overflows nor is constant. */
  void add(int n, Precision precision) {
    add(CBlas.Map.EXP, n, -10, 10, precision);
    add(CBlas.Map.EXPM1, n, -2, 2, precision);
    add(CBlas.Map.LOG, n, 1e-3, 100, precision);
    add(CBlas.Map.LOG1P, n, -0.9, 4, precision);
    add(CBlas.Map.TANH, n, -4, 4, precision);
    add(CBlas.Map.LOGISTIC, n, -6, 6, precision);
    add(CBlas.Map.SOFTPLUS, n, -6, 6, precision);
  }

  private void add(CBlas.Map map, int n, double from, double to, Precision precision) {
    double[] values = Operands.uniform(n, 1);
    for (int i = 0; i < n; i++) {
      values[i] = (float) (from + (to - from) * (values[i] + 1) / 2);
    }
    Data x = new Data(workspace, 1, n, precision, values);
    Data y = new Data(workspace, 1, n, precision, 2);
    Runnable ours =
        switch (map) {
          case EXP -> () -> Maps.exp(x.mat, y.mat);
          case EXPM1 -> () -> Maps.expm1(x.mat, y.mat);
          case LOG -> () -> Maps.log(x.mat, y.mat);
          case LOG1P -> () -> Maps.log1p(x.mat, y.mat);
          case TANH -> () -> Maps.tanh(x.mat, y.mat);
          case LOGISTIC -> () -> Maps.logistic(x.mat, y.mat);
          case SOFTPLUS -> () -> Maps.softplus(x.mat, y.mat);
        };
    boolean inMkl = map != CBlas.Map.LOGISTIC && map != CBlas.Map.SOFTPLUS;
    CBlas mkl = peers && inMkl ? Natives.LIBRARIES.get(Natives.MKL).get(precision) : null;
    List<Contender> contenders =
        withNatives(
            precision,
            ours,
            blas -> blas == mkl ? () -> blas.map(map, n, x.segment, y.segment) : null,
            y::values,
            y::reset);
    if (peers) {
      Runnable lanes = Lanewise.call(map, precision, n, x.segment, y.segment);
      contenders.add(contender("lanewise", lanes, y::values, y::reset));
    }
    long bytes = 2L * n * precision.bytes();
    // Our 3 ulp and the JDK's 5 (of its composed functions): an ulp is at most 2u|f|.
    double relative = 16 * precision.unitRoundoff();
    list.add(
        new Case(
            map.name().toLowerCase(java.util.Locale.ROOT),
            precision,
            Integer.toString(n),
            Case.Unit.ELEMENTS,
            n,
            Limit.copy(bytes, n),
            contenders,
            magnitude -> relative * magnitude));
  }
}
