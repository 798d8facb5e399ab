package dev.natgrad.bench;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import java.util.List;

/** Networks of real uses, with random data of their shapes. */
public enum Network {
  /** 17-64-64-6, a policy of continuous control, batch 2048. */
  POLICY(2048, Mlp.of(17, List.of(64, 64), Activation.TANH, 6)),
  /** 64-128-10, a classifier of 8×8 digits, batch 256. */
  DIGITS(256, Mlp.of(64, List.of(128), Activation.TANH, 10)),
  /** 784-400-200-100-50-25-6-25-50-100-200-400-784, an autoencoder of 28×28 digits, batch 512. */
  AUTOENCODER(
      512,
      Mlp.of(784, List.of(400, 200, 100, 50, 25, 6, 25, 50, 100, 200, 400), Activation.TANH, 784)),
  /** 784-1000-500-250-30, an encoder of 28×28 digits, batch 4096. */
  ENCODER(4096, Mlp.of(784, List.of(1000, 500, 250), Activation.TANH, 30));

  private final int batch;
  private final Mlp model;

  Network(int batch, Mlp model) {
    this.batch = batch;
    this.model = model;
  }

  /**
   * Returns the number of samples.
   *
   * @return rows of {@link #inputs} and {@link #targets}
   */
  public int batch() {
    return batch;
  }

  /**
   * Returns the network.
   *
   * @return the model
   */
  public Mlp model() {
    return model;
  }

  /**
   * Returns the layers' widths.
   *
   * @return such as {@code 17-64-64-6}
   */
  public String shape() {
    StringBuilder widths = new StringBuilder().append(model.inputs());
    model.layers().forEach(layer -> widths.append('-').append(layer.width()));
    return widths.toString();
  }

  /**
   * Returns the floating-point operations of one product with the exact Fisher matrix: two matrix
   * products a layer in the tangent pass and two in the pass back; the first layer needs neither
   * W·ẋ nor Wᵀδ.
   *
   * @param batch B, the number of samples
   * @return 8·P·B − 4·P₁·B, P and P₁ the weights of all layers and of the first
   */
  public double productFlops(int batch) {
    return batch * (8 * weights(model.layers().size()) - 4 * weights(1));
  }

  /**
   * Returns the floating-point operations of one gradient, its evaluation included.
   *
   * @param batch B, the number of samples
   * @return 6·P·B − 2·P₁·B, P and P₁ the weights of all layers and of the first
   */
  public double gradientFlops(int batch) {
    return batch * (6 * weights(model.layers().size()) - 2 * weights(1));
  }

  private double weights(int layers) {
    double sum = 0;
    int width = model.inputs();
    for (var layer : model.layers().subList(0, layers)) {
      sum += (double) width * layer.width();
      width = layer.width();
    }
    return sum;
  }

  /**
   * Returns what the outputs mean.
   *
   * @return the distribution
   */
  public OutputDistribution distribution() {
    return switch (this) {
      case POLICY, ENCODER -> new Gaussian(model.outputs());
      case DIGITS -> new Categorical(model.outputs());
      case AUTOENCODER -> new Bernoulli(model.outputs());
    };
  }

  /**
   * Returns random inputs.
   *
   * @param workspace where
   * @param precision their format
   * @param seed of the generator
   * @return batch×inputs
   */
  public Mat inputs(Workspace workspace, Precision precision, long seed) {
    Mat x = Mat.allocate(workspace, batch, model.inputs(), precision);
    x.copyFrom(Operands.uniform(batch * model.inputs(), seed));
    return x;
  }

  /**
   * Returns random targets that the distribution allows.
   *
   * @param workspace where
   * @param precision their format
   * @return batch×outputs
   */
  public Mat targets(Workspace workspace, Precision precision) {
    int outputs = model.outputs();
    Mat y = Mat.allocate(workspace, batch, outputs, precision);
    double[] random = Operands.uniform(batch * outputs, 7);
    if (this == DIGITS) {
      for (int i = 0; i < batch; i++) {
        y.set(i, (int) Math.floor((random[i] + 1) / 2 * outputs), 1);
      }
      return y;
    }
    for (int i = 0; this == AUTOENCODER && i < random.length; i++) {
      random[i] = random[i] < 0 ? 0 : 1;
    }
    y.copyFrom(random);
    return y;
  }

  /**
   * Returns the start of a training.
   *
   * @param workspace where
   * @param precision the format
   * @return θ
   */
  public Vec parameters(Workspace workspace, Precision precision) {
    Vec theta = Vec.allocate(workspace, model.parameters(), precision);
    Initialization.GLOROT.fill(model, 1, theta);
    return theta;
  }

  /**
   * Returns the exact Fisher matrix at the start, with its point set.
   *
   * @param workspace where
   * @param precision the format
   * @return the operator
   */
  public ExactFisher fisher(Workspace workspace, Precision precision) {
    Linearization linearization = model.linearize(workspace, batch, precision);
    Mat z = Mat.allocate(workspace, batch, model.outputs(), precision);
    Mat mean = Mat.allocate(workspace, batch, model.outputs(), precision);
    linearization.evaluate(parameters(workspace, precision), inputs(workspace, precision, 1), z);
    distribution().mean(z, mean);
    ExactFisher fisher =
        new ExactFisher(
            workspace, linearization, distribution(), model.parameters(), batch, precision);
    fisher.setPoint(mean);
    return fisher;
  }
}
