package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Model;
import dev.natgrad.optimizer.KlCase;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.SelfAudit.Check;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A sound model passes at any scale; each kind of broken one fails the check made for it. */
class SelfAuditTest {
  private static final int ROWS = 7;

  /** Random problems audited; {@code -Dnatgrad.audits=100000} audits as many as it says. */
  private static final int AUDITS = Integer.getInteger("natgrad.audits", 1000);

  private static final long FIRST_SEED = Long.getLong("natgrad.audit.seed", 1);

  /** A network whose products are changed on the way out. */
  private record Broken(Mlp mlp, Consumer<Mat> afterJvp, Consumer<Vec> afterVjp) implements Model {
    @Override
    public int parameters() {
      return mlp.parameters();
    }

    @Override
    public int inputs() {
      return mlp.inputs();
    }

    @Override
    public int outputs() {
      return mlp.outputs();
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return mlp.linearizationBytes(maxBatch, precision);
    }

    @Override
    public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      Linearization sound = mlp.linearize(workspace, maxBatch, precision);
      return new Linearization() {
        @Override
        public void evaluate(Vec theta, Mat x, Mat z) {
          sound.evaluate(theta, x, z);
        }

        @Override
        public void jvp(Vec v, Mat t) {
          sound.jvp(v, t);
          afterJvp.accept(t);
        }

        @Override
        public void vjp(Mat u, double beta, Vec g) {
          sound.vjp(u, beta, g);
          afterVjp.accept(g);
        }

        @Override
        public double outputErrorBound() {
          return sound.outputErrorBound();
        }
      };
    }
  }

  private static SelfAudit audit(
      Workspace w,
      Precision precision,
      OutputDistribution distribution,
      UnaryOperator<Model> change,
      double scale,
      long seed) {
    Random random = new Random(seed);
    Mlp mlp = Mlp.of(4, List.of(6, 5), Activation.TANH, distribution.outputs());
    Model model = change.apply(mlp);
    SelfAudit audit = new SelfAudit(w, new Problem(model, distribution, ROWS, precision, 0), seed);
    Vec theta = Vec.allocate(w, mlp.parameters(), precision);
    for (int i = 0; i < theta.length(); i++) {
      theta.set(i, scale * random.nextGaussian());
    }
    int rows = 1 + random.nextInt(ROWS);
    Mat x = Mat.allocate(w, rows, 4, precision);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < 4; j++) {
        x.set(i, j, random.nextGaussian());
      }
    }
    double[] before = theta.toArray();
    audit.run(theta, x);
    assertArrayEquals(before, theta.toArray());
    return audit;
  }

  @ParameterizedTest
  @EnumSource
  void aSoundModelPasses(Precision precision) {
    for (OutputDistribution distribution :
        List.of(new Categorical(3), new Bernoulli(2), new Gaussian(2, 0.3))) {
      for (double scale : new double[] {0.01, 0.3, 1, 3, 10}) {
        for (long seed = 0; seed < 40; seed++) {
          try (Workspace w = Workspace.create()) {
            SelfAudit audit =
                audit(w, precision, distribution, UnaryOperator.identity(), scale, seed);
            String at = distribution + " scale " + scale + " seed " + seed + " " + audit;
            for (Check check : Check.values()) {
              assertFalse(audit.failed(check), at);
            }
          }
        }
      }
    }
  }

  /**
   * Random networks, data and scales under every distribution, with weights and without; but those
   * whose outputs leave ±20, since the square of an F with e^40 in it can overflow F32.
   */
  @Test
  void soundProblemsOfEveryDistributionPass() {
    int audited = 0;
    for (long seed = FIRST_SEED; audited < AUDITS; seed++) {
      audited += passes(seed) ? 1 : 0;
    }
  }

  /** The signs of u were all but orthogonal to the only direction of F: a residual was reported. */
  @Test
  void anUnluckyDirectionIsNoFault() {
    assertTrue(passes(1_059_274));
  }

  /** Whether the problem is one that is audited. */
  private static boolean passes(long seed) {
    KlCase c = new KlCase(seed);
    if (c.largestOutput() > 20) {
      return false;
    }
    try (Workspace w = Workspace.create()) {
      Problem problem = new Problem(c.model, c.distribution(w), c.x.length, c.precision, 0);
      SelfAudit audit = new SelfAudit(w, problem, seed);
      Vec theta = Vec.allocate(w, c.theta.length, c.precision);
      theta.copyFrom(c.theta, 0);
      boolean sound = audit.run(theta, c.inputs(w));
      assertTrue(sound, () -> "seed " + seed + " " + c + ": " + audit);
      return true;
    }
  }

  private static void finds(Check check, Consumer<Mat> afterJvp, Consumer<Vec> afterVjp) {
    for (Precision precision : Precision.values()) {
      try (Workspace w = Workspace.create()) {
        SelfAudit audit =
            audit(
                w,
                precision,
                new Categorical(3),
                mlp -> new Broken((Mlp) mlp, afterJvp, afterVjp),
                0.5,
                1);
        assertTrue(audit.failed(check), audit::toString);
      }
    }
  }

  @Test
  void brokenModelsAreFound() {
    finds(Check.SYMMETRY, t -> {}, g -> g.set(3, 2 * g.get(3)));
    finds(Check.POSITIVE_CURVATURE, t -> {}, g -> Blas.scal(-1, g));
    finds(Check.CURVATURE, t -> {}, g -> Blas.scal(0.5, g));
    finds(Check.KL_MODEL, t -> scale(3, t), g -> {});
    int[] calls = {0};
    finds(Check.SOLVER_RESIDUAL, t -> scale(1 + 0.01 * (calls[0]++ % 3), t), g -> {});
  }

  /** J and Jᵀ agree, so that nothing but the KL can tell. */
  @ParameterizedTest
  @EnumSource
  void aFisherMatrixWrongByTenPercentIsFound(Precision precision) {
    for (double factor : new double[] {1.1, 1 / 1.1}) {
      double root = Math.sqrt(factor);
      for (OutputDistribution distribution :
          List.of(new Categorical(3), new Bernoulli(2), new Gaussian(2, 0.3))) {
        for (long seed = 0; seed < 20; seed++) {
          try (Workspace w = Workspace.create()) {
            UnaryOperator<Model> wrong =
                mlp -> new Broken((Mlp) mlp, t -> scale(root, t), g -> Blas.scal(root, g));
            SelfAudit audit = audit(w, precision, distribution, wrong, 0.5, seed);
            assertTrue(audit.failed(Check.KL_MODEL), distribution + " seed " + seed + " " + audit);
          }
        }
      }
    }
  }

  /** 379 of 400 such audits failed: bent far more than its small J lets expect of the first t. */
  @ParameterizedTest
  @EnumSource
  void aBentModelWithASmallJacobianPasses(Precision precision) {
    Mlp model =
        Mlp.of(
            6,
            List.of(
                new Mlp.Layer(8, Activation.TANH).withoutBias(),
                new Mlp.Layer(4, Activation.IDENTITY).withoutBias()));
    for (OutputDistribution distribution :
        List.of(new Categorical(4), new Bernoulli(4), new Gaussian(4), new Poisson(4))) {
      for (long seed = 0; seed < 50; seed++) {
        try (Workspace w = Workspace.create()) {
          Problem problem = new Problem(model, distribution, ROWS, precision, 0);
          SelfAudit audit = new SelfAudit(w, problem, seed);
          Vec theta = Vec.allocate(w, model.parameters(), precision);
          Initialization.AUTO.fill(model, seed, theta);
          Blas.scal(0.02, theta);
          Random random = new Random(seed);
          Mat x = Mat.allocate(w, ROWS, 6, precision);
          for (int i = 0; i < ROWS; i++) {
            for (int j = 0; j < 6; j++) {
              x.set(i, j, random.nextGaussian());
            }
          }
          String at = distribution + " seed " + seed + " ";
          assertTrue(audit.run(theta, x), () -> at + audit);
        }
      }
    }
  }

  private static void scale(double factor, Mat t) {
    for (int i = 0; i < t.rows(); i++) {
      for (int j = 0; j < t.cols(); j++) {
        t.set(i, j, factor * t.get(i, j));
      }
    }
  }

  @Test
  void parametersThatAreNotFiniteAreFoundAndWrongShapesRefused() {
    try (Workspace w = Workspace.create()) {
      Problem problem =
          new Problem(
              Mlp.of(2, List.of(), Activation.TANH, 3), new Categorical(3), ROWS, Precision.F64, 0);
      SelfAudit audit = new SelfAudit(w, problem, 1);
      Vec theta = Vec.allocate(w, 9, Precision.F64);
      Mat x = Mat.allocate(w, 2, 2, Precision.F64);
      assertTrue(audit.run(theta, x), audit::toString);
      theta.set(4, Double.NaN);
      assertFalse(audit.run(theta, x));
      assertTrue(audit.failed(Check.FINITE_PARAMETERS));
      assertEquals(2, audit.made());
      theta.set(4, 0);
      assertThrows(
          IllegalArgumentException.class,
          () -> audit.run(theta, Mat.allocate(w, ROWS + 1, 2, Precision.F64)));
      assertThrows(
          IllegalArgumentException.class, () -> audit.run(Vec.allocate(w, 8, Precision.F64), x));
    }
  }
}
