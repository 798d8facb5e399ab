package dev.natgrad.model;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A multilayer perceptron: A₀ = X, A_l = φ_l(A_{l−1}W_l + 1b_lᵀ), Z = A_L, with any number L ≥ 1 of
 * dense layers.
 *
 * <p>θ holds, for each layer l = 0, 1, …, {@code layerl.weight} (in×out, row-major) and {@code
 * layerl.bias} (out), in this order. The flops of one J·v and one Jᵀu together are 8·P·B − 4·P₁·B,
 * P₁ the first layer's weights, because the first layer needs neither W·ẋ nor Wᵀδ.
 *
 * <p>Immutable; usable from any thread.
 */
public final class Mlp implements LayeredModel {
  /**
   * A dense layer.
   *
   * @param width the number of its units, at least 1
   * @param activation what it applies to each unit
   */
  public record Layer(int width, Activation activation) {
    /** Checks the components. */
    public Layer {
      if (width < 1) {
        throw new IllegalArgumentException("width is " + width + "; a layer has at least 1 unit");
      }
      Objects.requireNonNull(activation, "activation");
    }
  }

  private final int inputs;
  private final List<Layer> layers;
  private final ParameterLayout layout;

  private Mlp(int inputs, List<Layer> layers) {
    if (inputs < 1) {
      throw new IllegalArgumentException("inputs is " + inputs + "; it must be at least 1");
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("layers is empty; a network has at least 1 layer");
    }
    this.inputs = inputs;
    this.layers = List.copyOf(layers);
    ParameterLayout.Builder builder = new ParameterLayout.Builder();
    int in = inputs;
    for (int l = 0; l < layers.size(); l++) {
      int out = layers.get(l).width();
      builder.matrix(weightName(l), in, out).vector(biasName(l), out);
      in = out;
    }
    this.layout = builder.build();
  }

  private static String weightName(int layer) {
    return "layer" + layer + ".weight";
  }

  private static String biasName(int layer) {
    return "layer" + layer + ".bias";
  }

  /**
   * Describes a network by its layers, the last of which is the output.
   *
   * @param inputs the number of inputs of a sample, at least 1
   * @param layers the layers in order, at least 1
   * @return the network
   * @throws IllegalArgumentException if a size is below 1 or the parameters exceed 2³¹ − 1
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
   * Returns where the weights and biases lie in θ.
   *
   * @return blocks {@code layer0.weight}, {@code layer0.bias}, {@code layer1.weight}, …
   */
  public ParameterLayout layout() {
    return layout;
  }

  /** The weights of layer l = 0, 1, …: in×out. */
  ParameterLayout.Block weight(int layer) {
    return layout.blocks().get(2 * layer);
  }

  /** The biases of layer l = 0, 1, …. */
  ParameterLayout.Block bias(int layer) {
    return layout.blocks().get(2 * layer + 1);
  }

  @Override
  public List<LayeredLinearization.DenseLayer> denseLayers() {
    List<LayeredLinearization.DenseLayer> dense = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      ParameterLayout.Block w = weight(l);
      dense.add(
          new LayeredLinearization.DenseLayer(w.rows(), w.cols(), w.offset(), bias(l).offset()));
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
   * <p>One maxBatch×n_l matrix of values for each layer l but an output layer whose activation is
   * the identity, and for the even and for the odd of these layers one more of their largest width.
   * Products take {@link dev.natgrad.linalg.Blas#scratchBytes()} besides, once in a workspace.
   */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return MlpLinearization.bytes(this, maxBatch, precision);
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
      text.append('-').append(layer.width()).append('(').append(layer.activation().label());
      text.append(')');
    }
    return text.toString();
  }
}
