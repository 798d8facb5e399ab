package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.serving.Counters.Counter;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights and masks from the offer to the step. */
class WeightedStreamTest {
  private static final NaturalGradientOptions STEP = NaturalGradientOptions.within(1e-4);

  /** The parts of a stream with weights, beside those of one without. */
  private static final class Parts implements AutoCloseable {
    final Stream plain;
    final Problem problem;
    final NaturalGradient optimizer;
    final SampleQueue queue;
    final Updater updater;

    Parts(Precision precision, UpdaterOptions options, long seed) {
      plain = new Stream(precision, 0.01, seed);
      problem = problem(plain.workspace, plain.problem);
      optimizer = new NaturalGradient(plain.workspace, problem, STEP);
      optimizer.parameters().copyFrom(plain.optimizer.parameters().toArray(), 0);
      queue = SampleQueue.weighted(Stream.INPUTS, Stream.CLASSES, precision, 64);
      updater = new Updater(plain.workspace, problem, optimizer, queue, plain.store, options);
    }

    static Problem problem(Workspace w, Problem of) {
      Weighted weighted = new Weighted(w, of.distribution(), of.maxBatch(), of.precision());
      return new Problem(of.model(), weighted, of.maxBatch(), of.precision(), 0);
    }

    @Override
    public void close() {
      queue.close();
      plain.close();
    }
  }

  private static float[] weights(int n) {
    float[] weights = new float[n];
    for (int i = 0; i < n; i++) {
      weights[i] = 0.25f * (1 + (7 * i + 3) % 11);
    }
    return weights;
  }

  /** Samples of weight 0 between the others, with targets that are no numbers, change nothing. */
  @ParameterizedTest
  @EnumSource
  void stepsAreThoseOfTheOptimiserWithTheWeights(Precision precision) {
    try (Parts p = new Parts(precision, UpdaterOptions.everySampleOnce(8), 1);
        Workspace w = Workspace.create()) {
      Problem direct = Parts.problem(w, p.plain.problem);
      NaturalGradient same = new NaturalGradient(w, direct, STEP);
      same.parameters().copyFrom(p.optimizer.parameters().toArray(), 0);
      Mat x = Mat.allocate(w, 8, Stream.INPUTS, precision);
      Mat y = Mat.allocate(w, 8, Stream.CLASSES, precision);
      Vec weights = Vec.allocate(w, 8, Precision.F64);
      for (int step = 0; step < 6; step++) {
        float[] features = p.plain.features(12);
        float[] labels = Stream.labels(features);
        float[] given = weights(12);
        int row = 8;
        for (int i = 0; i < 12; i++) {
          if (i % 3 == 1) {
            given[i] = 0;
            Arrays.fill(labels, i * Stream.CLASSES, (i + 1) * Stream.CLASSES, Float.NaN);
          } else {
            // The newest sample comes first.
            row--;
            x.copyRowFrom(row, features, i * Stream.INPUTS);
            y.copyRowFrom(row, labels, i * Stream.CLASSES);
            weights.set(row, given[i]);
          }
        }
        assertEquals(0, row);
        assertTrue(p.queue.offer(features, labels, given));
        assertEquals(8, p.updater.runOnce().samples());
        ((Weighted) direct.distribution()).setWeights(weights);
        same.step(x, y);
        assertArrayEquals(same.parameters().toArray(), p.optimizer.parameters().toArray());
      }
      assertEquals(UpdateStatus.IDLE, p.updater.runOnce().status());
      assertEquals(0, p.queue.size());
      assertEquals(48, p.updater.counters().get(Counter.SAMPLES));
      assertEquals(0, p.updater.counters().get(Counter.ILLEGAL_SAMPLES));
    }
  }

