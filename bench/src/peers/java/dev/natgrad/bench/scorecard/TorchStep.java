package dev.natgrad.bench.scorecard;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A step of trust-region policy optimisation as its codes for libtorch do it: one gradient,
 * conjugate gradients from zero on the damped Hessian of the KL divergence, the length by the
 * quadratic model, shortened by 0.8 until KL and loss allow it.
 */
final class TorchStep {
  private static final double DAMPING = 0.1;
  private static final double SHORTER = 0.8;
  private static final int TRIALS = 10;

  private final TorchNetwork network;
  private final List<Tensor> saved = new ArrayList<>();
  private boolean accepted;

  TorchStep(TorchNetwork network) {
    this.network = network;
    for (Tensor parameter : network.parameters()) {
      saved.add(parameter.detach().clone());
    }
  }

  double[] lowered() {
    step();
    return new double[] {accepted ? 1 : 0};
  }

  void step() {
    try (PointerScope scope = new PointerScope()) {
      restore();
      Tensor z = network.forward();
      Tensor loss = network.divergence(z, network.targets());
      Tensor g = network.gradient(loss, true, false);
      Tensor slope = network.divergenceSlope(z);
      try (NoGradGuard guard = new NoGradGuard()) {
        Tensor old = z.detach();
        Tensor r = g.clone();
        Tensor d = solve(slope, g, r);
        double curvature = torch.dot(d, g.sub(r)).item_double();
        search(d, Math.sqrt(2 * StepCases.EPSILON / curvature), old, loss.item_double());
      }
    }
  }

  /** d ≈ (F + damping·I)⁻¹g; r, g at the start, becomes the residual. */
  private Tensor solve(Tensor slope, Tensor g, Tensor r) {
    Tensor d = torch.zeros_like(g);
    Tensor p = g.clone();
    double rr = torch.dot(r, r).item_double();
    for (int i = 0; i < StepCases.ITERATIONS; i++) {
      Tensor ap = product(slope, p).add(p, new Scalar(DAMPING));
      double alpha = rr / torch.dot(p, ap).item_double();
      d.add_(p, new Scalar(alpha));
      r.sub_(ap, new Scalar(alpha));
      double next = torch.dot(r, r).item_double();
      p.mul_(new Scalar(next / rr)).add_(r);
      rr = next;
    }
    return d;
  }

  private Tensor product(Tensor slope, Tensor p) {
    try (AutoGradMode on = new AutoGradMode(true)) {
      return network.product(slope, p);
    }
  }

  private void search(Tensor d, double first, Tensor old, double lossBefore) {
    Tensor oldMean = network.mean(old);
    double oldDivergence = network.divergence(old, oldMean).item_double();
    double beta = first;
    accepted = false;
    for (int trial = 0; trial < TRIALS && !accepted; trial++) {
      move(d, beta);
      Tensor z = network.forward();
      double kl = network.divergence(z, oldMean).item_double() - oldDivergence;
      double loss = network.divergence(z, network.targets()).item_double();
      accepted = kl <= StepCases.EPSILON && loss < lossBefore;
      beta *= SHORTER;
    }
    if (!accepted) {
      restore();
    }
  }

  /** θ ← saved − βd. */
  private void move(Tensor d, double beta) {
    long offset = 0;
    for (int i = 0; i < saved.size(); i++) {
      Tensor parameter = network.parameters().get(i);
      long count = parameter.numel();
      Tensor part = d.narrow(0, offset, count).reshape(parameter.sizes());
      parameter.copy_(saved.get(i).sub(part, new Scalar(beta)));
      offset += count;
    }
  }

  private void restore() {
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < saved.size(); i++) {
        network.parameters().get(i).copy_(saved.get(i));
      }
    }
  }
}
