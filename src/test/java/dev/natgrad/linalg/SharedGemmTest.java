package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.oracle.Allocation;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** gemm on several threads: the bits of one thread, no garbage, no crash. */
@Tag("width")
class SharedGemmTest {
  /**
   * m, n, k: split by rows, by columns, one block and a rest, one row or column more than blocks.
   */
  private static final int[][] SHAPES = {
    {1024, 33, 40},
    {33, 1024, 40},
    {193, 193, 60},
    {48, 481, 60},
    {49, 97, 300},
    {300, 7, 600},
    {2, 1000, 600},
    {1, 2000, 600},
    {2000, 1, 600},
    {97, 111, 257},
    {1100, 200, 300}
  };

  private static Mat random(Workspace workspace, int m, int n, int gap, Precision p, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Mat a = Mat.allocate(workspace, m, n + gap, p);
    double[] values = new double[m * (n + gap)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() - 0.5;
    }
    a.copyFrom(values);
    return a.block(0, gap / 2, m, n);
  }

  /** What C becomes, computed with its frame, whose elements must stay. */
  private static double[] product(int[] shape, int op, Precision p, Parallelism threads) {
    Transpose opA = (op & 1) != 0 ? Transpose.YES : Transpose.NO;
    Transpose opB = (op & 2) != 0 ? Transpose.YES : Transpose.NO;
    int m = shape[0];
    int n = shape[1];
    int k = shape[2];
    Workspace workspace = Workspace.create();
    if (threads != null) {
      workspace.use(threads);
    }
    Mat a =
        opA == Transpose.YES ? random(workspace, k, m, 3, p, 1) : random(workspace, m, k, 3, p, 1);
    Mat b =
        opB == Transpose.YES ? random(workspace, n, k, 0, p, 2) : random(workspace, k, n, 0, p, 2);
    Mat frame = random(workspace, m, n + 5, 0, p, 3);
    Blas.gemm(opA, opB, 0.7, a, b, op % 3 == 0 ? 0 : 0.3, frame.block(0, 2, m, n));
    double[] values = frame.toArray();
    if (threads == null) {
      workspace.close();
    }
    return values;
  }

  /** 512 columns were once 192 and 320 of them. */
  @Test
  void sharesAreEvenAndTheLastIsNeverWhatIsLeftAlone() {
    int block = SharedGemm.COLUMNS;
    for (int shares = 1; shares <= 9; shares++) {
      for (int length = 1; length < 40 * block; length++) {
        int most = 0;
        for (int share = 0; share < shares; share++) {
          int from = SharedGemm.start(share, shares, length, block);
          int to = SharedGemm.start(share + 1, shares, length, block);
          assertTrue(from <= to && (share > 0 || from == 0));
          most = Math.max(most, to - from);
          if (share == shares - 1) {
            assertEquals(length, to);
            assertTrue(to - from >= Math.min(length, block));
          }
        }
        assertTrue(most < (double) length / shares + 2 * block);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sameBitsAtAnyNumberOfThreads(Precision precision) {
    for (int[] shape : SHAPES) {
      for (int op = 0; op < 4; op++) {
        double[] alone = product(shape, op, precision, null);
        for (int threads : new int[] {1, 2, 3, 5}) {
          try (Parallelism parallelism = Parallelism.of(threads)) {
            double[] shared = product(shape, op, precision, parallelism);
            assertArrayEquals(alone, shared, () -> Arrays.toString(shape));
          }
        }
      }
    }
  }

  @Test
  void aModelSharesItsProducts() {
    double[][] results = new double[2][];
    for (int run = 0; run < 2; run++) {
      Workspace workspace = Workspace.create();
      try (Parallelism threads = Parallelism.of(3)) {
        if (run == 1) {
          workspace.use(threads);
        }
        Mlp model = Mlp.of(90, List.of(120), Activation.TANH, 110);
        int batch = 130;
        Vec theta = random(workspace, 1, model.parameters(), 0, Precision.F32, 1).row(0);
        Vec g = Vec.allocate(workspace, model.parameters(), Precision.F32);
        Mat x = random(workspace, batch, 90, 0, Precision.F32, 2);
        Mat z = Mat.allocate(workspace, batch, 110, Precision.F32);
        Linearization at = model.linearize(workspace, batch, Precision.F32);
        at.evaluate(theta, x, z);
        at.jvp(theta, z);
        at.vjp(z, 0, g);
        results[run] = g.toArray();
      }
      workspace.close();
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void nothingIsAllocated() {
    Workspace workspace = Workspace.create();
    try (Parallelism threads = Parallelism.of(2)) {
      workspace.use(threads);
      Mat a = random(workspace, 128, 128, 0, Precision.F32, 1);
      Mat c = Mat.allocate(workspace, 128, 128, Precision.F32);
      Allocation.assertNone(
          "gemm on two threads", () -> Blas.gemm(Transpose.NO, Transpose.YES, 1, a, a, 0, c));
    }
    workspace.close();
  }

  /** Others close what the owner is using, all the time: they get an exception, nobody crashes. */
  @ParameterizedTest
  @ValueSource(ints = {700})
  void closingBeneathAnOperationIsRefused(int millis) throws InterruptedException {
    Workspace workspace = Workspace.create();
    Parallelism threads = Parallelism.of(2);
    workspace.use(threads);
    Mat a = random(workspace, 128, 128, 0, Precision.F64, 1);
    Mat c = Mat.allocate(workspace, 128, 128, Precision.F64);
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger surprises = new AtomicInteger();
    Runnable[] attacks = {
      workspace::close,
      threads::close,
      () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c),
      () -> threads.run((share, shares) -> {})
    };
    Thread attacker =
        new Thread(
            () -> {
              for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                try {
                  attacks[i % attacks.length].run();
                  surprises.incrementAndGet();
                } catch (WrongThreadException expected) {
                  refused.incrementAndGet();
                } catch (RuntimeException other) {
                  surprises.incrementAndGet();
                }
              }
            });
    attacker.start();
    Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c);
    double[] expected = c.toArray();
    long end = System.nanoTime() + 1_000_000L * millis;
    while (System.nanoTime() < end || refused.get() < 100) {
      Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c);
      assertThrows(IllegalStateException.class, workspace::close);
    }
    attacker.interrupt();
    attacker.join();
    assertEquals(0, surprises.get());
    assertArrayEquals(expected, c.toArray());
    threads.close();
    Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c);
    assertArrayEquals(expected, c.toArray());
    workspace.close();
    assertThrows(
        IllegalStateException.class, () -> Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c));
  }
}
