package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import java.util.List;
import java.util.Objects;

/**
 * As {@link FreeOutputs}, z = (f(θ, x), c) with parameters (θ, c), around a model that shows its
 * dense layers, which it shows too; c lies outside all of them.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param base f, whose parameters come first
 * @param free the length of c, at least 1
 */
public record LayeredFreeOutputs(LayeredModel base, int free) implements LayeredModel {
  /** Checks the components. */
  public LayeredFreeOutputs {
    Objects.requireNonNull(base, "base");
    if (free < 1) {
      throw new IllegalArgumentException("free is " + free + "; it must be at least 1");
    }
    Math.addExact(base.parameters(), free);
    Math.addExact(base.outputs(), free);
  }

  @Override
  public int parameters() {
    return base.parameters() + free;
  }

  @Override
  public int inputs() {
    return base.inputs();
  }

  @Override
  public int outputs() {
    return base.outputs() + free;
  }

  @Override
  public List<DenseLayer> denseLayers() {
    return base.denseLayers();
  }

  @Override
  public LayeredLinearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    return new Passes(this, base.linearize(workspace, maxBatch, precision));
  }

  /** {@inheritDoc} The base's. */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return base.linearizationBytes(maxBatch, precision);
  }

  private static final class Passes extends FreeOutputsLinearization
      implements LayeredLinearization {
    private final LayeredLinearization base;

    Passes(LayeredFreeOutputs model, LayeredLinearization base) {
      super(model, model.free, base);
      this.base = base;
    }

    @Override
    public List<DenseLayer> denseLayers() {
      return base.denseLayers();
    }

    @Override
    public void startAt(int first) {
      base.startAt(first);
    }

    @Override
    public Mat layerInputs(int layer, int rows) {
      return base.layerInputs(layer, rows);
    }

    @Override
    public void backward(Mat u, LayerDeltas deltas) {
      base.backward(baseOutputs("u", u), deltas);
    }
  }
}
