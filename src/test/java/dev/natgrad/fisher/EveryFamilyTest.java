package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.random.Philox;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exact Fisher matrix of a small network under every distribution. */
class EveryFamilyTest {
  private static final int BATCH = 4;

  private static List<OutputDistribution> families() {
    return List.of(
        new Categorical(3),
        new Categoricals(3, 2),
        new Bernoulli(2),
        new Gaussian(2, 0.7),
        new DiagonalGaussian(2),
        new Poisson(2),
        new NegativeBinomial(2, 0.4),
        new Gamma(2, 2.5));
  }

  /** One family's network at a point. */
  private static final class Point implements AutoCloseable {
    final Workspace w = Workspace.create();
    final OutputDistribution distribution;
    final Precision precision;
    final int p;
    final Linearization at;
    final Vec theta;
    final Vec v;
    final Vec there;
    final Mat x;
    final Mat z;
    final Mat moved;
    final Mat mean;
    final ExactFisher fisher;

    Point(OutputDistribution distribution, Precision precision, long seed) {
      this.distribution = distribution;
      this.precision = precision;
      int outputs = distribution.outputs();
      Mlp model = Mlp.of(2, List.of(3), Activation.TANH, outputs);
      this.p = model.parameters();
      this.at = model.linearize(w, BATCH, precision);
      this.theta = vec(p, seed, 0.5);
      this.v = vec(p, seed + 1, 1);
      this.there = Vec.allocate(w, p, precision);
      Blas.scal(1 / Blas.nrm2(v), v);
      this.x = vec(2 * BATCH, seed + 2, 1).asMat(BATCH, 2);
      this.z = Mat.allocate(w, BATCH, outputs, precision);
      this.moved = Mat.allocate(w, BATCH, outputs, precision);
      this.mean = Mat.allocate(w, BATCH, outputs, precision);
      this.fisher = new ExactFisher(w, at, distribution, p, BATCH, precision);
      back();
    }

    Vec vec(int n, long stream, double deviation) {
      Vec v = Vec.allocate(w, n, precision);
      for (int i = 0; i < n; i++) {
        v.set(i, deviation * Philox.normal(11, stream, i));
      }
      return v;
    }

    void back() {
      at.evaluate(theta, x, z);
      distribution.mean(z, mean);
      fisher.setPoint(mean);
    }

    /** KL of θ and θ + tv, forward or backward. */
    double kl(double t, boolean forward) {
      Blas.copy(theta, there);
      Blas.axpy(t, v, there);
      at.evaluate(there, x, moved);
      return forward
          ? distribution.kl(z, moved, KlOver.MEAN)
          : distribution.kl(moved, z, KlOver.MEAN);
    }

    double off(double t, double curvature) {
      return kl(t, true) / (0.5 * t * t * curvature) - 1;
    }

    double apart(double t, double curvature) {
      return (kl(t, true) - kl(t, false)) / (0.5 * t * t * curvature);
    }

    /**
     * What the rounding of the outputs, and that of θ + tv, which moves them as a rounding of the
     * weights does, leave in the quotient.
     */
    double noise(double t, double curvature) {
      double kl = kl(t, true);
      double error = 2 * at.outputErrorBound();
      double bound =
          Math.max(
              distribution.klErrorBound(z, moved, KlOver.MEAN, kl, error),
              distribution.klErrorBound(moved, z, KlOver.MEAN, kl, error));
      return bound / (0.5 * t * t * curvature);
    }

    @Override
    public void close() {
      w.close();
    }
  }

  /** F = 1/B Σ JᵀBBᵀJ with J by central differences of the outputs. */
  @Test
  void productsAreThoseOfFiniteDifferences() {
    double h = Math.cbrt(3 * 0x1p-53);
    for (OutputDistribution distribution : families()) {
      try (Point c = new Point(distribution, Precision.F64, 1)) {
        int k = distribution.outputs();
        Mat[] jacobian = new Mat[c.p];
        for (int i = 0; i < c.p; i++) {
          Mat up = Mat.allocate(c.w, BATCH, k, Precision.F64);
          Mat down = Mat.allocate(c.w, BATCH, k, Precision.F64);
          c.theta.set(i, c.theta.get(i) + h);
          c.at.evaluate(c.theta, c.x, up);
          c.theta.set(i, c.theta.get(i) - 2 * h);
          c.at.evaluate(c.theta, c.x, down);
          c.theta.set(i, c.theta.get(i) + h);
          for (int r = 0; r < BATCH; r++) {
            for (int j = 0; j < k; j++) {
              up.set(r, j, (up.get(r, j) - down.get(r, j)) / (2 * h));
            }
          }
          distribution.fisherFactorTranspose(1, c.mean, up, up);
          jacobian[i] = up;
        }
        c.back();
        Vec product = Vec.allocate(c.w, c.p, Precision.F64);
        c.fisher.apply(1, c.v, 0, product);
        double scale = c.fisher.trace(8, 1, c.there);
        for (int i = 0; i < c.p; i++) {
          double sum = 0;
          for (int j = 0; j < c.p; j++) {
            for (int e = 0; e < BATCH; e++) {
              for (int o = 0; o < k; o++) {
                sum += jacobian[i].get(e, o) * jacobian[j].get(e, o) * c.v.get(j) / BATCH;
              }
            }
          }
          // Central differences err by h²/6 times a third derivative, here of the order of J; the
          // trace bounds the products.
          assertEquals(sum, product.get(i), 100 * h * h * (scale + 1), distribution.toString());
        }
      }
    }
  }

