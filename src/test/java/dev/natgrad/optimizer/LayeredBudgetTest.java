package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredModel;
import dev.natgrad.oracle.NaiveLikelihood;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** As BudgetTest, for the solvers that see the layers: a clock that the model's passes move. */
class LayeredBudgetTest {
  private static final long EVALUATE = 100;
  private static final long TANGENT = 200;
  private static final long BACKWARD = 250;

  private final Trial trial =
      new Trial(3, NaiveLikelihood.CATEGORICAL, Precision.F64, 4, new int[] {6}, null, 20);
  private final Random random = new Random(7);
  private final List<String> late = new ArrayList<>();
  private long now = Long.MAX_VALUE - 12_345;
  private long deadline = now;
  private int untilStall = Integer.MAX_VALUE;

  private void pass(String name, long nanos) {
    if (now - deadline > 0) {
      late.add(name);
    }
    now += (long) (nanos * Math.exp(random.nextGaussian())) + (untilStall-- == 0 ? 20_000 : 0);
  }

  private final class Timed implements LayeredModel, LayeredLinearization {
    private LayeredLinearization network;

    @Override
    public int parameters() {
      return trial.model.parameters();
    }

    @Override
    public int inputs() {
      return trial.model.inputs();
    }

    @Override
    public int outputs() {
      return trial.model.outputs();
    }

    @Override
    public List<DenseLayer> denseLayers() {
      return trial.model.denseLayers();
    }

    @Override
    public LayeredLinearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      network = trial.model.linearize(workspace, maxBatch, precision);
      return this;
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return trial.model.linearizationBytes(maxBatch, precision);
    }

    @Override
    public void evaluate(Vec theta, Mat x, Mat z) {
      pass("evaluate", EVALUATE);
      network.evaluate(theta, x, z);
    }

    @Override
    public void jvp(Vec v, Mat t) {
      pass("jvp", TANGENT);
      network.jvp(v, t);
    }

    @Override
    public void vjp(Mat u, double beta, Vec g) {
      pass("vjp", BACKWARD);
      network.vjp(u, beta, g);
    }

    @Override
    public void startAt(int first) {
      network.startAt(first);
    }

    @Override
    public Mat layerInputs(int layer, int rows) {
      return network.layerInputs(layer, rows);
    }

    @Override
    public void backward(Mat u, LayerDeltas deltas) {
      pass("backward", BACKWARD);
      network.backward(u, deltas);
    }

    @Override
    public double outputErrorBound() {
      return network.outputErrorBound();
    }
  }

  private static Stream<Solve> solves() {
    return Stream.of(
        new Solve.Dense(),
        new Solve.Dual(),
        new Solve.Blocks(),
        new Solve.Kronecker(1, true, 1e-3, 3),
        new Solve.EigenKronecker(1e-3, 2));
  }

  @ParameterizedTest
  @MethodSource("solves")
  void nothingIsBegunAfterTheDeadline(Solve solve) {
    try (Workspace workspace = Workspace.create()) {
      Problem problem =
          new Problem(new Timed(), trial.distribution(), trial.x.length, trial.precision, 0);
      NaturalGradientOptions options = NaturalGradientOptions.within(0.01).withSolve(solve);
      NaturalGradient optimizer = new NaturalGradient(workspace, problem, options, () -> now);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      int overshot = 0;
      int solved = 0;
      for (int step = 0; step < 300; step++) {
        optimizer.parameters().copyFrom(trial.theta, 0);
        long nanos = random.nextInt(12_000);
        untilStall = random.nextInt(20);
        deadline = now + nanos;
        late.clear();
        StepOutcome outcome = optimizer.step(x, y, StepBudget.ofNanos(nanos));
        // What was begun is ended.
        assertTrue(late.size() <= 1, () -> late + " " + outcome);
        assertTrue(late.stream().allMatch("backward"::equals), () -> late + " " + outcome);
        solved += outcome.source() != DirectionSource.SCALED_GRADIENT ? 1 : 0;
        overshot += now - deadline > 0 ? 1 : 0;
      }
      assertTrue(overshot > 25, "costs nobody knows are not always kept to: " + overshot);
      assertTrue(solved > 25, "the longest deadlines leave room for a matrix: " + solved);
    }
  }
}
