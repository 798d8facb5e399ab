package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * Random calls with arguments nobody should give: closed, foreign, null, huge, negative, on the
 * heap, misaligned. Nothing but exceptions of the named kinds comes of it, and the service still
 * answers afterwards. {@code -Dnatgrad.hostile.calls=1000000} makes as many calls as it says.
 */
class HostileArgumentsTest {
  private static final int CALLS = Integer.getInteger("natgrad.hostile.calls", 30_000);
  private static final int[] SIZES = {-1, 0, 1, 2, 3, 4, 7, 8, 12, 16, 64, 1 << 20, 1 << 30};
  private static final double[] NUMBERS = {
    0, 1, -1, 0.01, 1e300, -1e300, 1e-320, Double.NaN, Double.POSITIVE_INFINITY
  };

  private final Random random = new Random(11);
  private final Map<String, Integer> seen = new TreeMap<>();

  private int size() {
    return SIZES[random.nextInt(SIZES.length)];
  }

  private int length() {
    return Math.max(0, Math.min(size(), 1 << 20));
  }

  private double number() {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private float[] floats() {
    if (random.nextInt(20) == 0) {
      return null;
    }
    float[] values = new float[length()];
    if (random.nextBoolean() && values.length > 0) {
      values[random.nextInt(values.length)] = (float) number();
    }
    return values;
  }

  private double[] doubles() {
    if (random.nextInt(20) == 0) {
      return null;
    }
    double[] values = new double[length()];
    if (random.nextBoolean() && values.length > 0) {
      values[random.nextInt(values.length)] = number();
    }
    return values;
  }

  private MemorySegment segment(Arena arena) {
    int bytes = Math.min(length(), 1 << 10) * random.nextInt(9);
    switch (random.nextInt(6)) {
      case 0:
        return MemorySegment.ofArray(new byte[bytes]);
      case 1:
        return MemorySegment.ofArray(new double[bytes / 8]).asReadOnly();
      case 2:
        return arena.allocate(bytes + 1L).asSlice(1);
      case 3:
        Arena closed = Arena.ofConfined();
        MemorySegment dead = closed.allocate(bytes);
        closed.close();
        return dead;
      case 4:
        return MemorySegment.NULL;
      default:
        return null;
    }
  }

  private Precision precision() {
    return random.nextInt(20) == 0 ? null : Precision.values()[random.nextInt(2)];
  }

  private void call(Runnable call) {
    try {
      call.run();
      seen.merge("returned", 1, Integer::sum);
    } catch (IllegalArgumentException
        | IllegalStateException
        | NullPointerException
        | WrongThreadException
        | IndexOutOfBoundsException
        | ArithmeticException
        | UnsupportedOperationException e) {
      seen.merge(e.getClass().getSimpleName(), 1, Integer::sum);
    } catch (OutOfMemoryError e) {
      assertTrue(e.getMessage().contains("needs"), e::toString);
      seen.merge("OutOfMemoryError", 1, Integer::sum);
    }
  }

  @Test
  void onlyExceptionsComeOfHostileCalls() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor();
        Arena arena = Arena.ofConfined();
        Stream s = new Stream(Precision.F32, 0.01, 1);
        Workspace bounded = Workspace.create(1 << 22)) {
      Updater updater =
          new Updater(
              s.workspace,
              s.problem,
              s.optimizer,
              s.queue,
              s.store,
              UpdaterOptions.sliding(16, 4, 40));
      updater.publish();
      Predictor predictor =
          Predictor.ofMeans(s.workspace, s.store, s.problem.model(), s.problem.distribution(), 3);
      SnapshotReader reader = new SnapshotReader(s.workspace, s.store);
      for (int i = 0; i < CALLS; i++) {
        Runnable call = one(s, updater, predictor, reader, bounded, arena);
        if (i % 16 == 0) {
          try {
            other.submit(() -> call(call)).get();
          } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
          }
        } else {
          call(call);
        }
      }
      System.out.println(CALLS + " hostile calls: " + seen);
      float[] y = new float[Stream.CLASSES];
      predictor.predict(new float[Stream.INPUTS], y);
      assertEquals(1, y[0] + y[1] + y[2], 8 * 0x1p-24);
      assertTrue(seen.size() >= 5, seen::toString);
    }
  }

  private Runnable one(
      Stream s,
      Updater updater,
      Predictor predictor,
      SnapshotReader reader,
      Workspace bounded,
      Arena arena) {
    float[] fx = floats();
    float[] fy = floats();
    double[] dx = doubles();
    double[] dy = doubles();
    MemorySegment from = segment(arena);
    MemorySegment to = segment(arena);
    int a = size();
    int b = size();
    int c = size();
    Precision p = precision();
    switch (random.nextInt(18)) {
      case 0:
        return () -> predictor.predict(fx, fy);
      case 1:
        return () -> predictor.predict(dx, dy);
      case 2:
        return () -> predictor.predict(from, to);
      case 3:
        return () -> s.queue.offer(fx, fy);
      case 4:
        return () -> s.queue.offer(dx, dy);
      case 5:
        return updater::runOnce;
      case 6:
        return () -> updater.rollBack(a);
      case 7:
        return reader::acquire;
      case 8:
        return reader::release;
      case 9:
        return () -> s.store.publish(random.nextBoolean() ? null : s.optimizer.parameters());
      case 10:
        return () -> new SnapshotStore(bounded, a, p, b, c);
      case 11:
        return () -> new SampleQueue(Math.min(a, 64), Math.min(b, 64), p, Math.min(c, 64)).close();
      case 12:
        return () -> new UpdaterOptions(a, b, c, number(), a, c);
      case 13:
        return () -> new DriftBudget(number(), KlOver.MEAN, a, b, WhenSpent.STOP);
      case 14:
        return () -> build(s, bounded, a, b, p);
      case 15:
        return () -> offer(random.nextBoolean() ? s.queue : null, fx, fy, floats());
      case 16:
        return () -> offer(random.nextBoolean() ? s.queue : null, dx, dy, doubles());
      default:
        return () -> Predictor.ofOutputs(closed(), s.store, s.problem.model(), a);
    }
  }

  /** To a queue with weights, if to none else. */
  private static void offer(SampleQueue queue, float[] x, float[] y, float[] weights) {
    try (SampleQueue own = SampleQueue.weighted(4, 1, Precision.F32, 8)) {
      (queue == null ? own : queue).offer(x, y, weights);
    }
  }

  private static void offer(SampleQueue queue, double[] x, double[] y, double[] weights) {
    try (SampleQueue own = SampleQueue.weighted(4, 1, Precision.F32, 8)) {
      (queue == null ? own : queue).offer(x, y, weights);
    }
  }

  private static Workspace closed() {
    Workspace workspace = Workspace.create();
    workspace.close();
    return workspace;
  }

  /** A store, updater and audit of a problem that does not fit the stream's queue. */
  private static void build(Stream s, Workspace bounded, int a, int b, Precision p) {
    int inputs = Math.max(1, Math.min(a, 64));
    int outputs = Math.max(2, Math.min(b, 8));
    Mlp model = Mlp.of(inputs, List.of(), Activation.TANH, outputs);
    OutputDistribution distribution = a % 2 == 0 ? new Categorical(outputs) : new Gaussian(outputs);
    Problem problem = new Problem(model, distribution, 4, p, 0);
    Vec theta = Vec.allocate(bounded, Math.max(0, Math.min(b, 100)), p);
    Mat x = Mat.allocate(bounded, Math.max(0, Math.min(b, 9)), inputs, p);
    switch (a & 3) {
      case 0 -> s.store.copyTo(b, theta);
      case 1 -> new SelfAudit(bounded, problem, b).run(theta, x);
      case 2 ->
          new DriftControl(
                  bounded,
                  problem,
                  x,
                  new DriftBudget(1, KlOver.MEAN, 0, 0, WhenSpent.STOP),
                  () -> b)
              .anchor(theta);
      default ->
          new Updater(
              s.workspace,
              problem,
              s.optimizer,
              s.queue,
              s.store,
              UpdaterOptions.everySampleOnce(4));
    }
  }
}
