package dev.natgrad.bench.policy;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepOutcome;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Trust-region policy optimisation (Schulman et al. 2015) of the cart-pole: collect a batch,
 * estimate its advantages, make one natural-gradient step on the surrogate, fit the value. A run is
 * a function of its seed.
 */
final class TrustRegionPolicy implements AutoCloseable {
  private static final Precision PRECISION = Precision.F32;

  private final Settings settings;
  private final Workspace workspace = Workspace.create();
  private final SplittableRandom random;
  private final Rollout rollout;
  private final Advantages advantages;
  private final ValueNetwork value;
  private final PolicySurrogate surrogate;
  private final NaturalGradient optimizer;
  private final Actor actor;
  private final Linearization network;
  private final Mat old;
  private final Mat updated;
  private final Vec weights;
  private int steps;
  private int violations;
  private int updates;

  TrustRegionPolicy(Settings settings, long seed) {
    this.settings = settings;
    int batch = settings.batch();
    this.random = new SplittableRandom(seed);
    this.rollout = new Rollout(workspace, batch, PRECISION, random.split());
    this.advantages = new Advantages(batch, settings.discount(), settings.decay());
    this.value = new ValueNetwork(workspace, settings, PRECISION, random.nextLong());
    Mlp model =
        Mlp.of(CartPole.STATE, List.of(settings.hidden()), Activation.TANH, CartPole.ACTIONS);
    Categorical actions = new Categorical(CartPole.ACTIONS);
    this.surrogate = new PolicySurrogate(workspace, actions, batch, PRECISION);
    this.optimizer =
        new NaturalGradient(
            workspace,
            new Problem(model, actions, surrogate, batch, PRECISION, 0),
            NaturalGradientOptions.within(settings.epsilon())
                .withDamping(settings.damping(), false)
                .withSeed(random.nextLong()));
    Initialization.AUTO.fill(model, random.nextLong(), optimizer.parameters());
    this.actor = new Actor(workspace, model, optimizer.parameters());
    this.network = model.linearize(workspace, batch, PRECISION);
    this.old = Mat.allocate(workspace, batch, CartPole.ACTIONS, PRECISION);
    this.updated = Mat.allocate(workspace, batch, CartPole.ACTIONS, PRECISION);
    this.weights = Vec.allocate(workspace, batch, PRECISION);
  }

  /** Trains until the budget is spent or the policy is good enough. */
  void train() {
    while (steps + settings.batch() <= settings.mostSteps() && !goodEnough()) {
      rollout.collect(actor);
      steps += settings.batch();
      advantages.estimate(
          rollout, value.values(rollout.states()), value.values(rollout.successors()));
      update();
      value.fit(rollout.states(), advantages.returns());
    }
  }

  /** Tries the greedy policy, once the drawn actions do well and if the budget has room. */
  private boolean goodEnough() {
    int tries = settings.tries();
    if (rollout.recentReturn() < settings.promising()
        || steps + tries * CartPole.LIMIT > settings.mostSteps()) {
      return false;
    }
    for (int i = 0; i < tries; i++) {
      int earned = actor.greedyReturn(random);
      steps += earned;
      if (earned < CartPole.LIMIT) {
        return false;
      }
    }
    return true;
  }

  private void update() {
    network.evaluate(optimizer.parameters(), rollout.states(), old);
    weights.copyFrom(advantages.standardised(), 0);
    surrogate.setBatch(weights, old, rollout.actions());
    StepOutcome outcome = optimizer.step(rollout.states(), rollout.actions());
    network.evaluate(optimizer.parameters(), rollout.states(), updated);
    if (outcome.status().accepted()) {
      updates++;
    }
    if (divergence(old, updated) > settings.epsilon()) {
      violations++;
    }
  }

  /** Mean KL(from‖to), by its definition and apart from the optimiser's own measurement. */
  private static double divergence(Mat from, Mat to) {
    double sum = 0;
    for (int i = 0; i < from.rows(); i++) {
      double p = 1 / (1 + Math.exp(from.get(i, 0) - from.get(i, 1)));
      double q = 1 / (1 + Math.exp(to.get(i, 0) - to.get(i, 1)));
      sum += relative(p, q) + relative(1 - p, 1 - q);
    }
    return sum / from.rows();
  }

  private static double relative(double p, double q) {
    return p == 0 ? 0 : p * Math.log(p / q);
  }

  /** The mean return of the likeliest actions over fresh episodes. */
  double greedyReturn(int episodes, long seed) {
    SplittableRandom fresh = new SplittableRandom(seed);
    double sum = 0;
    for (int i = 0; i < episodes; i++) {
      sum += actor.greedyReturn(fresh);
    }
    return sum / episodes;
  }

  /** Steps of the environment taken so far. */
  int steps() {
    return steps;
  }

  /** Updates so far whose KL divergence, measured again, is above ε. */
  int violations() {
    return violations;
  }

  /** Updates so far that moved the policy. */
  int updates() {
    return updates;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
