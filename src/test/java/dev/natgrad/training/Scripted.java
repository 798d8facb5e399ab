package dev.natgrad.training;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.state.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** An optimiser that does what a test says and keeps the batches it was given. */
final class Scripted implements Optimizer {
  final List<double[]> batches = new ArrayList<>();
  final List<double[]> targets = new ArrayList<>();
  private final Vec theta;
  private final IntFunction<StepOutcome> script;
  private int steps;

  /** After step k = 1, 2, … every parameter is k and the outcome is the script's. */
  Scripted(Vec theta, IntFunction<StepOutcome> script) {
    this.theta = theta;
    this.script = script;
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public Vec parameters() {
    return theta;
  }

  @Override
  public void exchange(State state) {
    state.vector("theta", theta);
    steps = (int) state.whole("steps", steps);
  }

  @Override
  public StepOutcome step(Mat x, Mat y) {
    steps++;
    batches.add(x.toArray());
    targets.add(y.toArray());
    for (int p = 0; p < theta.length(); p++) {
      theta.set(p, steps);
    }
    return script.apply(steps);
  }
}
