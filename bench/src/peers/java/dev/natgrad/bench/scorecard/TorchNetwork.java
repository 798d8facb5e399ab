package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Network;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.model.ParameterLayout.Block;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One of the networks in libtorch, one thread, at natgrad's parameters and inputs: gradients by its
 * automatic differentiation, Fisher products by differentiating twice, as the codes for
 * trust-region policy optimisation do. The Fisher matrix is the Hessian of A(z) − ⟨m₀, z⟩, the part
 * of the KL divergence that depends on z, with A the log-partition and m₀ the mean at the point.
 */
final class TorchNetwork {
  private final Network network;
  private final int batch;
  private final List<Tensor> parameters = new ArrayList<>();
  private final Tensor x;
  private final Tensor y;

  static {
    torch.set_num_threads(1);
  }

  TorchNetwork(Network network, Vec theta, Mat x, Mat y) {
    this.network = network;
    this.batch = x.rows();
    Precision precision = theta.precision();
    double[] values = theta.toArray();
    for (Block block : network.model().layout().blocks()) {
      double[] part = new double[block.length()];
      System.arraycopy(values, block.offset(), part, 0, part.length);
      long[] shape =
          block.vector() ? new long[] {block.cols()} : new long[] {block.rows(), block.cols()};
      Tensor tensor = tensor(part, precision, shape);
      tensor.set_requires_grad(true);
      parameters.add(tensor);
    }
    this.x = tensor(x.toArray(), precision, x.rows(), x.cols());
    this.y = tensor(y.toArray(), precision, y.rows(), y.cols());
  }

  static Tensor tensor(double[] values, Precision precision, long... shape) {
    if (precision == Precision.F64) {
      try (DoublePointer pointer = new DoublePointer(values)) {
        return torch.from_blob(pointer, shape, torch.dtype(torch.ScalarType.Double)).clone();
      }
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    try (FloatPointer pointer = new FloatPointer(floats)) {
      return torch.from_blob(pointer, shape).clone();
    }
  }

  /** Z, with the graph of its computation while gradients are on. */
  Tensor forward() {
    Tensor a = x;
    int layers = parameters.size() / 2;
    for (int l = 0; l < layers; l++) {
      a = torch.addmm(parameters.get(2 * l + 1), a, parameters.get(2 * l));
      if (l < layers - 1) {
        a = torch.tanh(a);
      }
    }
    return a;
  }

  /** ΣA(z) over the batch: its gradient is the mean, its Hessian the Fisher matrix of z. */
  Tensor logPartition(Tensor z) {
    return switch (network) {
      case POLICY, ENCODER -> z.square().sum().mul(new Scalar(0.5));
      case DIGITS -> torch.logsumexp(z, 1).sum();
      case AUTOENCODER -> torch.softplus(z).sum();
    };
  }

  /** The mean parameters of z, without a graph. */
  Tensor mean(Tensor z) {
    Tensor outputs = z.detach();
    return switch (network) {
      case POLICY, ENCODER -> outputs;
      case DIGITS -> torch.softmax(outputs, 1);
      case AUTOENCODER -> torch.sigmoid(outputs);
    };
  }

  /** Mean over the batch of A(z) − ⟨t, z⟩: the loss for targets t, the KL for the mean. */
  Tensor divergence(Tensor z, Tensor t) {
    return logPartition(z).sub(t.mul(z).sum()).mul(new Scalar(1.0 / batch));
  }

  Tensor targets() {
    return y;
  }

  List<Tensor> parameters() {
    return parameters;
  }

  /** The gradient of a value, flat, in natgrad's order of the parameters. */
  Tensor gradient(Tensor value, boolean keepGraph, boolean differentiable) {
    TensorVector gradients =
        torch.grad(
            new TensorVector(value),
            new TensorVector(parameters.toArray(Tensor[]::new)),
            new TensorVector(),
            new BoolOptional(keepGraph),
            differentiable,
            false);
    TensorVector flat = new TensorVector();
    for (Tensor gradient : gradients.get()) {
      flat.push_back(gradient.reshape(-1));
    }
    return torch.cat(flat);
  }

  /** The gradient of the KL divergence at z, with the graph of its own computation. */
  Tensor divergenceSlope(Tensor z) {
    return gradient(divergence(z, mean(z)), true, true);
  }

  /** Fv = ∇⟨∇KL, v⟩; the graph is kept for the next product. */
  Tensor product(Tensor slope, Tensor v) {
    return gradient(torch.dot(slope, v), true, false);
  }

  static double[] values(Tensor tensor) {
    Tensor doubles = tensor.to(torch.ScalarType.Double).contiguous();
    double[] values = new double[(int) doubles.numel()];
    new DoublePointer(doubles.data_ptr()).get(values);
    return values;
  }
}
