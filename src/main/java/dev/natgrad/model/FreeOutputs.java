package dev.natgrad.model;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * A model with free parameters appended as outputs that are the same for every sample: z = (f(θ,
 * x), c), parameters (θ, c). So a policy's log-variances, one for each action and not a function of
 * the state, are trained by the natural gradient with everything else.
 *
 * <p>Immutable; usable from any thread. Around a model of dense layers, {@link LayeredFreeOutputs}
 * goes on showing them.
 *
 * @param base f, whose parameters come first
 * @param free the length of c, at least 1
 */
public record FreeOutputs(Model base, int free) implements Model {
  /** Checks the components. */
  public FreeOutputs {
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
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    return new FreeOutputsLinearization(this, free, base.linearize(workspace, maxBatch, precision));
  }

  /** {@inheritDoc} The base's. */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return base.linearizationBytes(maxBatch, precision);
  }
}
