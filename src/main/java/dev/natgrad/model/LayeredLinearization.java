package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import java.util.List;

/**
 * A linearisation that shows its dense layers S = A·W + 1bᵀ, whatever lies between them, so that
 * curvature can be kept layer by layer.
 *
 * <p>What a layer adds to the gradient of a sample is then āδᵀ, ā = (a, 1) its inputs and δ the
 * derivative in its sums s. Parameters may lie outside all dense layers; no two layers share any.
 *
 * <p>The products {@link #jvp}, {@link #vjp} and {@link #backward} of a layered linearisation also
 * take matrices of b rows: they are then those of b samples alone, from what is kept of the
 * evaluation: the first of the point, or, 1 ≤ b ≤ B − s, those from the s of {@link #startAt} on.
 *
 * <p>Thread rule and allocation are {@link Linearization}'s; another first sample counts as another
 * batch size.
 */
public interface LayeredLinearization extends Linearization {
  /**
   * Where a dense layer's parameters lie in θ: W and, directly behind it, b, so that both are one
   * (inputs + 1)×outputs matrix.
   *
   * @param inputs the number of columns of A, at least 1
   * @param outputs the number of columns of S, at least 1
   * @param weightOffset the index in θ of W, inputs×outputs, row-major
   * @param biasOffset the index in θ of b, of {@code outputs} elements: weightOffset +
   *     inputs·outputs, or {@link #NO_BIAS} if the layer has none
   */
  record DenseLayer(int inputs, int outputs, int weightOffset, int biasOffset) {
    /** The offset of a bias that is not there. */
    public static final int NO_BIAS = -1;

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public DenseLayer {
      if (inputs < 1 || outputs < 1 || weightOffset < 0) {
        throw new IllegalArgumentException(
            "a layer of "
                + inputs
                + "×"
                + outputs
                + " weights at offset "
                + weightOffset
                + "; sizes must be at least 1, the offset at least 0");
      }
      long behind = weightOffset + (long) inputs * outputs;
      if (behind + (biasOffset == NO_BIAS ? 0 : outputs) > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "a layer of "
                + inputs
                + "×"
                + outputs
                + " weights at offset "
                + weightOffset
                + " ends after the longest vector, "
                + Integer.MAX_VALUE);
      }
      if (biasOffset != NO_BIAS && biasOffset != behind) {
        throw new IllegalArgumentException(
            "biasOffset is "
                + biasOffset
                + "; it must be "
                + behind
                + ", directly behind the weights, or NO_BIAS");
      }
    }

    /**
     * Tells whether the layer adds a bias.
     *
     * @return whether {@link #biasOffset} is an index
     */
    public boolean hasBias() {
      return biasOffset != NO_BIAS;
    }

    /**
     * Returns the rows of W with b below it.
     *
     * @return inputs + 1, or inputs without a bias
     */
    public int rows() {
      return hasBias() ? inputs + 1 : inputs;
    }

    /**
     * Returns the number of the layer's parameters, which start at {@link #weightOffset}.
     *
     * @return rows·outputs
     */
    public int parameters() {
      return rows() * outputs;
    }
  }

  /** Takes what a backward pass finds at each dense layer. */
  @FunctionalInterface
  interface LayerDeltas {
    /**
     * Receives ∂(Σ U∘Z)/∂S of a layer; called once for each layer, in any order.
     *
     * @param layer its index in {@link #denseLayers}
     * @param delta b×outputs of the layer; not to be written, and valid during the call only
     */
    void accept(int layer, Mat delta);
  }

  /**
   * Returns the dense layers.
   *
   * @return an unmodifiable list, the same at every call
   */
  List<DenseLayer> denseLayers();

  /**
   * Sets the first of the samples that products and {@link #layerInputs} are of, until the next
   * evaluation, which begins with 0.
   *
   * @param first s, 0 to B − 1: b rows are the samples s to s + b − 1
   * @throws IllegalStateException if nothing has been evaluated
   * @throws IllegalArgumentException if there is no such sample
   */
  void startAt(int first);

  /**
   * Returns A, the inputs of a dense layer at samples of the last evaluated point, from the first
   * or that of {@link #startAt}.
   *
   * @param layer its index in {@link #denseLayers}
   * @param rows b, 1 to the B − s of that point
   * @return a b×inputs view, valid until the next evaluation
   * @throws IllegalStateException if nothing has been evaluated
   * @throws IllegalArgumentException if {@code rows} is out of range
   * @throws IndexOutOfBoundsException if there is no such layer
   */
  Mat layerInputs(int layer, int rows);

  /**
   * Carries U back through the network at the last evaluated point, without the gradient of the
   * parameters: half a {@link #vjp}.
   *
   * @param u U, b×outputs, unchanged
   * @param deltas receives ∂(Σ U∘Z)/∂S of every dense layer
   * @throws IllegalStateException if nothing has been evaluated
   * @throws IllegalArgumentException if U does not fit
   */
  void backward(Mat u, LayerDeltas deltas);
}
