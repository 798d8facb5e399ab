package dev.natgrad.linalg;

import static dev.natgrad.oracle.Rounding.assertWithin;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.DoubleDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** The passes of conjugate gradients against the single operations, across the chunks' ends. */
@Tag("width")
class KrylovUpdatesProperties {

  private static Guarded vec(Workspace w, int n, Precision p, Random random) {
    return Guarded.vec(w, n, p, () -> 2 * random.nextDouble() - 1);
  }

  private static DoubleDouble dot(Vec x, Vec y) {
    DoubleDouble sum = new DoubleDouble();
    for (int i = 0; i < x.length(); i++) {
      sum.addProduct(x.get(i), y.get(i));
    }
    return sum;
  }

  private static void assertSame(Vec expected, Vec actual, String name) {
    assertArrayEquals(expected.toArray(), actual.toArray(), name);
  }

  @Property(tries = 100)
  void everyPassHasTheBitsOfTheSingleUpdates(
      @ForAll long seed, @ForAll @IntRange(max = 2200) int n, @ForAll Precision p) {
    Random random = new Random(seed);
    double alpha = random.nextGaussian();
    double beta = random.nextGaussian();
    try (Workspace w = Workspace.create()) {
      Guarded r = vec(w, n, p, random);
      Guarded ap = vec(w, n, p, random);
      Guarded x = vec(w, n, p, random);
      Guarded d = vec(w, n, p, random);
      Guarded z = vec(w, n, p, random);
      Vec expected = Vec.allocate(w, n, p);

      Blas.copy(r.vec(), expected);
      Blas.axpy(-alpha, ap.vec(), expected);
      double rr = KrylovUpdates.residual(alpha, ap.vec(), r.vec());
      assertSame(expected, r.vec(), "r");
      assertWithin(rr, dot(r.vec(), r.vec()), n + 1, Precision.F64, () -> "rᵀr");

      double rz = KrylovUpdates.precondition(d.vec(), r.vec(), z.vec());
      Maps.hadamard(1, d.vec(), r.vec(), 0, expected);
      assertSame(expected, z.vec(), "z");
      assertWithin(rz, dot(r.vec(), z.vec()), n + 1, Precision.F64, () -> "rᵀz");

      Guarded positive = vec(w, n, p, random);
      Maps.hadamard(1, positive.vec(), positive.vec(), 0, expected);
      Blas.copy(expected, positive.vec());
      double shift = random.nextInt(4) == 0 ? 0 : Math.abs(beta);
      Vec inverse = Vec.allocate(w, n, p);
      Updates.invertDiagonal(alpha * alpha, positive.vec(), shift, inverse);
      double scaled =
          KrylovUpdates.precondition(alpha * alpha, positive.vec(), shift, r.vec(), z.vec());
      Maps.hadamard(1, inverse, r.vec(), 0, expected);
      assertSame(expected, z.vec(), "z of the inverse");
      assertWithin(scaled, dot(r.vec(), z.vec()), n + 1, Precision.F64, () -> "rᵀz of the inverse");

      double[] products = new double[3];
      KrylovUpdates.curvature(r.vec(), ap.vec(), products);
      assertWithin(products[0], dot(r.vec(), r.vec()), n + 1, Precision.F64, () -> "pᵀp");
      assertWithin(products[1], dot(r.vec(), ap.vec()), n + 1, Precision.F64, () -> "pᵀAp");
      assertWithin(products[2], dot(ap.vec(), ap.vec()), n + 1, Precision.F64, () -> "ApᵀAp");
      ap.assertIntact("ap");

      Guarded ax = vec(w, n, p, random);
      Blas.copy(ax.vec(), expected);
      Blas.axpy(alpha, r.vec(), expected);
      double[] shifted = new double[3];
      KrylovUpdates.shiftedCurvature(alpha, r.vec(), ax.vec(), shifted);
      assertSame(expected, ax.vec(), "Ap + λp");
      KrylovUpdates.curvature(r.vec(), ax.vec(), products);
      assertArrayEquals(products, shifted, "products after the shift");
      Blas.copy(ax.vec(), expected);
      Maps.hadamard(1, d.vec(), r.vec(), 1, expected);
      KrylovUpdates.shiftedCurvature(1, d.vec(), 0, r.vec(), ax.vec(), shifted);
      assertSame(expected, ax.vec(), "Ap + d∘p");
      KrylovUpdates.curvature(r.vec(), ax.vec(), products);
      assertArrayEquals(products, shifted, "products after the diagonal");
      Blas.copy(ax.vec(), expected);
      Maps.hadamard(alpha, d.vec(), r.vec(), 1, expected);
      Blas.axpy(shift, r.vec(), expected);
      KrylovUpdates.shiftedCurvature(alpha, d.vec(), shift, r.vec(), ax.vec(), shifted);
      assertSame(expected, ax.vec(), "Ap + (αd + s)∘p");
      KrylovUpdates.curvature(r.vec(), ax.vec(), products);
      assertArrayEquals(products, shifted, "products after the shifted diagonal");
      ax.assertCanaries("Ap");

      Vec direction = Vec.allocate(w, n, p);
      Blas.copy(x.vec(), expected);
      Blas.axpy(alpha, ap.vec(), expected);
      Blas.copy(ap.vec(), direction);
      Blas.axpby(1, z.vec(), beta, direction);
      KrylovUpdates.direction(alpha, beta, z.vec(), ap.vec(), x.vec());
      assertSame(expected, x.vec(), "x");
      assertSame(direction, ap.vec(), "p");
      for (Guarded v : new Guarded[] {r, ap, x, z}) {
        v.assertCanaries("output");
      }
      d.assertIntact("d");
    }
  }
}