  @Test
  void symmetricPositiveLinearAndTheFactorsSquare() {
    for (Precision precision : Precision.values()) {
      double u = precision.unitRoundoff();
      for (OutputDistribution distribution : families()) {
        try (Point c = new Point(distribution, precision, 5)) {
          Vec a = Vec.allocate(c.w, c.p, precision);
          Vec b = Vec.allocate(c.w, c.p, precision);
          Vec sum = Vec.allocate(c.w, c.p, precision);
          for (int trial = 0; trial < 15; trial++) {
            double size = Math.scalb(1.0, 10 * (trial % 5 - 2));
            Vec y = c.vec(c.p, 100 + trial, size);
            c.fisher.apply(1, c.v, 0, a);
            c.fisher.apply(1, y, 0, b);
            double vy = Blas.dsdot(y, a);
            double yv = Blas.dsdot(c.v, b);
            // |v|ᵀ|F||y| ≤ √(P·P)·√(vᵀDv·yᵀDy) of the diagonal D; sums of B·k·P terms.
            double trace = c.fisher.trace(4, trial, sum);
            double bound =
                64 * (BATCH * distribution.outputs() + 2.0 * c.p) * u * trace * size * c.p;
            assertEquals(vy, yv, bound, distribution.toString());
            double yfy = Blas.dsdot(y, b);
            assertTrue(yfy >= -bound * size, distribution + ": " + yfy);
            assertEquals(c.fisher.curvature(y), yfy, bound * size);
            Blas.axpby(2, c.v, -3, y);
            c.fisher.apply(1, y, 0, sum);
            for (int i = 0; i < c.p; i++) {
              assertEquals(2 * a.get(i) - 3 * b.get(i), sum.get(i), bound / size * (2 + 3 * size));
            }
          }
        }
      }
    }
  }

  /**
   * KL/(½t²vᵀFv) − 1 is O(t) from t = 0.1 to 10⁻⁴, and so is the difference of the two directions:
   * both are at + bt² + ct³ + …, and no more than Kt at the small t, K from the large ones alone.
   *
   * <p>Where ch² cancels half of a or more at h = 0.1, it leaves 5/8 of a at 0.05: so a ≤ 0.8K for
   * K twice the largest quotient at ±0.1 and ±0.05; and bh, half the sum of those at ±h, is at most
   * K/2, so that b adds at most K/20 at a tenth of h.
   */
  @Test
  void klIsItsModelToSecondOrderAndSymmetricToThird() {
    for (OutputDistribution distribution : families()) {
      for (long seed = 1; seed <= 5; seed++) {
        try (Point c = new Point(distribution, Precision.F64, 10 * seed)) {
          double curvature = c.fisher.curvature(c.v);
          double off = 0;
          double apart = 0;
          for (double t : new double[] {0.1, -0.1, 0.05, -0.05}) {
            off = Math.max(off, 2 * Math.abs(c.off(t, curvature) / t));
            apart = Math.max(apart, 2 * Math.abs(c.apart(t, curvature) / t));
          }
          for (double t : new double[] {1e-2, 1e-3, 1e-4}) {
            String what = distribution + " " + seed + ", t = " + t;
            double noise = c.noise(t, curvature);
            assertEquals(0, c.off(t, curvature), off * t + noise, what);
            assertEquals(0, c.apart(t, curvature), apart * t + 2 * noise, what);
          }
        }
      }
    }
  }

  /** Of several choices each by its own number. */
  @Test
  void shiftingTheLogitsOfAChoiceIsExactlyInTheNullSpace() {
    double[] shift = {7.3, 7.3, 7.3, -0.1, -0.1};
    for (Precision precision : Precision.values()) {
      for (long seed = 1; seed <= 20; seed++) {
        try (Point c = new Point(new Categoricals(3, 2), precision, seed)) {
          Blas.fill(0, c.v);
          for (int k = 0; k < shift.length; k++) {
            c.v.set(c.p - shift.length + k, shift[k]);
          }
          c.fisher.apply(1, c.v, 0, c.there);
          for (int i = 0; i < c.p; i++) {
            assertEquals(0, Math.abs(c.there.get(i)));
          }
          assertEquals(0, c.fisher.curvature(c.v));
        }
      }
    }
  }

