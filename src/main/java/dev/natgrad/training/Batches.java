package dev.natgrad.training;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import java.util.Arrays;

/**
 * The batches of a training run: all samples in their order, or fewer drawn by shuffling all anew
 * in every epoch; the last, shorter rest of an epoch is left out.
 *
 * <p>Thread rule: the owner of the workspace. Allocates nothing once a batch size has been seen.
 */
public final class Batches implements Stateful {
  private final Samples samples;
  private final BatchSchedule schedule;
  private final long seed;
  private final int[] order;
  private final BatchViews<Samples> views;
  private Samples current;
  private boolean same;
  private int used;
  private long epoch;
  private long step;

  /**
   * Takes the buffers of the largest batch that is not all samples.
   *
   * @param workspace the owner of {@link #bytes} bytes
   * @param samples all of them, at least one
   * @param schedule how many a step uses
   * @param seed the seed of the shuffling
   * @throws IllegalArgumentException if there is no sample
   */
  public Batches(Workspace workspace, Samples samples, BatchSchedule schedule, long seed) {
    if (samples.count() == 0) {
      throw new IllegalArgumentException("samples is empty; at least one is needed");
    }
    this.samples = samples;
    this.schedule = schedule;
    this.seed = seed;
    int most = schedule.mostRows(samples.count());
    this.order = new int[most == 0 ? 0 : samples.count()];
    if (most > 0) {
      Mat x = Mat.allocate(workspace, most, samples.x().cols(), samples.x().precision());
      Mat y = Mat.allocate(workspace, most, samples.y().cols(), samples.y().precision());
      this.views = new BatchViews<>(most, rows -> new Samples(x.top(rows), y.top(rows)));
    } else {
      this.views = null;
    }
    restart();
  }

  /**
   * Returns the off-heap memory it takes: the inputs and targets of the largest batch that is not
   * all samples.
   *
   * @param samples all of them
   * @param schedule how many a step uses
   * @return bytes
   */
  public static long bytes(Samples samples, BatchSchedule schedule) {
    int most = schedule.mostRows(samples.count());
    return most == 0
        ? 0
        : Mat.bytes(most, samples.x().cols(), samples.x().precision())
            + Mat.bytes(most, samples.y().cols(), samples.y().precision());
  }

  /** Begins anew, as if no batch had been drawn. */
  public void restart() {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    used = order.length;
    epoch = 0;
    step = 0;
    same = false;
    current = null;
  }

  /** Goes to the batch of the next step. */
  public void next() {
    boolean held = step % schedule.held() != 0;
    int rows = schedule.rows(step++, samples.count());
    if (rows == samples.count()) {
      same = current == samples;
      current = samples;
      return;
    }
    same = held && current != null;
    if (same) {
      return;
    }
    if (held) {
      // After a restart the batch is still that of the step before.
      used -= rows;
    } else if (used + rows > order.length) {
      new Philox(seed, Streams.SHUFFLE + epoch++).shuffle(order);
      used = 0;
    }
    current = views.of(rows);
    samples.x().gatherRows(order, used, current.x());
    samples.y().gatherRows(order, used, current.y());
    used += rows;
  }

  /**
   * Returns the batch.
   *
   * @return a view of the buffers, or all samples; changed by {@link #next}
   */
  public Samples current() {
    return current;
  }

  /**
   * Gathers what else is known of the batch's samples.
   *
   * @param all a number for each of all samples
   * @param some receives those of the batch, in its order: a vector of as many elements
   */
  public void gather(Vec all, Vec some) {
    boolean whole = current == samples;
    for (int i = 0; i < some.length(); i++) {
      some.set(i, all.get(whole ? i : order[used - some.length() + i]));
    }
  }

  /**
   * Returns whether the batch is that of the step before, unchanged.
   *
   * @return true from the second step on all samples, or on a batch that is held
   */
  public boolean same() {
    return same;
  }

  /** Whether every step uses all samples. */
  boolean whole() {
    return order.length == 0;
  }

  /**
   * {@inheritDoc} To be called between steps.
   *
   * @throws IllegalArgumentException if what is restored is no order of the samples, or cannot come
   *     of the schedule; nothing has changed then
   */
  @Override
  public void exchange(State state) {
    double[] saved = state.numbers("order", Arrays.stream(order).asDoubleStream().toArray());
    boolean[] seen = new boolean[order.length];
    boolean sound = saved.length == order.length;
    for (int i = 0; sound && i < order.length; i++) {
      int row = (int) saved[i];
      sound = row == saved[i] && row >= 0 && row < order.length && !seen[row];
      if (sound) {
        seen[row] = true;
      }
    }
    if (!sound) {
      throw new IllegalArgumentException(
          "it shuffles "
              + saved.length
              + " training samples, and here the batches are drawn of "
              + order.length
              + " (0 where every step uses all)");
    }
    long newUsed = state.whole("used", used);
    long newEpoch = state.whole("epoch", epoch);
    long newStep = state.whole("step", step);
    int rows = schedule.rows(newStep, samples.count());
    boolean held = newStep % schedule.held() != 0 && rows < samples.count();
    if (newUsed < (held ? rows : 0) || newUsed > order.length) {
      throw new IllegalArgumentException(
          "after "
              + newStep
              + " steps it has used "
              + newUsed
              + " samples of the epoch, and "
              + schedule
              + " holds a batch of "
              + rows);
    }
    Arrays.setAll(order, i -> (int) saved[i]);
    used = (int) newUsed;
    epoch = newEpoch;
    step = newStep;
    same = false;
    current = null;
  }
}
