package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredModel;
import java.util.List;
import java.util.function.Consumer;

/** A layered model that tells of each pass before it is made, by the name of its method. */
final class HookedLayers implements LayeredModel, LayeredLinearization {
  private final LayeredModel model;
  private final Consumer<String> pass;
  private LayeredLinearization network;

  HookedLayers(LayeredModel model, Consumer<String> pass) {
    this.model = model;
    this.pass = pass;
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
  public List<DenseLayer> denseLayers() {
    return model.denseLayers();
  }

  @Override
  public LayeredLinearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    network = model.linearize(workspace, maxBatch, precision);
    return this;
  }

  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return model.linearizationBytes(maxBatch, precision);
  }

  @Override
  public void evaluate(Vec theta, Mat x, Mat z) {
    pass.accept("evaluate");
    network.evaluate(theta, x, z);
  }

  @Override
  public void jvp(Vec v, Mat t) {
    pass.accept("jvp");
    network.jvp(v, t);
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    pass.accept("vjp");
    network.vjp(u, beta, g);
  }

  @Override
  public void startAt(int first) {
    network.startAt(first);
  }

  @Override
  public Mat layerInputs(int layer, int rows) {
    return network.layerInputs(layer, rows);
  }

  @Override
  public void backward(Mat u, LayerDeltas deltas) {
    pass.accept("backward");
    network.backward(u, deltas);
  }

  @Override
  public double outputErrorBound() {
    return network.outputErrorBound();
  }
}
