package dev.natgrad.bench.policy;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import java.util.SplittableRandom;

/** Acts by a policy's network, one state at a time. */
final class Actor {
  private final Vec theta;
  private final Linearization network;
  private final Mat x;
  private final Mat z;

  /** Of parameters that may change between two actions. */
  Actor(Workspace workspace, Model model, Vec theta) {
    this.theta = theta;
    this.network = model.linearize(workspace, 1, theta.precision());
    this.x = Mat.allocate(workspace, 1, model.inputs(), theta.precision());
    this.z = Mat.allocate(workspace, 1, model.outputs(), theta.precision());
  }

  /** log of the odds of a push to the right. */
  private double odds(double[] state) {
    x.copyRowFrom(0, state, 0);
    network.evaluate(theta, x, z);
    return z.get(0, 1) - z.get(0, 0);
  }

  int draw(double[] state, SplittableRandom random) {
    return random.nextDouble() * (1 + StrictMath.exp(-odds(state))) < 1 ? 1 : 0;
  }

  int likeliest(double[] state) {
    return odds(state) > 0 ? 1 : 0;
  }

  /** What the likeliest actions earn in one episode. */
  int greedyReturn(SplittableRandom random) {
    CartPole cart = new CartPole(random);
    while (!cart.over()) {
      cart.push(likeliest(cart.state()));
    }
    return cart.steps();
  }
}
