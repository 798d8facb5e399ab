package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.objective.NegativeLogLikelihood;
import dev.natgrad.objective.Objective;
import dev.natgrad.objective.PolicySurrogate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Another step on the same samples, whose weights, advantages or scale were told anew before. */
class ToldStepTest {
  private static final int ROWS = 20;
  private static final Mlp MODEL = Mlp.of(3, List.of(4), Activation.TANH, 3);

  /** Tells of the batch before step k; θ is the parameters now. */
  @FunctionalInterface
  private interface Teller {
    void tell(int k, Vec theta, Mat x, Mat y);
  }

  /** What the steps are on, and who tells it. */
  private record Told(OutputDistribution distribution, Objective objective, Teller teller) {}

  @FunctionalInterface
  private interface Kind {
    Told create(Workspace workspace, Precision precision);
  }

  /** The likelihood times a number that a user's own objective is told and nobody counts. */
  private static final class Scaled implements Objective {
    private final NegativeLogLikelihood loss;
    private double factor;

    Scaled(OutputDistribution distribution) {
      this.loss = new NegativeLogLikelihood(distribution);
    }

    @Override
    public void check(Mat y) {
      loss.check(y);
    }

    @Override
    public double value(Mat z, Mat y) {
      return factor * loss.value(z, y);
    }

    @Override
    public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
      loss.gradient(factor * alpha, z, m, y, u);
    }
  }

  private static Told weighted(Workspace w, Precision precision) {
    Weighted distribution = new Weighted(w, new Gaussian(3), ROWS, precision);
    Vec weights = Vec.allocate(w, ROWS, precision);
    return new Told(
        distribution,
        new NegativeLogLikelihood(distribution),
        (k, theta, x, y) -> {
          for (int i = 0; i < ROWS; i++) {
            weights.set(i, i < ROWS / 2 == (k % 2 == 0) ? 1 : 0.01);
          }
          distribution.setWeights(weights);
        });
  }

  private static Told policy(Workspace w, Precision precision) {
    Categorical distribution = new Categorical(3);
    PolicySurrogate surrogate = new PolicySurrogate(w, distribution, ROWS, precision);
    Linearization policy = MODEL.linearize(w, ROWS, precision);
    Mat z = Mat.allocate(w, ROWS, 3, precision);
    Vec advantages = Vec.allocate(w, ROWS, precision);
    for (int i = 0; i < ROWS; i++) {
      advantages.set(i, i % 3 - 0.5);
    }
    return new Told(
        distribution,
        surrogate,
        (k, theta, x, y) -> {
          policy.evaluate(theta, x, z);
          surrogate.setBatch(advantages, z, y);
        });
  }

  private static Told own(Workspace w, Precision precision) {
    Categorical distribution = new Categorical(3);
    Scaled objective = new Scaled(distribution);
    return new Told(distribution, objective, (k, theta, x, y) -> objective.factor = 1 << k % 3);
  }

  private static void sameBits(Kind kind, Precision precision) {
    try (Workspace w = Workspace.create()) {
      NaturalGradient[] optimizers = new NaturalGradient[2];
      Told[] told = new Told[2];
      for (int i = 0; i < 2; i++) {
        told[i] = kind.create(w, precision);
        Problem problem =
            new Problem(MODEL, told[i].distribution(), told[i].objective(), ROWS, precision, 1e-3);
        optimizers[i] = new NaturalGradient(w, problem, NaturalGradientOptions.within(0.01));
        Initialization.AUTO.fill(MODEL, 1, optimizers[i].parameters());
      }
      Random random = new Random(2);
      Mat x = Mat.allocate(w, ROWS, 3, precision);
      Mat y = Mat.allocate(w, ROWS, 3, precision);
      for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < 3; j++) {
          x.set(i, j, random.nextGaussian());
        }
        y.set(i, random.nextInt(3), 1);
      }
      for (int k = 0; k < 12; k++) {
        for (int i = 0; i < 2; i++) {
          told[i].teller().tell(k, optimizers[i].parameters(), x, y);
        }
        StepOutcome plain = optimizers[0].step(x, y);
        StepOutcome again = optimizers[1].stepAgain(x, y);
        assertTrue(plain.status().accepted(), plain::toString);
        assertEquals(plain.toString(), again.toString(), "step " + k);
        assertArrayEquals(
            Trial.bits(optimizers[0].parameters()), Trial.bits(optimizers[1].parameters()));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherWeightsAreSeen(Precision precision) {
    sameBits(ToldStepTest::weighted, precision);
  }

  @ParameterizedTest
  @EnumSource
  void anotherOldPolicyIsSeen(Precision precision) {
    sameBits(ToldStepTest::policy, precision);
  }

  @ParameterizedTest
  @EnumSource
  void whatAnOwnObjectiveWasToldIsSeen(Precision precision) {
    sameBits(ToldStepTest::own, precision);
  }

  /** Whoever tells the same before every step still saves an evaluation a step. */
  @Test
  void theSameWeightsAreNotEvaluatedAgain() {
    int[] evaluations = {0};
    try (Workspace w = Workspace.create()) {
      Weighted distribution = new Weighted(w, new Gaussian(3), ROWS, Precision.F64);
      Objective counting =
          new Objective() {
            private final Objective loss = new NegativeLogLikelihood(distribution);

            @Override
            public void check(Mat y) {
              loss.check(y);
            }

            @Override
            public double value(Mat z, Mat y) {
              evaluations[0]++;
              return loss.value(z, y);
            }

            @Override
            public long told() {
              return loss.told();
            }

            @Override
            public void gradient(double alpha, Mat z, Mat m, Mat y, Mat u) {
              loss.gradient(alpha, z, m, y, u);
            }
          };
      Problem problem = new Problem(MODEL, distribution, counting, ROWS, Precision.F64, 0);
      NaturalGradient optimizer =
          new NaturalGradient(w, problem, NaturalGradientOptions.within(1e-3));
      Initialization.AUTO.fill(MODEL, 1, optimizer.parameters());
      Mat x = Mat.allocate(w, ROWS, 3, Precision.F64);
      Mat y = Mat.allocate(w, ROWS, 3, Precision.F64);
      Vec weights = Vec.allocate(w, ROWS, Precision.F64);
      for (int i = 0; i < ROWS; i++) {
        x.set(i, 0, i);
        y.set(i, 1, i);
        weights.set(i, 1 + i);
      }
      for (int k = 0; k < 5; k++) {
        distribution.setWeights(weights);
        evaluations[0] = 0;
        StepOutcome outcome = optimizer.stepAgain(x, y);
        assertTrue(outcome.status().accepted(), outcome::toString);
        assertEquals(outcome.trials() + (k == 0 ? 1 : 0), evaluations[0], "step " + k);
      }
    }
  }
}
