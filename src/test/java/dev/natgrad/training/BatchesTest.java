package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final int SAMPLES = 50;
  private static final int STEPS = 20;
  private static final BatchSchedule HELD = new BatchSchedule(5, 1.1, 3);

  @Test
  void aBatchIsHeldForItsSteps() {
    List<double[]> course = course(STEPS, -1);
    try (Workspace w = Workspace.create()) {
      Batches batches = new Batches(w, samples(w), HELD, 7);
      for (int step = 0; step < STEPS; step++) {
        batches.next();
        int rows = HELD.rows(step, SAMPLES);
        assertEquals(rows, batches.current().count());
        boolean whole = rows == SAMPLES && HELD.rows(step - 1L, SAMPLES) == SAMPLES;
        assertEquals(step % 3 != 0 || whole, batches.same(), "step " + step);
        if (batches.same()) {
          assertArrayEquals(course.get(step - 1), course.get(step));
        }
      }
    }
  }

  @Test
  void takenUpAtAnyStepTheBatchesAreTheSame() {
    List<double[]> course = course(STEPS, -1);
    for (int stop = 0; stop < STEPS; stop++) {
      List<double[]> resumed = course(STEPS, stop);
      for (int step = 0; step < STEPS; step++) {
        assertArrayEquals(course.get(step), resumed.get(step), "stopped before " + stop);
      }
    }
  }

  @Test
  void heldForNoStepIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new BatchSchedule(5, 1.1, 0));
  }

  @Test
  void aStateThatCannotComeOfTheScheduleIsRefused() {
    try (Workspace w = Workspace.create()) {
      Samples samples = samples(w);
      Batches small = new Batches(w, samples, BatchSchedule.constant(5), 7);
      small.next();
      Kept kept = new Kept();
      small.exchange(kept);
      kept.restoring = true;
      Batches large = new Batches(w, samples, new BatchSchedule(45, 1, 3), 7);
      assertThrows(IllegalArgumentException.class, () -> large.exchange(kept));
      Batches whole = new Batches(w, samples, BatchSchedule.constant(SAMPLES), 7);
      assertThrows(IllegalArgumentException.class, () -> whole.exchange(kept));
      large.next();
      assertEquals(45, large.current().count());
    }
  }

  /** The inputs of every step; before step {@code stop} new batches take the state over. */
  private static List<double[]> course(int steps, int stop) {
    List<double[]> course = new ArrayList<>();
    try (Workspace w = Workspace.create()) {
      Samples samples = samples(w);
      Batches batches = new Batches(w, samples, HELD, 7);
      for (int step = 0; step < steps; step++) {
        if (step == stop) {
          Kept kept = new Kept();
          batches.exchange(kept);
          batches = new Batches(w, samples, HELD, 7);
          kept.restoring = true;
          batches.exchange(kept);
        }
        batches.next();
        Mat x = batches.current().x();
        double[] values = new double[x.rows()];
        for (int i = 0; i < values.length; i++) {
          values[i] = x.get(i, 0);
        }
        course.add(values);
      }
    }
    return course;
  }

  private static Samples samples(Workspace w) {
    Mat x = Mat.allocate(w, SAMPLES, 1, Precision.F64);
    for (int i = 0; i < SAMPLES; i++) {
      x.set(i, 0, i);
    }
    return new Samples(x, x);
  }

  private static final class Kept implements State {
    private final Map<String, Object> values = new HashMap<>();
    private boolean restoring;

    @Override
    public State part(String name) {
      throw new UnsupportedOperationException(name);
    }

    @Override
    public void vector(String name, Vec v) {
      throw new UnsupportedOperationException(name);
    }

    @Override
    public void matrix(String name, Mat a) {
      throw new UnsupportedOperationException(name);
    }

    @Override
    public double[] numbers(String name, double[] current) {
      return restoring ? (double[]) values.get(name) : keep(name, current.clone());
    }

    @Override
    public long whole(String name, long value) {
      return restoring ? (long) values.get(name) : keep(name, value);
    }

    private <T> T keep(String name, T value) {
      values.put(name, value);
      return value;
    }
  }
}
