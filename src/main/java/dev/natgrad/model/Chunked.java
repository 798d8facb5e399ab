package dev.natgrad.model;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.Objects;

/**
 * A model whose passes take a batch in chunks of rows, so that the memory of its activations is
 * that of one chunk, however large the batch. What a pass back needs of a chunk that is no longer
 * there is evaluated again: a product with J or Jᵀ costs an evaluation more.
 *
 * <p>Bits: outputs, J·v and JᵀU of an {@link Mlp}, with free outputs or not, are those of one pass
 * over the whole batch, since products sum over samples in blocks of {@link BatchViews#BLOCK} one
 * after another, of which a chunk is a multiple. Of other models they are the same to rounding;
 * {@link TiedParameters} go around a chunked model, not into it. {@link
 * Linearization#outputErrorBound} is the largest of the chunks': at most that of one pass, but
 * where a residual network measures it, which each chunk decides for itself.
 *
 * <p>Batches of up to one chunk are passed on as they are, dense layers and all. Immutable; usable
 * from any thread.
 *
 * @param base the model
 * @param chunk the rows of a chunk, a positive multiple of {@link BatchViews#BLOCK}
 */
public record Chunked(Model base, int chunk) implements Model {
  /** Checks the components. */
  public Chunked {
    Objects.requireNonNull(base, "base");
    if (chunk < 1 || chunk % BatchViews.BLOCK != 0 || chunk == Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "chunk is "
              + chunk
              + "; it must be a positive multiple of "
              + BatchViews.BLOCK
              + ", the rows that products sum at a time");
    }
  }

  /**
   * Returns the model that does the work.
   *
   * @param model any model
   * @return its base if it is chunked, else the model itself
   */
  public static Model unwrap(Model model) {
    return model instanceof Chunked chunked ? unwrap(chunked.base) : model;
  }

  @Override
  public int parameters() {
    return base.parameters();
  }

  @Override
  public int inputs() {
    return base.inputs();
  }

  @Override
  public int outputs() {
    return base.outputs();
  }

  /** The most rows at once: a last row alone joins the chunk before it. */
  private int most() {
    return chunk + 1;
  }

  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    if (maxBatch <= most()) {
      return base.linearize(workspace, maxBatch, precision);
    }
    return new ChunkedLinearization(
        workspace, this, base.linearize(workspace, most(), precision), maxBatch, precision);
  }

  /** {@inheritDoc} The base's for one chunk, and a chunk of inputs and outputs. */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    if (maxBatch <= most()) {
      return base.linearizationBytes(maxBatch, precision);
    }
    return base.linearizationBytes(most(), precision)
        + Mat.bytes(most(), inputs(), precision)
        + Mat.bytes(most(), outputs(), precision);
  }
}
