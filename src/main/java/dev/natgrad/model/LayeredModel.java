package dev.natgrad.model;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import java.util.List;

/** A model that shows its dense layers. Thread rule and allocation are {@link Model}'s. */
public interface LayeredModel extends Model {
  /**
   * Returns the dense layers, those of every linearisation of this model.
   *
   * @return an unmodifiable list, the same at every call
   */
  List<DenseLayer> denseLayers();

  @Override
  LayeredLinearization linearize(Workspace workspace, int maxBatch, Precision precision);
}