  /** The first feature of every sample is its weight. */
  @ParameterizedTest
  @EnumSource
  void aWeightStaysWithItsSampleInTheWindow(Precision precision) {
    UpdaterOptions options = UpdaterOptions.sliding(16, 3, 40);
    try (Parts p = new Parts(precision, options, 2)) {
      SampleWindow window = new SampleWindow(p.plain.workspace, p.problem, options);
      for (int step = 0; step < 60; step++) {
        double[] x = new double[3 * Stream.INPUTS];
        double[] y = new double[3 * Stream.CLASSES];
        double[] weights = new double[3];
        for (int i = 0; i < 3; i++) {
          weights[i] = 1 + 3 * step + i;
          x[i * Stream.INPUTS] = weights[i];
          y[i * Stream.CLASSES] = 1;
        }
        assertTrue(p.queue.offer(x, y, weights));
        assertEquals(0, window.take(p.queue));
        SampleWindow.Batch batch = window.next(step);
        for (int i = 0; i < batch.x().rows(); i++) {
          assertEquals(batch.x().get(i, 0), batch.weights().get(i));
        }
        // The distribution has them: it accepts a batch of this many rows and no other.
        p.problem.distribution().checkTargets(batch.y());
      }
      // Without weights every sample has the weight 1.
      p.queue.offer(new float[Stream.INPUTS], new float[] {1, 0, 0});
      assertEquals(1, p.queue.weight());
      SampleQueue plain = p.plain.queue;
      plain.offer(new float[Stream.INPUTS], new float[] {1, 0, 0});
      assertEquals(1, plain.weight());
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void bytesAreExactAndNothingIsAllocated(Precision precision) {
    UpdaterOptions options = UpdaterOptions.sliding(16, 4, 40);
    try (Parts p = new Parts(precision, options, 3)) {
      int width = Stream.INPUTS + Stream.CLASSES + 1;
      assertEquals(
          64L * width * precision.bytes(),
          SampleQueue.weightedBytes(Stream.INPUTS, Stream.CLASSES, precision, 64));
      Workspace w = p.plain.workspace;
      long before = w.bytesUsed();
      Updater updater = new Updater(w, p.problem, p.optimizer, p.queue, p.plain.store, options);
      assertEquals(Updater.bytes(p.problem, options), w.bytesUsed() - before);
      assertEquals(
          Vec.bytes(40, precision) + Vec.bytes(16, precision),
          Updater.bytes(p.problem, options) - Updater.bytes(p.plain.problem, options));
      updater.withAudit(new SelfAudit(w, p.problem, 1), 2);
      float[][] x = new float[100][];
      float[][] y = new float[100][];
      for (int i = 0; i < x.length; i++) {
        x[i] = p.plain.features(5);
        y[i] = Stream.labels(x[i]);
      }
      int[] next = {0};
      float[] weights = weights(5);
      weights[2] = 0;
      for (int i = 0; i < 20; i++) {
        p.queue.offer(x[i], y[i], weights);
        updater.runOnce();
      }
      assertEquals(0, updater.counters().get(Counter.FAILED_AUDITS));
      assertTrue(updater.counters().get(Counter.AUDITS) >= 5);
      assertEquals(
          w.bytesUsed() + 64L * width * precision.bytes(),
          updater.counters().get(Counter.BYTES_OFF_HEAP));
      // The step itself is UpdaterTest's.
      SampleWindow window = new SampleWindow(w, p.problem, options);
      Allocation.assertNone(
          "offer and window with weights",
          () -> {
            next[0] = (next[0] + 1) % x.length;
            p.queue.offer(x[next[0]], y[next[0]], weights);
            window.take(p.queue);
            window.next(next[0]);
          });
    }
  }

  /** The reference batch has rows of its own, which count alike. */
  @Test
  void theDriftIsMeasuredWithoutWeights() {
    try (Parts p = new Parts(Precision.F64, UpdaterOptions.everySampleOnce(8), 4)) {
      Workspace w = p.plain.workspace;
      int rows = 8;
      Mat x = Mat.allocate(w, rows, Stream.INPUTS, Precision.F64);
      float[] features = p.plain.features(rows);
      for (int i = 0; i < rows; i++) {
        x.copyRowFrom(i, features, i * Stream.INPUTS);
      }
      DriftBudget budget = new DriftBudget(1, KlOver.MEAN, 0, 0, WhenSpent.STOP);
      DriftControl drift = new DriftControl(w, p.problem, x, budget, () -> 0);
      Linearization linearization = p.problem.model().linearize(w, rows, Precision.F64);
      Mat from = Mat.allocate(w, rows, Stream.CLASSES, Precision.F64);
      Mat to = Mat.allocate(w, rows, Stream.CLASSES, Precision.F64);
      linearization.evaluate(p.optimizer.parameters(), x, from);
      p.updater.withDrift(drift);
      for (int i = 0; i < 4; i++) {
        float[] batch = p.plain.features(8);
        p.queue.offer(batch, Stream.labels(batch), weights(8));
        p.updater.runOnce();
      }
      linearization.evaluate(p.optimizer.parameters(), x, to);
      double kl = new Categorical(Stream.CLASSES).kl(from, to, KlOver.MEAN);
      assertTrue(kl > 0 && drift.spent() >= kl);
      // Beside the KL only its rounding bound is counted.
      assertEquals(kl, drift.spent(), 1e-9 * kl + 1e-12);
    }
  }

  @Test
  void aWarmUpHasWeightsOfItsOwn() {
    try (Parts p = new Parts(Precision.F32, UpdaterOptions.everySampleOnce(8), 5)) {
      Weighted weighted = (Weighted) p.problem.distribution();
      long bytes = p.plain.workspace.bytesUsed();
      WarmUp.run(
          p.problem,
          (w, problem) -> {
            assertTrue(problem.distribution() != weighted);
            return new NaturalGradient(w, problem, STEP);
          },
          UpdaterOptions.everySampleOnce(8),
          0);
      assertEquals(bytes, p.plain.workspace.bytesUsed());
    }
  }

  @Test
  void whatBreaksARuleIsRefused() {
    UpdaterOptions options = UpdaterOptions.everySampleOnce(8);
    try (Parts p = new Parts(Precision.F32, options, 6)) {
      Stream s = p.plain;
      float[] x = new float[2 * Stream.INPUTS];
      float[] y = {1, 0, 0, 0, 1, 0};
      for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
        IllegalArgumentException e =
            assertThrows(
                IllegalArgumentException.class, () -> p.queue.offer(x, y, new float[] {1, bad}));
        assertTrue(e.getMessage().startsWith("weights[1] is " + bad), e.getMessage());
      }
      double[] wide = new double[Stream.INPUTS];
      double[] label = {1, 0, 0};
      assertThrows(
          IllegalArgumentException.class, () -> p.queue.offer(wide, label, new double[] {1e39}));
      for (int n : new int[] {0, 1, 3}) {
        assertThrows(IllegalArgumentException.class, () -> p.queue.offer(x, y, new float[n]));
      }
      assertThrows(NullPointerException.class, () -> p.queue.offer(x, y, null));
      y[4] = Float.NaN;
      assertThrows(IllegalArgumentException.class, () -> p.queue.offer(x, y, new float[] {0, 1}));
      assertEquals(0, p.queue.size());
      assertTrue(p.queue.offer(x, y, new float[] {1, 0}));
      // In the queue's precision this weight is 0.
      wide[0] = Double.NaN;
      assertTrue(p.queue.offer(wide, label, new double[] {1e-60}));
      assertEquals(UpdateStatus.IDLE, p.updater.runOnce().status());
      assertEquals(0, p.queue.size());
      assertFalse(p.queue.refused() > 0);
      IllegalStateException none =
          assertThrows(IllegalStateException.class, () -> s.queue.offer(x, y, new float[] {1, 0}));
      assertTrue(none.getMessage().contains("SampleQueue.weighted"));
      Workspace w = s.workspace;
      assertThrows(
          IllegalArgumentException.class,
          () -> new Updater(w, p.problem, p.optimizer, s.queue, s.store, options));
      assertThrows(
          IllegalArgumentException.class,
          () -> new Updater(w, s.problem, s.optimizer, p.queue, s.store, options));
      assertThrows(
          IllegalArgumentException.class, () -> SampleQueue.weighted(1, 1, Precision.F32, 0));
    }
  }
}
