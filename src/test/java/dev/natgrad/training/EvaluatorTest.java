package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loss, accuracy and error over blocks equal those of a plain loop. */
class EvaluatorTest {
  private static final int[] COUNTS = {1, 2, 511, 512, 513, 1100};

  private static OutputDistribution of(NaiveLikelihood likelihood, int outputs) {
    return switch (likelihood) {
      case CATEGORICAL -> new Categorical(outputs);
      case BERNOULLI -> new Bernoulli(outputs);
      case GAUSSIAN -> new Gaussian(outputs, NaiveLikelihood.VARIANCE);
    };
  }

  @ParameterizedTest
  @EnumSource
  void evaluationsAreThoseOfAPlainLoop(NaiveLikelihood likelihood) {
    int outputs = likelihood == NaiveLikelihood.BERNOULLI ? 1 : 3;
    OutputDistribution distribution = of(likelihood, outputs);
    Mlp model = Mlp.of(2, List.of(), Activation.TANH, outputs);
    Random random = new Random(4);
    for (int n : COUNTS) {
      try (Workspace workspace = Workspace.create()) {
        long before = workspace.bytesUsed();
        Evaluator evaluator = new Evaluator(workspace, model, distribution, Precision.F64);
        assertEquals(Evaluator.bytes(model, Precision.F64), workspace.bytesUsed() - before);
        double[] theta = random.doubles(model.parameters(), -2, 2).toArray();
        Vec v = Vec.allocate(workspace, theta.length, Precision.F64);
        v.copyFrom(theta, 0);
        Mat x = Mat.allocate(workspace, n, 2, Precision.F64);
        Mat y = Mat.allocate(workspace, n, outputs, Precision.F64);
        double loss = 0;
        double squares = 0;
        int correct = 0;
        for (int i = 0; i < n; i++) {
          double[] row = {random.nextGaussian(), random.nextGaussian()};
          double[] target = new double[outputs];
          int label = random.nextInt(3);
          switch (likelihood) {
            case CATEGORICAL -> target[label] = 1;
            case BERNOULLI -> target[0] = label % 2;
            case GAUSSIAN -> target[1] = random.nextGaussian();
          }
          x.copyRowFrom(i, row, 0);
          y.copyRowFrom(i, target, 0);
          double[] z = new double[outputs];
          for (int j = 0; j < outputs; j++) {
            z[j] = row[0] * theta[j] + row[1] * theta[outputs + j] + theta[2 * outputs + j];
          }
          loss += likelihood.loss(z, target);
          double[] mean = likelihood.mean(z);
          int chosen = outputs == 1 ? (z[0] >= 0 ? 1 : 0) : 0;
          for (int j = 0; j < outputs; j++) {
            squares += (mean[j] - target[j]) * (mean[j] - target[j]);
            chosen = outputs > 1 && z[j] > z[chosen] ? j : chosen;
          }
          correct += chosen == (outputs == 1 ? label % 2 : label) ? 1 : 0;
        }
        Evaluation evaluation = evaluator.evaluate(v, new Samples(x, y));
        double gamma = (n + 64) * 0x1p-52;
        assertEquals(loss / n, evaluation.loss(), gamma * (4 + loss / n));
        double rmse = Math.sqrt(squares / n / outputs);
        assertEquals(rmse, evaluation.rmse(), gamma * (4 + rmse));
        double accuracy =
            likelihood == NaiveLikelihood.GAUSSIAN ? Double.NaN : (double) correct / n;
        assertEquals(accuracy, evaluation.accuracy());
      }
    }
  }

  /** One sample makes a choice of three, a choice of two, or two answers; each has its accuracy. */
  @Test
  void choicesSideBySideAreCountedOneByOne() {
    Mlp model = Mlp.linear(5, 5, false);
    try (Workspace workspace = Workspace.create()) {
      Vec identity = Vec.allocate(workspace, 25, Precision.F64);
      for (int i = 0; i < 5; i++) {
        identity.set(6 * i, 1);
      }
      Mat x = Mat.allocate(workspace, 4, 5, Precision.F64);
      Mat y = Mat.allocate(workspace, 4, 5, Precision.F64);
      double[][] logits = {
        {2, 1, 0, 0.5, -1}, {0, 1, 3, -1, 2}, {0, 1, 0, 1, -0.5}, {-1, -2, 5, 0.1, 0.2}
      };
      double[][] targets = {{1, 0, 0, 1, 0}, {0, 1, 0, 1, 0}, {0, 1, 0, 1, 0}, {0, 0, 1, 0, 1}};
      for (int i = 0; i < 4; i++) {
        x.copyRowFrom(i, logits[i], 0);
        y.copyRowFrom(i, targets[i], 0);
      }
      Samples samples = new Samples(x, y);
      Evaluator choices = new Evaluator(workspace, model, new Categoricals(3, 2), Precision.F64);
      assertEquals(0.75, choices.evaluate(identity, samples).accuracy());
      assertArrayEquals(new double[] {0.75, 0.75}, choices.accuracies());
      Evaluator answers = new Evaluator(workspace, model, new Bernoulli(5), Precision.F64);
      assertEquals(11 / 20.0, answers.evaluate(identity, samples).accuracy());
      assertArrayEquals(new double[] {0.5, 0.75, 0.25, 0.5, 0.75}, answers.accuracies());
      Evaluator amounts = new Evaluator(workspace, model, new Gaussian(5), Precision.F64);
      Evaluation evaluation = amounts.evaluate(identity, samples);
      assertEquals(Double.NaN, evaluation.accuracy());
      assertEquals(0, amounts.accuracies().length);
      double squares = 0;
      for (int j = 0; j < 5; j++) {
        double column = 0;
        for (int i = 0; i < 4; i++) {
          column += Math.pow(logits[i][j] - targets[i][j], 2);
        }
        squares += column;
        assertEquals(Math.sqrt(column / 4), amounts.rmses()[j], 8 * Math.ulp(4.0));
      }
      assertEquals(Math.sqrt(squares / 20), evaluation.rmse(), 8 * Math.ulp(4.0));
    }
  }
}
