package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Model;
import dev.natgrad.oracle.Allocation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PredictorTest {
  private static final Mlp MODEL = Mlp.of(5, List.of(7), Activation.TANH, 3);

  private static float[] random(long seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static SnapshotStore store(Workspace w, Precision precision, int readers) {
    return new SnapshotStore(w, MODEL.parameters(), precision, readers, 1);
  }

  private static Vec publish(Workspace w, SnapshotStore store, long seed) {
    Vec theta = Vec.allocate(w, MODEL.parameters(), store.precision());
    theta.copyFrom(random(seed, MODEL.parameters()), 0);
    store.publish(theta);
    return theta;
  }

  /** A network whose passes fail. */
  private record Failing(RuntimeException failure) implements Model {
    @Override
    public int parameters() {
      return MODEL.parameters();
    }

    @Override
    public int inputs() {
      return MODEL.inputs();
    }

    @Override
    public int outputs() {
      return MODEL.outputs();
    }

    @Override
    public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      return new Linearization() {
        @Override
        public void evaluate(Vec theta, Mat x, Mat z) {
          throw failure;
        }

        @Override
        public void jvp(Vec v, Mat t) {
          throw failure;
        }

        @Override
        public void vjp(Mat u, double beta, Vec g) {
          throw failure;
        }

        @Override
        public double outputErrorBound() {
          throw failure;
        }
      };
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return 0;
    }
  }

  @Test
  void aPredictorThatCannotBeMadeLeavesItsPlace() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = store(w, Precision.F32, 1);
      publish(w, store, 7);
      RuntimeException failure = new RuntimeException("the user's model failed");
      Model failing = new Failing(failure);
      RuntimeException thrown =
          assertThrows(RuntimeException.class, () -> Predictor.ofOutputs(w, store, failing, 2));
      assertEquals(failure, thrown);
      Predictor.ofOutputs(w, store, MODEL, 2).close();
    }
  }

  /** The same bits as the model itself gives, from every kind of memory and thread. */
  @ParameterizedTest
  @EnumSource
  void answersAreTheModels(Precision precision) throws Exception {
    for (int rows = 1; rows <= 4; rows++) {
      double[] x = widened(random(rows, rows * 5));
      try (Workspace w = Workspace.create();
          ExecutorService other = Executors.newSingleThreadExecutor()) {
        SnapshotStore store = store(w, precision, 20);
        Vec theta = publish(w, store, 7);
        Mat in = Mat.allocate(w, rows, 5, precision);
        in.copyFrom(x);
        Mat z = Mat.allocate(w, rows, 3, precision);
        MODEL.linearize(w, rows, precision).evaluate(theta, in, z);
        final double[] outputs = z.toArray();
        new Categorical(3).mean(z, z);
        final double[] means = z.toArray();
        double[] y = new double[rows * 3];
        try (Predictor raw = Predictor.ofOutputs(w, store, MODEL, 4)) {
          assertEquals(1, raw.predict(x, y));
          assertArrayEquals(outputs, y);
        }
        Future<Void> elsewhere =
            other.submit(
                () -> {
                  allKinds(store, x, means);
                  return null;
                });
        elsewhere.get();
      }
    }
  }

  private static void allKinds(SnapshotStore store, double[] x, double[] means) {
    double[] y = new double[means.length];
    try (Workspace own = Workspace.create();
        Arena arena = Arena.ofShared();
        Predictor predictor = Predictor.ofMeans(own, store, MODEL, new Categorical(3), 4)) {
      predictor.predict(x, y);
      assertArrayEquals(means, y);
      float[] single = new float[y.length];
      float[] features = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        features[i] = (float) x[i];
      }
      predictor.predict(features, single);
      for (int i = 0; i < y.length; i++) {
        assertEquals((float) means[i], single[i]);
      }
      int bytes = store.precision().bytes();
      MemorySegment from = arena.allocate((long) x.length * bytes + 1).asSlice(1);
      MemorySegment to = MemorySegment.ofArray(new byte[y.length * bytes]);
      Mat copy = Mat.allocate(own, 1, x.length, store.precision());
      copy.copyFrom(x);
      copy.copyRowTo(0, from, 0, store.precision());
      predictor.predict(from, to);
      Mat answer = Mat.allocate(own, 1, y.length, store.precision());
      answer.copyRowFrom(0, to, 0, store.precision());
      assertArrayEquals(means, answer.toArray());
    }
  }

  @ParameterizedTest
  @EnumSource
  void bytesAreExact(Precision precision) {
    for (int readers : new int[] {1, 13, 14}) {
      try (Workspace w = Workspace.create()) {
        SnapshotStore store = store(w, precision, readers);
        w.productScratch(Blas.scratchBytes());
        long before = w.bytesUsed();
        Predictor.ofOutputs(w, store, MODEL, 6).close();
        assertEquals(Predictor.bytes(store, MODEL, 6), w.bytesUsed() - before);
      }
    }
  }

  /** More buffers than a linearisation remembers views of, each of them current in turn. */
  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void predictingAllocatesNothing(Precision precision) {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = new SnapshotStore(w, MODEL.parameters(), precision, 2, 20);
      Vec theta = publish(w, store, 1);
      for (int i = 0; i < 30; i++) {
        store.publish(theta);
      }
      long oldest = store.retained()[20];
      float[] x = random(3, 10);
      float[] y = new float[6];
      double[] wideX = widened(x);
      double[] wideY = new double[6];
      MemorySegment from = MemorySegment.ofArray(new byte[10 * precision.bytes()]);
      MemorySegment to = MemorySegment.ofArray(new byte[6 * precision.bytes()]);
      long[] version = {oldest};
      try (Predictor predictor = Predictor.ofMeans(w, store, MODEL, new Categorical(3), 2)) {
        Allocation.assertNone(
            "a prediction",
            () -> {
              version[0] = version[0] == oldest + 20 ? oldest : version[0] + 1;
              store.rollBack(version[0]);
              assertEquals(version[0], predictor.predict(x, y));
              predictor.predict(wideX, wideY);
              predictor.predict(from, to);
            });
      }
    }
  }

  private static void refuses(Class<? extends Throwable> type, String part, Executable call) {
    String message = assertThrows(type, call).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void wrongWidthsEmptyBatchesAndFeaturesThatAreNotFiniteAreRefused() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = store(w, Precision.F32, 2);
      float[] x = random(1, 10);
      float[] y = new float[6];
      Predictor predictor = Predictor.ofMeans(w, store, MODEL, new Categorical(3), 2);
      refuses(IllegalStateException.class, "published", () -> predictor.predict(x, y));
      publish(w, store, 2);
      for (int length : new int[] {0, 1, 4, 6, 9, 11, 15}) {
        refuses(
            IllegalArgumentException.class,
            "x has " + length,
            () -> predictor.predict(new float[length], y));
      }
      for (int length : new int[] {0, 3, 5, 7}) {
        refuses(
            IllegalArgumentException.class,
            "y has " + length,
            () -> predictor.predict(x, new float[length]));
      }
      double[] wide = new double[10];
      double[] answer = {9, 9, 9, 9, 9, 9};
      for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e300}) {
        wide[7] = bad;
        refuses(
            IllegalArgumentException.class,
            "feature 2 of sample 1",
            () -> predictor.predict(wide, answer));
        assertEquals(9, answer[0]);
      }
      MemorySegment odd = MemorySegment.ofArray(new byte[7]);
      refuses(IllegalArgumentException.class, "7 bytes", () -> predictor.predict(odd, odd));
      predictor.close();
      refuses(IllegalStateException.class, "closed", () -> predictor.predict(x, y));
    }
  }

  @Test
  void aPredictorUsedByTwoThreadsOrAfterItsWorkspaceSaysSo() throws Exception {
    try (Workspace w = Workspace.create();
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      SnapshotStore store = store(w, Precision.F32, 2);
      publish(w, store, 2);
      Workspace own = Workspace.create();
      Predictor predictor = Predictor.ofMeans(own, store, MODEL, new Categorical(3), 2);
      Runnable predict = () -> predictor.predict(random(1, 5), new float[3]);
      predict.run();
      other
          .submit(
              () -> {
                refuses(WrongThreadException.class, "confined", predict::run);
                refuses(WrongThreadException.class, "confined", predictor::close);
              })
          .get();
      own.close();
      refuses(IllegalStateException.class, "closed workspace", predict::run);
      predictor.close();
      assertEquals(0, store.readers());
    }
  }

  @Test
  void partsThatDoNotFitAreRefused() {
    try (Workspace w = Workspace.create()) {
      SnapshotStore store = store(w, Precision.F32, 2);
      Mlp other = Mlp.of(5, List.of(6), Activation.TANH, 3);
      refuses(
          IllegalArgumentException.class,
          "parameters",
          () -> Predictor.ofOutputs(w, store, other, 1));
      refuses(
          IllegalArgumentException.class,
          "outputs",
          () -> Predictor.ofMeans(w, store, MODEL, new Bernoulli(2), 1));
      refuses(
          IllegalArgumentException.class,
          "maxBatch",
          () -> Predictor.ofOutputs(w, store, MODEL, 0));
      assertEquals(0, store.readers());
    }
  }
}
