package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.List;

/** gemm on two threads beside the same on one. */
final class ThreadCases extends Cases {
  private static final int THREADS = 2;

  private final Workspace shared = Workspace.create();

  private ThreadCases() {
    super(false);
    shared.use(Parallelism.of(THREADS));
  }

  /** Squares; 1,000 has edge tiles, the transposed ones pack A or gather B. */
  static List<Case> all() {
    ThreadCases cases = new ThreadCases();
    eachPrecision(
        p -> {
          for (int n : new int[] {512, 1_000, 1_024, 2_048}) {
            cases.add(Transpose.NO, Transpose.NO, n, p);
          }
          cases.add(Transpose.NO, Transpose.YES, 1_024, p);
          cases.add(Transpose.YES, Transpose.NO, 1_024, p);
        });
    return cases.list;
  }

  private void add(Transpose opA, Transpose opB, int n, Precision precision) {
    String ops = (opA == Transpose.YES ? "T" : "N") + (opB == Transpose.YES ? "T" : "N");
    // The same bits are promised, so nothing may differ.
    list.add(
        new Case(
            "gemm " + ops,
            precision,
            n + "x" + n + "x" + n,
            Case.Unit.FLOPS,
            2.0 * n * n * n,
            Limit.fma(precision),
            List.of(
                product(Contender.NATGRAD, shared, opA, opB, n, precision),
                product("one thread", workspace, opA, opB, n, precision)),
            x -> 0));
  }

  private static Contender product(
      String name, Workspace workspace, Transpose opA, Transpose opB, int n, Precision precision) {
    Mat a = matrix(workspace, n, precision, 1);
    Mat b = matrix(workspace, n, precision, 2);
    Mat c = matrix(workspace, n, precision, 3);
    return contender(
        name, () -> Blas.gemm(opA, opB, 1, a, b, 0, c), c::toArray, () -> c.copyFrom(a.toArray()));
  }

  /** Of the workspace's own memory: what a segment is wrapped around is not shared. */
  private static Mat matrix(Workspace workspace, int n, Precision precision, long seed) {
    Mat a = Mat.allocate(workspace, n, n, precision);
    a.copyFrom(Operands.uniform(n * n, seed));
    return a;
  }
}
