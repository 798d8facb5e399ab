package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Normalization;
import dev.natgrad.oracle.Bounded;
import dev.natgrad.oracle.NaiveLikelihood;
import dev.natgrad.oracle.NaiveMlp;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whether accepted steps raise the objective, by objectives computed apart from the library's. */
class ObjectiveRiseProperties {
  private static final int SAMPLES = 32;
  private static final int INPUTS = 4;
  private static final int CLASSES = 3;
  private static final int STEPS = 25;

  /** As many standard deviations as roundings stay within, as in the rule itself. */
  private static final double LAMBDA = 8;

  private static Mlp net(int kind) {
    Mlp.Layer hidden = new Mlp.Layer(10, Activation.TANH);
    Mlp.Layer sums = hidden.withNormalization(Normalization.SUMS);
    Mlp.Layer last = new Mlp.Layer(CLASSES, Activation.IDENTITY);
    return switch (kind) {
      case 0 -> Mlp.of(INPUTS, List.of(hidden, hidden, last));
      case 1 -> Mlp.of(INPUTS, List.of(sums, sums, last));
      case 2 -> Mlp.residual(INPUTS, 8, 1, Activation.GELU, CLASSES);
      default -> Mlp.residual(INPUTS, 8, 3, Activation.SILU, CLASSES);
    };
  }

  /** An objective and λ‖∂f/∂z‖₂, how far errors of 1 in the outputs may move it. */
  private record Value(double loss, double error, double sensitivity) {}

  /** By textbook loops in double, with a bound on their own rounding. */
  private static Value value(NaiveMlp model, double[] theta, double[][] x, double[][] y) {
    Bounded[][] z = model.evaluate(theta, x);
    double loss = 0;
    double error = 0;
    double squares = 0;
    for (int i = 0; i < z.length; i++) {
      double[] outputs = new double[CLASSES];
      double norm = 0;
      for (int j = 0; j < CLASSES; j++) {
        outputs[j] = z[i][j].value();
        norm = Math.max(norm, z[i][j].error());
      }
      double[] mean = NaiveLikelihood.CATEGORICAL.mean(outputs);
      for (int j = 0; j < CLASSES; j++) {
        squares += Math.pow(mean[j] - y[i][j], 2);
      }
      loss += NaiveLikelihood.CATEGORICAL.loss(outputs, y[i]);
      // |∂/∂z|₁ ≤ 2, and a few roundings of the sums.
      error += 2 * norm + 32 * 0x1p-53 * (1 + Math.abs(outputs[0]) + norm);
    }
    double n = x.length;
    double sensitivity = Math.min(LAMBDA, Math.sqrt(n * CLASSES)) * Math.sqrt(squares) / n;
    return new Value(loss / n, error / n, sensitivity);
  }

  private static NaiveMlp oracle(Mlp model) {
    NaiveMlp.Layer[] layers =
        model.layers().stream()
            .map(
                layer ->
                    new NaiveMlp.Layer(
                        layer.width(),
                        layer.activation().label(),
                        layer.bias(),
                        layer.normalization().label(),
                        layer.residual()))
            .toArray(NaiveMlp.Layer[]::new);
    return new NaiveMlp(model.inputs(), layers, 0x1p-53);
  }

  /** Steps, and returns the largest rise of an accepted one over the objective before it. */
  private static double largestRise(int kind, long seed, Precision precision, int steps) {
    Random random = new Random(seed);
    Mlp model = net(kind);
    NaiveMlp oracle = oracle(model);
    double worst = 0;
    try (Workspace w = Workspace.create()) {
      Problem problem = new Problem(model, new Categorical(CLASSES), SAMPLES, precision, 0);
      NaturalGradient natural = new NaturalGradient(w, problem, NaturalGradientOptions.automatic());
      Initialization.AUTO.fill(model, seed, natural.parameters());
      Mat x = Mat.allocate(w, SAMPLES, INPUTS, precision);
      Mat y = Mat.allocate(w, SAMPLES, CLASSES, precision);
      double[][] rows = new double[SAMPLES][INPUTS];
      double[][] targets = new double[SAMPLES][CLASSES];
      for (int i = 0; i < SAMPLES; i++) {
        for (int j = 0; j < INPUTS; j++) {
          x.set(i, j, random.nextGaussian());
          rows[i][j] = x.get(i, j);
        }
        targets[i][random.nextInt(CLASSES)] = 1;
        y.copyRowFrom(i, targets[i], 0);
      }
      Linearization at = model.linearize(w, SAMPLES, precision);
      Mat z = Mat.allocate(w, SAMPLES, CLASSES, precision);
      Value old = value(oracle, natural.parameters().toArray(), rows, targets);
      at.evaluate(natural.parameters(), x, z);
      double oldRounding = at.outputRounding();
      for (int step = 0; step < steps; step++) {
        if (!natural.step(x, y).status().accepted()) {
          continue;
        }
        Value now = value(oracle, natural.parameters().toArray(), rows, targets);
        at.evaluate(natural.parameters(), x, z);
        double rounding = at.outputRounding();
        double rise = now.loss - old.loss;
        // What the rule lets pass, and as much again by which the values it saw may be off.
        double outputs = 2 * Math.max(old.sensitivity, now.sensitivity) * (oldRounding + rounding);
        double sums =
            4 * LAMBDA * Math.sqrt(SAMPLES + CLASSES) * 0x1p-53 * Math.max(old.loss, now.loss);
        double most = outputs + sums + old.error + now.error;
        assertTrue(
            rise <= most,
            () -> kind + ", seed " + seed + ", " + precision + ": " + rise + " > " + most);
        worst = Math.max(worst, (rise - old.error - now.error) / old.loss);
        old = now;
        oldRounding = rounding;
      }
    }
    return worst;
  }

  @Property(tries = 200)
  void noAcceptedStepRaisesTheObjectiveByMoreThanRounding(
      @ForAll long seed, @ForAll Precision precision) {
    largestRise((int) Math.floorMod(seed, 4L), seed, precision, STEPS);
  }

  /** Its bound, 0.02 and more, let the objective rise from 0.09 to 0.22; rounding moves it 10⁻⁶. */
  @Example
  void aBoundThatIsFarTooLargeIsNoTolerance() {
    for (int seed = 0; seed < 10; seed++) {
      double rise = largestRise(2, seed, Precision.F32, 60);
      assertTrue(rise <= 1e-4, "seed " + seed + ": rose by " + rise + " of it");
    }
  }

  /** Where outputs are linear, what rounding does and its bound are one and the same. */
  @Example
  void ofALinearModelRoundingIsTheBound() {
    try (Workspace w = Workspace.create()) {
      Mlp model = Mlp.linear(3, 2, true);
      NaturalGradient natural =
          new NaturalGradient(
              w,
              new Problem(model, new Categorical(2), 2, Precision.F32, 0),
              NaturalGradientOptions.automatic());
      Initialization.GLOROT.fill(model, 1, natural.parameters());
      Mat x = Mat.allocate(w, 2, 3, Precision.F32);
      x.set(0, 1, 3);
      Mat z = Mat.allocate(w, 2, 2, Precision.F32);
      Linearization at = model.linearize(w, 2, Precision.F32);
      at.evaluate(natural.parameters(), x, z);
      double rounding = at.outputRounding();
      assertTrue(rounding > 0);
      assertEquals(at.outputErrorBound(), rounding);
    }
  }
}
