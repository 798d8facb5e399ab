package dev.natgrad.serving;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole way of weighted samples, masked ones among them: offered, kept, drawn, stepped on under
 * a drift budget, published.
 */
final class WeightedStepAllocationTest {
  private static final int INPUTS = 6;
  private static final int CLASSES = 4;
  private static final int BATCH = 24;
  private static final int ROWS = 12;
  private static final int OFFERS = 64;

  private final float[][] x = new float[OFFERS][ROWS * INPUTS];
  private final float[][] y = new float[OFFERS][ROWS * CLASSES];
  private final float[] weights = new float[ROWS];

  private void draw() {
    Random random = new Random(3);
    for (int k = 0; k < OFFERS; k++) {
      for (int i = 0; i < x[k].length; i++) {
        x[k][i] = (float) random.nextGaussian();
      }
      for (int i = 0; i < ROWS; i++) {
        y[k][i * CLASSES + random.nextInt(CLASSES)] = 1;
      }
    }
    for (int i = 0; i < ROWS; i++) {
      weights[i] = i % 5 == 2 ? 0 : 0.25f + random.nextFloat();
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void nothingIsAllocatedFromTheOfferToThePublish(Precision precision) {
    draw();
    try (Workspace w = Workspace.create();
        SampleQueue queue = SampleQueue.weighted(INPUTS, CLASSES, precision, 4 * ROWS)) {
      Mlp model = Mlp.of(INPUTS, List.of(9), Activation.TANH, CLASSES);
      Weighted distribution = new Weighted(w, new Categorical(CLASSES), BATCH, precision);
      Problem problem = new Problem(model, distribution, BATCH, precision, 0);
      NaturalGradient optimizer =
          new NaturalGradient(w, problem, NaturalGradientOptions.within(1e-4));
      Initialization.AUTO.fill(model, 1, optimizer.parameters());
      SnapshotStore store = new SnapshotStore(w, model.parameters(), precision, 1, 1);
      Mat reference = Mat.allocate(w, ROWS, INPUTS, precision);
      for (int i = 0; i < ROWS; i++) {
        reference.copyRowFrom(i, x[0], i * INPUTS);
      }
      DriftBudget budget = new DriftBudget(0.1, KlOver.MEAN, 0, 20, WhenSpent.SHRINK);
      UpdaterOptions options = UpdaterOptions.sliding(BATCH, 8, 60).withHalfLife(30);
      Updater updater =
          new Updater(w, problem, optimizer, queue, store, options)
              .withDrift(new DriftControl(w, problem, reference, budget, System::nanoTime));
      int[] next = {0};
      Allocation.assertNone(
          "a weighted sample's way",
          () -> {
            int k = next[0]++ % OFFERS;
            queue.offer(x[k], y[k], weights);
            updater.drain();
          });
    }
  }
}
