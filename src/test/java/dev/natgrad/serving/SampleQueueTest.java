package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SampleQueueTest {
  @ParameterizedTest
  @EnumSource
  void aBatchIsTakenWholeOrNotAtAll(Precision precision) {
    try (Workspace w = Workspace.create();
        SampleQueue queue = new SampleQueue(2, 1, precision, 5)) {
      Mat x = Mat.allocate(w, 1, 2, precision);
      Mat y = Mat.allocate(w, 1, 1, precision);
      int next = 0;
      for (int round = 0; round < 20; round++) {
        assertTrue(queue.offer(new float[] {next, 1, next + 1, 2, next + 2, 3}, new float[3]));
        assertTrue(queue.offer(new double[] {next + 3, 4}, new double[] {0.5}));
        assertEquals(4, queue.size());
        assertFalse(queue.offer(new float[4], new float[2]));
        assertEquals(2L * (round + 1), queue.refused());
        for (int i = 0; i < 4; i++) {
          assertTrue(queue.hasNext());
          queue.features(x, 0);
          queue.targets(y, 0);
          queue.remove();
          assertEquals(next, x.get(0, 0));
          assertEquals(i + 1, x.get(0, 1));
          assertEquals(i == 3 ? 0.5 : 0, y.get(0, 0));
          next++;
        }
        assertFalse(queue.hasNext());
        assertEquals(0, queue.size());
      }
      assertEquals(5 * 3 * precision.bytes(), SampleQueue.bytes(2, 1, precision, 5));
    }
  }

  /** Every producer's samples arrive once, whole and in its order. */
  @Test
  void manyProducersLoseNothing() throws Exception {
    int producers = 3;
    int each = 20_000;
    try (Workspace w = Workspace.create();
        ExecutorService threads = Executors.newFixedThreadPool(producers);
        SampleQueue queue = new SampleQueue(3, 1, Precision.F64, 37)) {
      List<Future<?>> done = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        double id = p;
        done.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < each; i += 2) {
                    double[] x = {id, i, -i, id, i + 1, -i - 1};
                    while (!queue.offer(x, new double[] {id + i, id + i + 1})) {
                      Thread.onSpinWait();
                    }
                  }
                }));
      }
      Mat x = Mat.allocate(w, 1, 3, Precision.F64);
      Mat y = Mat.allocate(w, 1, 1, Precision.F64);
      int[] next = new int[producers];
      for (int taken = 0; taken < producers * each; ) {
        if (queue.hasNext()) {
          queue.features(x, 0);
          queue.targets(y, 0);
          queue.remove();
          int id = (int) x.get(0, 0);
          assertEquals(next[id]++, x.get(0, 1));
          assertEquals(0, x.get(0, 1) + x.get(0, 2));
          assertEquals(id + x.get(0, 1), y.get(0, 0));
          taken++;
        }
      }
      for (Future<?> producer : done) {
        producer.get();
      }
      assertEquals(0, queue.size());
    }
  }

  @Tag("allocation")
  @Test
  void offeringAllocatesNothing() {
    try (SampleQueue queue = new SampleQueue(3, 2, Precision.F32, 8)) {
      float[] x = new float[6];
      float[] y = new float[4];
      double[] wideX = new double[6];
      double[] wideY = new double[4];
      Allocation.assertNone(
          "offer",
          () -> {
            queue.offer(x, y);
            queue.offer(wideX, wideY);
            while (queue.hasNext() && queue.size() > 4) {
              queue.remove();
            }
          });
    }
  }

  @Test
  void whatDoesNotFitOrIsNotFiniteIsRefused() {
    SampleQueue queue = new SampleQueue(3, 2, Precision.F32, 2);
    for (int[] lengths : new int[][] {{0, 0}, {2, 2}, {3, 4}, {6, 2}, {9, 6}, {4, 2}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> queue.offer(new float[lengths[0]], new float[lengths[1]]));
    }
    double[] huge = {0, 1e300, 0};
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> queue.offer(huge, new double[2]))
            .getMessage()
            .contains("x[1] is Infinity"));
    float[] bad = {0, Float.NaN};
    assertThrows(IllegalArgumentException.class, () -> queue.offer(new float[3], bad));
    assertEquals(0, queue.size());
    queue.close();
    assertThrows(IllegalStateException.class, () -> queue.offer(new float[3], new float[2]));
    assertThrows(IllegalStateException.class, queue::close);
    for (int[] sizes : new int[][] {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {-1, 1, 1}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new SampleQueue(sizes[0], sizes[1], Precision.F32, sizes[2]));
    }
  }
}
