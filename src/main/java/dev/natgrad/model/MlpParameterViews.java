package dev.natgrad.model;

import dev.natgrad.linalg.Vec;

/**
 * The layers' views of parameter vectors, remembered for the last {@value #VECTORS} vector objects,
 * so that the few that an optimiser goes round with are cut up once. Thread rule: that of the
 * linearisation.
 */
final class MlpParameterViews {
  private static final int VECTORS = 16;

  private final Mlp model;
  private final MlpParameters[] known = new MlpParameters[VECTORS];
  private int next;

  MlpParameterViews(Mlp model) {
    this.model = model;
  }

  /** The views of a vector of the model's parameters. */
  MlpParameters of(Vec vector) {
    for (MlpParameters views : known) {
      if (views != null && views.vector == vector) {
        return views;
      }
    }
    MlpParameters views = new MlpParameters(model, vector);
    known[next] = views;
    next = (next + 1) % VECTORS;
    return views;
  }
}
