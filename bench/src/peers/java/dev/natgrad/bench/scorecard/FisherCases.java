package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Network;
import dev.natgrad.bench.Operands;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.model.Linearization;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Products with the exact Fisher matrix, and gradients, of the four networks, beside libtorch.
 * Whoever multiplies has evaluated the point before: natgrad its activations, libtorch the graph of
 * the KL's gradient.
 */
final class FisherCases extends Cases {
  private static final String TORCH = "libtorch";

  private FisherCases() {
    super(true);
  }

  static List<Case> all() {
    FisherCases cases = new FisherCases();
    eachPrecision(
        p -> {
          for (Network network : Network.values()) {
            cases.add(network, p);
          }
        });
    return cases.list;
  }

  private void add(Network network, Precision precision) {
    Mat x = network.inputs(workspace, precision, 1);
    Mat y = network.targets(workspace, precision);
    Vec theta = network.parameters(workspace, precision);
    TorchNetwork torch = new TorchNetwork(network, theta, x, y);
    int p = theta.length();
    Vec v = Vec.allocate(workspace, p, precision);
    v.copyFrom(Operands.uniform(p, 2), 0);
    Vec result = Vec.allocate(workspace, p, precision);
    addProduct(network, torch, v, result);
    addGradient(network, torch, theta, x, y, result);
  }

  private void addProduct(Network network, TorchNetwork torch, Vec v, Vec result) {
    Precision precision = v.precision();
    ExactFisher fisher = network.fisher(workspace, precision);
    Tensor slope;
    try (PointerScope scope = new PointerScope()) {
      slope = torch.divergenceSlope(torch.forward());
      slope.retainReference();
    }
    Tensor direction = TorchNetwork.tensor(v.toArray(), precision, v.length());
    add(
        "product",
        network,
        precision,
        network.productFlops(network.batch()),
        result,
        () -> fisher.apply(1, v, 0, result),
        () -> torch.product(slope, direction));
  }

  private void addGradient(
      Network network, TorchNetwork torch, Vec theta, Mat x, Mat y, Vec result) {
    Precision precision = theta.precision();
    Linearization point = network.model().linearize(workspace, network.batch(), precision);
    OutputDistribution distribution = network.distribution();
    Mat z = Mat.allocate(workspace, x.rows(), y.cols(), precision);
    Mat mean = Mat.allocate(workspace, x.rows(), y.cols(), precision);
    Mat score = Mat.allocate(workspace, x.rows(), y.cols(), precision);
    double flops = network.gradientFlops(network.batch());
    add(
        "gradient",
        network,
        precision,
        flops,
        result,
        () -> {
          point.evaluate(theta, x, z);
          distribution.mean(z, mean);
          distribution.score(1.0 / x.rows(), mean, y, score);
          point.vjp(score, 0, result);
        },
        () -> torch.gradient(torch.divergence(torch.forward(), torch.targets()), false, false));
  }

  private void add(
      String name,
      Network network,
      Precision precision,
      double flops,
      Vec result,
      Runnable ours,
      Supplier<Tensor> theirs) {
    List<Contender> contenders = new ArrayList<>();
    contenders.add(
        new Contender(
            Contender.NATGRAD,
            ours,
            () -> {
              ours.run();
              return relative(result.toArray());
            }));
    contenders.add(
        new Contender(
            TORCH,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                theirs.get();
              }
            },
            () -> {
              try (PointerScope scope = new PointerScope()) {
                return relative(TorchNetwork.values(theirs.get()));
              }
            }));
    // Half of the digits: sums over the batch and the layers of terms of both signs.
    double bound = Math.sqrt(precision.unitRoundoff());
    list.add(
        new Case(
            name,
            precision,
            network.shape() + "x" + network.batch(),
            Case.Unit.FLOPS,
            flops,
            Limit.fma(precision),
            contenders,
            value -> bound));
  }

  /** In units of the largest entry. */
  private static double[] relative(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= largest;
    }
    return values;
  }
}
