package dev.natgrad.bench.policy;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * A fixed number of steps of one cart, episode after episode; an episode that is under way at the
 * end of a batch goes on in the next.
 */
final class Rollout {
  /** How many episodes {@link #recentReturn} looks back. */
  static final int RECENT = 10;

  private final SplittableRandom random;
  private final CartPole cart;
  private final Mat states;
  private final Mat successors;
  private final Mat actions;
  private final boolean[] fell;
  private final boolean[] last;
  private final Deque<Integer> returns = new ArrayDeque<>();

  Rollout(Workspace workspace, int steps, Precision precision, SplittableRandom random) {
    this.random = random;
    this.cart = new CartPole(random);
    this.states = Mat.allocate(workspace, steps, CartPole.STATE, precision);
    this.successors = Mat.allocate(workspace, steps, CartPole.STATE, precision);
    this.actions = Mat.allocate(workspace, steps, CartPole.ACTIONS, precision);
    this.fell = new boolean[steps];
    this.last = new boolean[steps];
  }

  /** Overwrites the batch with the next steps. */
  void collect(Actor actor) {
    int steps = states.rows();
    for (int i = 0; i < steps; i++) {
      states.copyRowFrom(i, cart.state(), 0);
      int action = actor.draw(cart.state(), random);
      Vec chosen = actions.row(i);
      Blas.fill(0, chosen);
      chosen.set(action, 1);
      cart.push(action);
      successors.copyRowFrom(i, cart.state(), 0);
      fell[i] = cart.fallen();
      last[i] = cart.over() || i == steps - 1;
      if (cart.over()) {
        returns.add(cart.steps());
        if (returns.size() > RECENT) {
          returns.remove();
        }
        cart.reset();
      }
    }
  }

  Mat states() {
    return states;
  }

  /** The state after each step, before any reset. */
  Mat successors() {
    return successors;
  }

  /** One-hot. */
  Mat actions() {
    return actions;
  }

  /** Whether nothing can be earned after a step. */
  boolean fell(int step) {
    return fell[step];
  }

  /** Whether the next row does not follow from this one. */
  boolean last(int step) {
    return last[step];
  }

  /** The mean return of the last episodes; 0 before there are enough. */
  double recentReturn() {
    return returns.size() < RECENT
        ? 0
        : returns.stream().mapToInt(Integer::intValue).average().orElse(0);
  }
}
