package dev.natgrad.model;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A multilayer perceptron: A₀ = X, A_l = φ_l(A_{l−1}W_l + 1b_lᵀ), Z = A_L, with any number L ≥ 1 of
 * dense layers, each with or without a bias. A layer may normalise its inputs or its sums ({@link
 * Normalization}), and may close a residual block over its last k layers: then A_l = A_{l−k} +
 * φ_l(…).
 *
 * <p>θ holds, for each layer l = 0, 1, …, {@code layerl.weight} (in×out, row-major), {@code
 * layerl.bias} (out), {@code layerl.gain} and {@code layerl.shift} (in or out), those that it has,
 * in this order. The flops of one J·v and one Jᵀu together are 8·P·B − 4·P₁·B, P₁ the first layer's
 * weights, because the first layer needs neither W·ẋ nor Wᵀδ.
 *
 * <p>Immutable; usable from any thread.
 */
public final class Mlp implements LayeredModel {
  /**
   * A dense layer.
   *
   * @param width the number of its units, at least 1
   * @param activation what it applies to each unit
   * @param bias whether it adds a bias
   * @param normalization what it normalises
   * @param residual k, the number of layers, this one the last, around which the inputs of the
   *     first of them are added to the values of this one; 0 for none
   */
  public record Layer(
      int width, Activation activation, boolean bias, Normalization normalization, int residual) {
    /** Checks the components. */
    public Layer {
      if (width < 1) {
        throw new IllegalArgumentException("width is " + width + "; a layer has at least 1 unit");
      }
      Objects.requireNonNull(activation, "activation");
      Objects.requireNonNull(normalization, "normalization");
      if (residual < 0) {
        throw new IllegalArgumentException(
            "residual is " + residual + "; it must be a number of layers, or 0 for none");
      }
    }

    /**
     * A layer with a bias, which neither normalises nor closes a residual block.
     *
     * @param width the number of its units, at least 1
     * @param activation what it applies to each unit
     */
    public Layer(int width, Activation activation) {
      this(width, activation, true, Normalization.NONE, 0);
    }

    /**
     * Returns this layer without its bias.
     *
     * @return a layer that is otherwise equal
     */
    public Layer withoutBias() {
      return new Layer(width, activation, false, normalization, residual);
    }

    /**
     * Returns this layer with a normalisation.
     *
     * @param normalization what it normalises
     * @return a layer that is otherwise equal
     */
    public Layer withNormalization(Normalization normalization) {
      return new Layer(width, activation, bias, normalization, residual);
    }

    /**
     * Returns this layer as the end of a residual block.
     *
     * @param layers k, the number of layers of the block; 0 for none
     * @return a layer that is otherwise equal
     */
    public Layer withResidual(int layers) {
      return new Layer(width, activation, bias, normalization, layers);
    }

    @Override
    public String toString() {
      return width
          + "("
          + activation.label()
          + (bias ? "" : ", no bias")
          + (normalization == Normalization.NONE ? "" : ", normalised " + normalization.label())
          + (residual == 0 ? "" : ", residual over " + residual)
          + ")";
    }
  }

  private final int inputs;
  private final List<Layer> layers;
  private final ParameterLayout layout;
  private final List<Blocks> blocks;

  /** Where a layer's parameters lie; null for those that it does not have. */
  private record Blocks(
      ParameterLayout.Block weight,
      ParameterLayout.Block bias,
      ParameterLayout.Block gain,
      ParameterLayout.Block shift) {}

  private Mlp(int inputs, List<Layer> layers) {
    if (inputs < 1) {
      throw new IllegalArgumentException("inputs is " + inputs + "; it must be at least 1");
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers is empty; a network has at least 1 layer");
    }
    this.inputs = inputs;
    this.layers = List.copyOf(layers);
    checkResiduals();
    ParameterLayout.Builder builder = new ParameterLayout.Builder();
    List<Blocks> places = new ArrayList<>();
    int in = inputs;
    for (int l = 0; l < layers.size(); l++) {
      places.add(blocks(builder, "layer" + l, in, layers.get(l)));
      in = layers.get(l).width();
    }
    this.layout = builder.build();
    this.blocks = List.copyOf(places);
  }