  /**
   * With the canonical link the score is z's mean less the target, so that the Hessian of the
   * negative log-likelihood is the Fisher matrix whatever the target.
   */
  @Test
  void theHessianOfTheLikelihoodIsTheFisherMatrix() {
    List<OutputDistribution> canonical =
        List.of(
            new Categorical(3),
            new Categoricals(3, 2),
            new Bernoulli(2),
            new Gaussian(2, 0.7),
            new Poisson(2));
    double h = Math.cbrt(3 * 0x1p-53);
    for (OutputDistribution distribution : canonical) {
      int k = distribution.outputs();
      try (Point c = new Point(distribution, Precision.F64, 3)) {
        Mat y = Mat.allocate(c.w, BATCH, distribution.targets(), Precision.F64);
        distribution.sample(c.mean, 1, 0, y);
        Mat up = Mat.allocate(c.w, BATCH, k, Precision.F64);
        Mat down = Mat.allocate(c.w, BATCH, k, Precision.F64);
        Mat e = Mat.allocate(c.w, BATCH, k, Precision.F64);
        for (int j = 0; j < k; j++) {
          for (int r = 0; r < BATCH; r++) {
            for (int i = 0; i < k; i++) {
              double step = i == j ? h : 0;
              e.set(r, i, i == j ? 1 : 0);
              up.set(r, i, c.z.get(r, i) + step);
              down.set(r, i, c.z.get(r, i) - step);
            }
          }
          distribution.mean(up, up);
          distribution.mean(down, down);
          Mat a = Mat.allocate(c.w, BATCH, k, Precision.F64);
          Mat b = Mat.allocate(c.w, BATCH, k, Precision.F64);
          distribution.score(1, up, y, a);
          distribution.score(1, down, y, b);
          distribution.fisherProduct(1, c.mean, e, e);
          for (int r = 0; r < BATCH; r++) {
            for (int i = 0; i < k; i++) {
              double size = 10 * (1 + c.mean.get(r, i)) * h * h;
              double hessian = (a.get(r, i) - b.get(r, i)) / (2 * h);
              assertEquals(hessian, e.get(r, i), 10 * size, distribution.toString());
            }
          }
        }
      }
    }
  }

  /** Of one sample with one output F_l = āāᵀδ², which the factors are. */
  @Test
  void kroneckerFactorsAreExactForOneSample() {
    try (Workspace w = Workspace.create()) {
      Mlp model = Mlp.of(3, List.of(4, 2), Activation.TANH, 1);
      int p = model.parameters();
      var at = model.linearize(w, 1, Precision.F64);
      Vec theta = Vec.allocate(w, p, Precision.F64);
      Mat x = Mat.allocate(w, 1, 3, Precision.F64);
      Mat mean = Mat.allocate(w, 1, 1, Precision.F64);
      for (int i = 0; i < p; i++) {
        theta.set(i, Philox.normal(3, 1, i));
      }
      for (int i = 0; i < 3; i++) {
        x.set(0, i, Philox.normal(3, 2, i));
      }
      OutputDistribution bernoulli = new Bernoulli(1);
      at.evaluate(theta, x, mean);
      bernoulli.mean(mean, mean);
      ExactFisher exact = new ExactFisher(w, at, bernoulli, p, 1, Precision.F64);
      exact.setPoint(mean);
      BlockDiagonalFisher blocks =
          new BlockDiagonalFisher(w, null, 1, at.denseLayers(), p, Precision.F64);
      blocks.assemble(exact);
      KroneckerFactors factors = new KroneckerFactors(w, at, bernoulli, p, 1, Precision.F64);
      factors.updateExact(mean);
      Vec e = Vec.allocate(w, p, Precision.F64);
      Vec one = Vec.allocate(w, p, Precision.F64);
      Vec other = Vec.allocate(w, p, Precision.F64);
      double trace = exact.trace(1, 1, e);
      Blas.fill(0, e);
      for (int i = 0; i < p; i++) {
        e.set(i, 1);
        blocks.apply(1, e, 0, one);
        factors.apply(1, e, 0, other);
        e.set(i, 0);
        for (int j = 0; j < p; j++) {
          // Products of a handful of factors, each entry at most the trace.
          assertEquals(one.get(j), other.get(j), 64 * 0x1p-53 * trace);
        }
      }
    }
  }
}
