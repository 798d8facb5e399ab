package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.operator.LinearOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator throws leaves no result of a solve before for that of the one it ended. */
class ThrowingOperatorTest {
  private static final int N = 6;

  /** A diagonal of different entries, whose k-th product throws. */
  private static final class Throwing implements LinearOperator {
    private final Diagonal diagonal;
    private int left;

    Throwing(Vec d, int left) {
      this.diagonal = new Diagonal(d);
      this.left = left;
    }

    @Override
    public int size() {
      return diagonal.size();
    }

    @Override
    public Precision precision() {
      return diagonal.precision();
    }

    @Override
    public void apply(double alpha, Vec x, double beta, Vec y) {
      if (left-- == 0) {
        throw new UnsupportedOperationException("no more products");
      }
      diagonal.apply(alpha, x, beta, y);
    }
  }

  private static Vec ascending(Workspace workspace, Precision precision) {
    Vec v = Vec.allocate(workspace, N, precision);
    for (int i = 0; i < N; i++) {
      v.set(i, i + 1);
    }
    return v;
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "F64, 0", "F32, 3", "F64, 3"})
  void conjugateGradientsHaveNoStatus(Precision precision, int products) {
    try (Workspace w = Workspace.create()) {
      Vec d = ascending(w, precision);
      Vec x = Vec.allocate(w, N, precision);
      CgOptions options = new CgOptions(1e-4, false, 50);
      ConjugateGradient solver = new ConjugateGradient(w, N, precision, false, options);
      assertEquals(CgStatus.CONVERGED, solver.solve(new Diagonal(d), d, x, false));
      Throwing throwing = new Throwing(d, products);
      assertThrows(UnsupportedOperationException.class, () -> solver.solve(throwing, d, x, false));
      assertThrows(IllegalStateException.class, solver::status);
      assertEquals(products, solver.iterations());
      assertEquals(CgStatus.CONVERGED, solver.solve(new Diagonal(d), d, x, false));
      assertEquals(CgStatus.CONVERGED, solver.status());
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "F64, 0", "F32, 3", "F64, 3"})
  void minresHasNoStatus(Precision precision, int products) {
    try (Workspace w = Workspace.create()) {
      Vec d = ascending(w, precision);
      Vec x = Vec.allocate(w, N, precision);
      Minres solver = new Minres(w, N, precision, 1e-4, 50);
      assertEquals(MinresStatus.CONVERGED, solver.solve(new Diagonal(d), d, x));
      Throwing throwing = new Throwing(d, products);
      assertThrows(UnsupportedOperationException.class, () -> solver.solve(throwing, d, x));
      assertThrows(IllegalStateException.class, solver::status);
      assertEquals(products, solver.iterations());
      assertEquals(MinresStatus.CONVERGED, solver.solve(new Diagonal(d), d, x));
      assertEquals(MinresStatus.CONVERGED, solver.status());
    }
  }

  /** The Ritz values were those of the run before, or 0, in the number of the products made. */
  @ParameterizedTest
  @CsvSource({"F32, 0", "F64, 0", "F32, 3", "F64, 3"})
  void lanczosHasNoRitzValues(Precision precision, int products) {
    try (Workspace w = Workspace.create()) {
      Vec d = ascending(w, precision);
      Lanczos lanczos = new Lanczos(w, N, precision, 4);
      assertTrue(lanczos.run(new Diagonal(d), d));
      Throwing throwing = new Throwing(d, products);
      assertThrows(UnsupportedOperationException.class, () -> lanczos.run(throwing, d));
      assertEquals(0, lanczos.steps());
      assertThrows(IndexOutOfBoundsException.class, lanczos::largest);
      assertFalse(lanczos.run(new Diagonal(d), Vec.allocate(w, N, precision)));
      assertTrue(lanczos.run(new Diagonal(d), d));
      assertEquals(4, lanczos.steps());
    }
  }
}
