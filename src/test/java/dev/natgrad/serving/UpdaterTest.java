package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepBudget;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.serving.Counters.Counter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UpdaterTest {
  private static Updater updater(Stream s, UpdaterOptions options) {
    return new Updater(s.workspace, s.problem, s.optimizer, s.queue, s.store, options);
  }

  /** A window as large as the batch: the same bits as stepping on the batches themselves. */
  @ParameterizedTest
  @EnumSource
  void stepsAreThoseOfTheOptimiser(Precision precision) {
    try (Stream s = new Stream(precision, 0.01, 1);
        Workspace w = Workspace.create()) {
      NaturalGradient plain =
          new NaturalGradient(w, s.problem, NaturalGradientOptions.within(0.01));
      plain.parameters().copyFrom(s.optimizer.parameters().toArray(), 0);
      Updater updater = updater(s, UpdaterOptions.everySampleOnce(8));
      for (int step = 0; step < 6; step++) {
        float[] features = s.features(8);
        float[] labels = Stream.labels(features);
        s.queue.offer(features, labels);
        updater.runOnce();
        Mat x = Mat.allocate(w, 8, Stream.INPUTS, precision);
        Mat y = Mat.allocate(w, 8, Stream.CLASSES, precision);
        for (int i = 0; i < 8; i++) {
          // The newest sample comes first.
          x.copyRowFrom(7 - i, features, i * Stream.INPUTS);
          y.copyRowFrom(7 - i, labels, i * Stream.CLASSES);
        }
        plain.step(x, y);
        assertArrayEquals(plain.parameters().toArray(), s.optimizer.parameters().toArray());
      }
    }
  }

  @Test
  void learnsAndPublishesAndCounts() {
    try (Stream s = new Stream(Precision.F32, 0.02, 2)) {
      Updater updater = updater(s, UpdaterOptions.sliding(16, 4, 100).withPublishEvery(3));
      assertEquals(PublishStatus.PUBLISHED, updater.publish());
      assertEquals(UpdateStatus.IDLE, updater.runOnce().status());
      s.offer(3);
      assertEquals(UpdateStatus.IDLE, updater.runOnce().status());
      s.offer(1);
      UpdateOutcome first = updater.runOnce();
      assertEquals(4, first.samples());
      double before = first.step().lossBefore();
      double last = 0;
      long updates = first.status() == UpdateStatus.UPDATED ? 1 : 0;
      for (int i = 0; i < 150; i++) {
        assertTrue(s.offer(12));
        updates += updater.drain();
      }
      s.offer(4);
      UpdateOutcome outcome = updater.runOnce();
      updates += outcome.status() == UpdateStatus.UPDATED ? 1 : 0;
      last = outcome.step().lossBefore();
      assertEquals(16, outcome.samples());
      assertTrue(last < before / 2, before + " → " + last);
      Counters counters = updater.counters();
      assertEquals(updates, counters.get(Counter.ACCEPTED));
      assertEquals(452, counters.get(Counter.STEPS));
      assertEquals(452 * 4, counters.get(Counter.SAMPLES));
      assertEquals(452, counters.get(Counter.ACCEPTED) + counters.get(Counter.REJECTED));
      assertEquals(1 + updates / 3, counters.get(Counter.PUBLISHED));
      assertEquals(s.store.version(), counters.get(Counter.VERSION));
      long ring = SampleQueue.bytes(Stream.INPUTS, Stream.CLASSES, Precision.F32, 64);
      assertEquals(s.workspace.bytesUsed() + ring, counters.get(Counter.BYTES_OFF_HEAP));
      assertTrue(counters.toString().contains("STEPS_ACCEPTED "), counters.toString());
    }
  }

  @Test
  void decayedWindowsDrawNewerSamplesMoreOften() {
    try (Stream s = new Stream(Precision.F64, 0.02, 3)) {
      UpdaterOptions options = UpdaterOptions.sliding(16, 1, 64).withHalfLife(8);
      SampleWindow window = new SampleWindow(s.workspace, s.problem, options);
      long[] byAge = new long[64];
      double[] x = new double[Stream.INPUTS];
      double[] y = {1, 0, 0};
      int steps = 3000;
      for (int step = 0; step < steps; step++) {
        x[0] = step;
        s.queue.offer(x, y);
        assertEquals(0, window.take(s.queue));
        assertTrue(window.enough());
        SampleWindow.Batch batch = window.next(step);
        assertEquals(step, batch.x().get(0, 0));
        for (int i = 1; i < batch.x().rows(); i++) {
          int age = step - (int) batch.x().get(i, 0);
          assertTrue(age > 0 && age < 64);
          byAge[age] += step >= 64 ? 1 : 0;
        }
      }
      // Ages 1 … 63 in proportion to 2^(−age/8); each count is binomial.
      double total = 15.0 * (steps - 64);
      double mass = 0;
      for (int age = 1; age < 64; age++) {
        mass += Math.pow(2, -age / 8.0);
      }
      for (int age = 1; age < 64; age++) {
        double p = Math.pow(2, -age / 8.0) / mass;
        double deviation = Math.sqrt(total * p * (1 - p));
        assertEquals(total * p, byAge[age], 6 * deviation + 1);
      }
    }
  }

  @Test
  void illegalTargetsAreLeftOutAndCounted() {
    try (Stream s = new Stream(Precision.F32, 0.02, 4)) {
      Updater updater = updater(s, UpdaterOptions.everySampleOnce(2));
      float[] x = s.features(3);
      float[] y = Stream.labels(x);
      y[3] = 0.5f;
      y[4] = 0.9f;
      y[5] = 0;
      s.queue.offer(x, y);
      assertEquals(2, updater.runOnce().samples());
      assertEquals(1, updater.counters().get(Counter.ILLEGAL_SAMPLES));
      assertEquals(2, updater.counters().get(Counter.SAMPLES));
    }
  }

  /** A producer faster than the refusals must not keep an updater from looking whether to stop. */
  @Test
  void aFloodOfIllegalTargetsEndsAfterOneTurnOfTheQueue() {
    try (Stream s = new Stream(Precision.F32, 0.02, 5)) {
      float[] x = new float[Stream.INPUTS];
      float[] illegal = {0.5f, 0.9f, 0};
      int[] offers = new int[1];
      OutputDistribution flooded =
          (OutputDistribution)
              Proxy.newProxyInstance(
                  OutputDistribution.class.getClassLoader(),
                  new Class<?>[] {OutputDistribution.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("checkTargets") && offers[0]++ < 1000) {
                      s.queue.offer(x, illegal);
                    }
                    try {
                      return method.invoke(s.problem.distribution(), arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
      Problem problem = new Problem(s.problem.model(), flooded, Stream.MAX_BATCH, Precision.F32, 0);
      UpdaterOptions options = UpdaterOptions.everySampleOnce(8);
      Updater updater = new Updater(s.workspace, problem, s.optimizer, s.queue, s.store, options);
      s.queue.offer(x, illegal);
      assertEquals(UpdateStatus.IDLE, updater.runOnce().status());
      assertEquals(s.queue.capacity(), updater.counters().get(Counter.ILLEGAL_SAMPLES));
      offers[0] = 1000;
      s.offer(8);
      assertEquals(8, updater.runOnce().samples());
    }
  }

  @Test
  void rollingBackTakesTheParametersOfTheVersion() {
    try (Stream s = new Stream(Precision.F32, 0.02, 5)) {
      Updater updater = updater(s, UpdaterOptions.everySampleOnce(8));
      updater.publish();
      double[] first = s.optimizer.parameters().toArray();
      s.offer(16);
      updater.drain();
      assertNotEquals(first[0], s.optimizer.parameters().get(0));
      assertFalse(updater.rollBack(77));
      assertTrue(updater.rollBack(1));
      assertArrayEquals(first, s.optimizer.parameters().toArray());
      assertEquals(1, s.store.version());
      assertEquals(1, updater.counters().get(Counter.ROLLBACKS));
    }
  }

  @Test
  void aPublishThatFindsNoBufferDoesNotStopTraining() {
    try (Stream s = new Stream(Precision.F32, 0.02, 6)) {
      SnapshotStore small =
          new SnapshotStore(s.workspace, s.store.parameters(), Precision.F32, 2, 0, 2);
      Updater updater =
          new Updater(
              s.workspace,
              s.problem,
              s.optimizer,
              s.queue,
              small,
              UpdaterOptions.everySampleOnce(8));
      updater.publish();
      try (SnapshotReader never = new SnapshotReader(s.workspace, small)) {
        never.acquire();
        for (int i = 0; i < 4; i++) {
          s.offer(8);
          assertEquals(UpdateStatus.UPDATED, updater.runOnce().status());
        }
        assertEquals(3, updater.counters().get(Counter.NO_FREE_BUFFER));
        assertEquals(4, updater.counters().get(Counter.ACCEPTED));
        assertEquals(2, small.version());
      }
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void bytesAreExactAndRunningAllocatesNothing(Precision precision) {
    try (Stream s = new Stream(precision, 1e-4, 7)) {
      UpdaterOptions options = UpdaterOptions.sliding(16, 4, 40).withHalfLife(10);
      long before = s.workspace.bytesUsed();
      Updater updater = updater(s, options);
      assertEquals(Updater.bytes(s.problem, options), s.workspace.bytesUsed() - before);
      Mat reference = Mat.allocate(s.workspace, 9, Stream.INPUTS, precision);
      reference.copyFrom(new double[9 * Stream.INPUTS]);
      before = s.workspace.bytesUsed();
      DriftControl drift = Drift.control(s, reference, 1e6, DriftBudget.WhenSpent.SHRINK);
      assertEquals(DriftControl.bytes(s.problem, 9), s.workspace.bytesUsed() - before);
      before = s.workspace.bytesUsed();
      SelfAudit audit = new SelfAudit(s.workspace, s.problem, 1);
      assertEquals(SelfAudit.bytes(s.problem), s.workspace.bytesUsed() - before);
      updater.withDrift(drift).withAudit(audit, 2);
      float[][] x = new float[100][];
      float[][] y = new float[100][];
      for (int i = 0; i < x.length; i++) {
        x[i] = s.features(4);
        y[i] = Stream.labels(x[i]);
      }
      int[] next = {0};
      double[] start = s.optimizer.parameters().toArray();
      Allocation.assertNone(
          "offer, step, drift, audit and publish",
          () -> {
            next[0] = (next[0] + 1) % x.length;
            if (next[0] == 0) {
              // Else a slow compiler leaves time to fit these few samples beyond any sense.
              s.optimizer.parameters().copyFrom(start, 0);
            }
            s.queue.offer(x[next[0]], y[next[0]]);
            updater.runOnce();
          });
      assertEquals(0, updater.counters().get(Counter.FAILED_AUDITS), audit::toString);
      assertTrue(updater.counters().get(Counter.AUDITS) > 100);
    }
  }

  @Test
  void runsOnTheThreadHandedOverUntilToldToStop() throws Exception {
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Stream s = thread.submit(() -> new Stream(Precision.F32, 0.02, 8)).get();
      Updater updater = thread.submit(() -> updater(s, UpdaterOptions.everySampleOnce(8))).get();
      assertThrows(WrongThreadException.class, updater::runOnce);
      assertThrows(WrongThreadException.class, () -> updater.rollBack(1));
      assertThrows(WrongThreadException.class, updater::publish);
      Counters counters = updater.counters();
      var running = thread.submit(() -> updater.run(() -> counters.get(Counter.STEPS) >= 20));
      while (!running.isDone()) {
        s.offer(8);
        Thread.onSpinWait();
      }
      running.get();
      assertTrue(counters.get(Counter.VERSION) > 0);
      thread.submit(s::close).get();
    }
  }

  @Test
  void stepsKeepToTheirBudget() {
    try (Stream s = new Stream(Precision.F64, 0.02, 9)) {
      Updater updater = updater(s, UpdaterOptions.everySampleOnce(8));
      assertSame(updater, updater.withStepBudget(StepBudget.ofNanos(0)));
      double[] before = s.optimizer.parameters().toArray();
      s.offer(8);
      UpdateOutcome late = updater.runOnce();
      assertEquals(UpdateStatus.REJECTED, late.status());
      assertEquals(StepStatus.BUDGET_SPENT, late.step().status());
      assertArrayEquals(before, s.optimizer.parameters().toArray());
      assertEquals(1, updater.counters().steps(StepStatus.BUDGET_SPENT));
      updater.withStepBudget(StepBudget.ofProducts(0));
      s.offer(8);
      UpdateOutcome poor = updater.runOnce();
      assertEquals(UpdateStatus.UPDATED, poor.status());
      assertEquals(StepStatus.DEGRADED, poor.step().status());
      assertEquals(0, poor.step().products());
      updater.withStepBudget(StepBudget.UNLIMITED);
      s.offer(8);
      assertTrue(updater.runOnce().step().products() > 0);
      Adam adam = new Adam(s.workspace, s.problem, 0.01);
      Updater other =
          new Updater(
              s.workspace, s.problem, adam, s.queue, s.store, UpdaterOptions.everySampleOnce(8));
      other.withStepBudget(StepBudget.UNLIMITED);
      String refusal =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> other.withStepBudget(StepBudget.ofNanos(1000)))
              .getMessage();
      assertTrue(refusal.contains("adam"), refusal);
    }
  }

  @Test
  void partsThatDoNotFitAreRefused() {
    try (Stream s = new Stream(Precision.F32, 0.02, 9);
        Stream wide = new Stream(Precision.F64, 0.02, 9)) {
      UpdaterOptions options = UpdaterOptions.everySampleOnce(8);
      assertThrows(
          IllegalArgumentException.class,
          () -> new Updater(s.workspace, s.problem, s.optimizer, wide.queue, s.store, options));
      assertThrows(
          IllegalArgumentException.class,
          () -> new Updater(s.workspace, s.problem, s.optimizer, s.queue, wide.store, options));
      assertThrows(
          IllegalArgumentException.class,
          () -> new Updater(s.workspace, s.problem, wide.optimizer, s.queue, s.store, options));
      assertThrows(
          IllegalArgumentException.class, () -> updater(s, UpdaterOptions.everySampleOnce(17)));
      assertThrows(IllegalArgumentException.class, () -> UpdaterOptions.sliding(8, 9, 20));
      assertThrows(IllegalArgumentException.class, () -> UpdaterOptions.sliding(8, 4, 7));
      assertThrows(IllegalArgumentException.class, () -> options.withHalfLife(Double.NaN));
      Updater updater = updater(s, options);
      assertNull(updater.runOnce().step());
      assertThrows(IllegalStateException.class, updater::setReference);
      assertThrows(NullPointerException.class, () -> updater.withDrift(null));
      assertThrows(
          IllegalArgumentException.class,
          () -> updater.withAudit(new SelfAudit(s.workspace, s.problem, 1), 0));
      OutputDistribution policy = s.problem.distribution();
      Problem ofPolicy =
          new Problem(
              s.problem.model(),
              policy,
              new PolicySurrogate(s.workspace, policy, 16, Precision.F32),
              16,
              Precision.F32,
              0);
      String refusal =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new Updater(s.workspace, ofPolicy, s.optimizer, s.queue, s.store, options))
              .getMessage();
      assertTrue(refusal.contains("PolicySurrogate"), refusal);
      Adam adam = new Adam(s.workspace, s.problem, 0.01);
      Mat x = Mat.allocate(s.workspace, 3, Stream.INPUTS, Precision.F32);
      DriftControl shrinking = Drift.control(s, x, 0.1, DriftBudget.WhenSpent.SHRINK);
      Updater first = new Updater(s.workspace, s.problem, adam, s.queue, s.store, options);
      assertThrows(IllegalArgumentException.class, () -> first.withDrift(shrinking));
      Vec theta = adam.parameters();
      theta.set(0, Double.NaN);
      assertEquals(PublishStatus.NON_FINITE, first.publish());
      assertEquals(1, first.counters().get(Counter.NON_FINITE_PARAMETERS));
    }
  }
}