  private static Blocks blocks(ParameterLayout.Builder builder, String name, int in, Layer layer) {
    int out = layer.width();
    ParameterLayout.Block weight = builder.matrix(name + ".weight", in, out).last();
    ParameterLayout.Block bias = layer.bias() ? builder.vector(name + ".bias", out).last() : null;
    if (layer.normalization() == Normalization.NONE) {
      return new Blocks(weight, bias, null, null);
    }
    int features = layer.normalization() == Normalization.INPUTS ? in : out;
    return new Blocks(
        weight,
        bias,
        builder.vector(name + ".gain", features).last(),
        builder.vector(name + ".shift", features).last());
  }

  private void checkResiduals() {
    int free = 0;
    for (int l = 0; l < layers.size(); l++) {
      int residual = layers.get(l).residual();
      if (residual == 0) {
        continue;
      }
      int first = l - residual + 1;
      if (first < free) {
        throw new IllegalArgumentException(
            "layer "
                + l
                + " closes a residual block over "
                + residual
                + " layers; only the "
                + (l + 1 - free)
                + " from layer "
                + free
                + " on are in no other block: blocks do not overlap");
      }
      int width = first == 0 ? inputs : layers.get(first - 1).width();
      if (width != layers.get(l).width()) {
        throw new IllegalArgumentException(
            "layer "
                + l
                + " has "
                + layers.get(l).width()
                + " units and closes a residual block whose inputs are "
                + width
                + "; both are added, so the widths must be equal");
      }
      free = l + 1;
    }
  }

  /**
   * Describes a network by its layers, the last of which is the output.
   *
   * @param inputs the number of inputs of a sample, at least 1
   * @param layers the layers in order, at least 1
   * @return the network
   * @throws IllegalArgumentException if a size is below 1, the parameters exceed 2³¹ − 1, or a
   *     residual block reaches before the first layer, overlaps another, or ends at another width
   *     than that of its inputs
   */
  public static Mlp of(int inputs, List<Layer> layers) {
    return new Mlp(inputs, layers);
  }

  /**
   * Describes a network with one activation in all hidden layers and the identity at the output.
   *
   * @param inputs the number of inputs of a sample, at least 1
   * @param hidden the widths of the hidden layers, in order; empty for a linear model
   * @param activation the hidden layers' activation
   * @param outputs the number of outputs, at least 1
   * @return the network
   * @throws IllegalArgumentException if a size is below 1 or the parameters exceed 2³¹ − 1
   */
  public static Mlp of(int inputs, List<Integer> hidden, Activation activation, int outputs) {
    List<Layer> layers = new ArrayList<>();
    for (int width : hidden) {
      layers.add(new Layer(width, activation));
    }
    layers.add(new Layer(outputs, Activation.IDENTITY));
    return new Mlp(inputs, layers);
  }

  /**
   * Describes the linear model z = xW + b. With an output distribution whose parameters z are, it
   * is a generalised linear model with that distribution's link: logistic regression with Bernoulli
   * or Categorical, Poisson regression with Poisson, and so on.
   *
   * @param inputs the number of inputs of a sample, at least 1
   * @param outputs the number of outputs, at least 1
   * @param intercept whether there is a b
   * @return the model
   * @throws IllegalArgumentException if a size is below 1 or the parameters exceed 2³¹ − 1
   */
  public static Mlp linear(int inputs, int outputs, boolean intercept) {
    Layer layer = new Layer(outputs, Activation.IDENTITY);
    return new Mlp(inputs, List.of(intercept ? layer : layer.withoutBias()));
  }

