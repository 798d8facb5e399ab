package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;

/** A model whose passes tell a clock how long they take. */
final class TimedModel implements Model, Linearization {
  static final long EVALUATE = 100;
  static final long TANGENT = 200;
  static final long BACKWARD = 250;

  /** Hears of each pass before it is made. */
  interface Clock {
    void pass(String name, long nanos);
  }

  private final Model model;
  private final Clock clock;
  private Linearization network;

  TimedModel(Model model, Clock clock) {
    this.model = model;
    this.clock = clock;
  }

  @Override
  public int parameters() {
    return model.parameters();
  }

  @Override
  public int inputs() {
    return model.inputs();
  }

  @Override
  public int outputs() {
    return model.outputs();
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    network = model.linearize(workspace, maxBatch, precision);
    return this;
  }

  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return model.linearizationBytes(maxBatch, precision);
  }

  @Override
  public void evaluate(Vec theta, Mat x, Mat z) {
    clock.pass("evaluate", EVALUATE);
    network.evaluate(theta, x, z);
  }

  @Override
  public void jvp(Vec v, Mat t) {
    clock.pass("jvp", TANGENT);
    network.jvp(v, t);
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    clock.pass("vjp", BACKWARD);
    network.vjp(u, beta, g);
  }

  @Override
  public double outputErrorBound() {
    return network.outputErrorBound();
  }
}
