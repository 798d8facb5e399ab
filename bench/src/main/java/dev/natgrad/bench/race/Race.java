package dev.natgrad.bench.race;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.training.Evaluator;
import dev.natgrad.training.Samples;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * One run of an entrant: training seconds of processor time until each goal, evaluated from time to
 * time on all training samples, at the parameters and at their running average, with the clock
 * stopped. A goal counts as reached when either of the two is there.
 */
final class Race implements AutoCloseable {
  /** Of the running average of the parameters. */
  private static final double DECAY = 0.99;

  /** Seconds between two looks over the seconds so far, lest long runs consist of looks. */
  private static final double PAUSE_SHARE = 0.01;

  /** Nanoseconds of this thread: whatever else runs on the machine must not choose the winner. */
  private static final LongSupplier CLOCK =
      ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;

  private final RaceProblem problem;
  private final Entrant entrant;
  private final Workspace workspace = Workspace.create();
  private final Evaluator evaluator;
  private final Samples samples;
  private final Vec average;
  private final double[] reached;
  private double seconds;
  private double nextLook;
  private double best = Double.POSITIVE_INFINITY;
  private int goal;
  private long steps;

  /** Takes the start. */
  Race(RaceProblem problem, Entrant entrant) {
    this.problem = problem;
    this.entrant = entrant;
    this.samples = new Samples(problem.x(), problem.y());
    this.evaluator =
        new Evaluator(workspace, problem.model(), problem.distribution(), problem.x().precision());
    this.average = Vec.allocate(workspace, problem.start().length(), problem.start().precision());
    Blas.copy(problem.start(), average);
    this.reached = new double[problem.goals().size()];
    Arrays.fill(reached, Double.POSITIVE_INFINITY);
  }

  /** Trains on until so many training seconds have passed in all, or the last goal is reached. */
  Race until(double end) {
    while (seconds < end && goal < reached.length) {
      long start = CLOCK.getAsLong();
      entrant.step(seconds);
      Blas.axpby(1 - DECAY, entrant.parameters(), DECAY, average);
      seconds += 1e-9 * (CLOCK.getAsLong() - start);
      steps++;
      if (seconds >= nextLook) {
        nextLook = seconds + Math.max(problem.pause(), PAUSE_SHARE * seconds);
        look();
      }
    }
    return this;
  }

  private void look() {
    double loss =
        Math.min(
            evaluator.evaluate(entrant.parameters(), samples).loss(),
            evaluator.evaluate(average, samples).loss());
    if (loss < best) {
      best = loss;
    }
    while (goal < reached.length && best <= problem.goals().get(goal).loss()) {
      reached[goal++] = seconds;
    }
  }

  /** Training seconds until a goal; infinite if it was not reached. */
  double reached(int index) {
    return reached[index];
  }

  double seconds() {
    return seconds;
  }

  double best() {
    return best;
  }

  long steps() {
    return steps;
  }

  boolean done() {
    return goal == reached.length;
  }

  @Override
  public void close() {
    entrant.close();
    workspace.close();
  }
}