  /**
   * Describes a residual network: a linear layer to {@code width}; {@code blocks} times h ← h +
   * φ(N(h)W + b)V + c, N a layer normalisation; and a linear output of a last normalisation.
   *
   * @param inputs the number of inputs of a sample, at least 1
   * @param width the number of features of h, at least 1
   * @param blocks the number of blocks, at least 1
   * @param activation φ
   * @param outputs the number of outputs, at least 1
   * @return the network, of 2·blocks + 2 layers
   * @throws IllegalArgumentException if a number is below 1 or the parameters exceed 2³¹ − 1
   */
  public static Mlp residual(
      int inputs, int width, int blocks, Activation activation, int outputs) {
    if (blocks < 1) {
      throw new IllegalArgumentException("blocks is " + blocks + "; it must be at least 1");
    }
    // Before as many layers are listed; of a block, two matrices, two biases, gain and shift.
    if (blocks * (2.0 * width * width + 4.0 * width) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "blocks is "
              + blocks
              + " at width "
              + width
              + "; the model has more than "
              + Integer.MAX_VALUE
              + " parameters, the most a vector can hold: use fewer or narrower blocks");
    }
    List<Layer> layers = new ArrayList<>();
    layers.add(new Layer(width, Activation.IDENTITY));
    for (int i = 0; i < blocks; i++) {
      layers.add(new Layer(width, activation).withNormalization(Normalization.INPUTS));
      layers.add(new Layer(width, Activation.IDENTITY).withResidual(2));
    }
    layers.add(new Layer(outputs, Activation.IDENTITY).withNormalization(Normalization.INPUTS));
    return new Mlp(inputs, layers);
  }

  @Override
  public int parameters() {
    return layout.parameters();
  }

  @Override
  public int inputs() {
    return inputs;
  }

  @Override
  public int outputs() {
    return layers.get(layers.size() - 1).width();
  }

  /**
   * Returns the layers in order, the output last.
   *
   * @return an unmodifiable list
   */
  public List<Layer> layers() {
    return layers;
  }

  /**
   * Returns where the weights, biases, gains and shifts lie in θ.
   *
   * @return blocks {@code layer0.weight}, {@code layer0.bias}, {@code layer1.weight}, …
   */
  public ParameterLayout layout() {
    return layout;
  }

  /** The weights of layer l = 0, 1, …: in×out. */
  ParameterLayout.Block weight(int layer) {
    return blocks.get(layer).weight();
  }

  /** The biases of layer l = 0, 1, …; null if it has none. */
  ParameterLayout.Block bias(int layer) {
    return blocks.get(layer).bias();
  }

  /** The gains of layer l = 0, 1, …; null if it does not normalise. */
  ParameterLayout.Block gain(int layer) {
    return blocks.get(layer).gain();
  }

  /** The shifts of layer l = 0, 1, …; null if it does not normalise. */
  ParameterLayout.Block shift(int layer) {
    return blocks.get(layer).shift();
  }

  @Override
  public List<LayeredLinearization.DenseLayer> denseLayers() {
    List<LayeredLinearization.DenseLayer> dense = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      ParameterLayout.Block w = weight(l);
      int bias = bias(l) == null ? LayeredLinearization.DenseLayer.NO_BIAS : bias(l).offset();
      dense.add(new LayeredLinearization.DenseLayer(w.rows(), w.cols(), w.offset(), bias));
    }
    return List.copyOf(dense);
  }

  @Override
  public LayeredLinearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    return new MlpLinearization(this, workspace, maxBatch, precision);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Matrices of maxBatch rows and as many columns as said:
   *
   * <ul>
   *   <li>n_l, the values, for each layer l but the last;
   *   <li>n_l again for a layer of GELU or SILU (the sums), for one of another activation but the
   *       identity that closes a residual block or is the last (the values before the addition);
   *   <li>for a normalisation the features of h, and as many again for what is fed to the weights
   *       where it is the inputs'; besides, a vector of maxBatch numbers, and one of them in F64
   *       for all;
   *   <li>for the even and for the odd layers one of their largest width, not counting a last layer
   *       of the identity without normalised sums, but the inputs where the first layer normalises
   *       them, which count as odd;
   *   <li>with a residual block that does not begin at the inputs, one of the largest width of such
   *       a block;
   *   <li>with such a block or more than four layers, one of the outputs; besides, a vector of
   *       maxBatch numbers, two of n_l for each layer and of the features for each normalisation.
   * </ul>
   *
   * <p>Products take {@link dev.natgrad.linalg.Blas#scratchBytes()} besides, once in a workspace.
   */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return MlpBuffers.bytes(this, maxBatch, precision)
        + MlpErrorBound.bytes(this, maxBatch)
        + MlpNoise.bytes(this, maxBatch, precision);
  }

  /**
   * Returns the network in words.
   *
   * @return such as {@code 784-128(tanh)-10(identity)}
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(inputs);
    for (Layer layer : layers) {
      text.append('-').append(layer);
    }
    return text.toString();
  }
}
