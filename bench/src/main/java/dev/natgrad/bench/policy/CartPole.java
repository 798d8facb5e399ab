package dev.natgrad.bench.policy;

import java.util.SplittableRandom;

/**
 * A pole hinged on a cart that is pushed left or right: the equations of Barto, Sutton and Anderson
 * (Neuronlike adaptive elements that can solve difficult learning control problems, 1983) without
 * friction, by Euler's method. Every step earns 1. An episode ends where the pole or the cart is
 * beyond its limit, and is cut after {@value #LIMIT} steps.
 */
final class CartPole {
  /** Position in m, velocity in m/s, angle in rad, angular velocity in rad/s. */
  static final int STATE = 4;

  /** Push to the left, push to the right. */
  static final int ACTIONS = 2;

  static final int LIMIT = 500;

  private static final double GRAVITY = 9.8;
  private static final double POLE_MASS = 0.1;
  private static final double TOTAL_MASS = 1 + POLE_MASS;
  private static final double HALF_LENGTH = 0.5;
  private static final double FORCE = 10;
  private static final double SECONDS = 0.02;
  private static final double MOST_POSITION = 2.4;
  private static final double MOST_ANGLE = Math.PI * 12 / 180;
  private static final double START = 0.05;

  private final SplittableRandom random;
  private final double[] state = new double[STATE];
  private int steps;

  CartPole(SplittableRandom random) {
    this.random = random;
    reset();
  }

  /** Begins an episode near the upright rest. */
  void reset() {
    for (int i = 0; i < STATE; i++) {
      state[i] = random.nextDouble(-START, START);
    }
    steps = 0;
  }

  /** The state, live. */
  double[] state() {
    return state;
  }

  int steps() {
    return steps;
  }

  void push(int action) {
    double force = action == 1 ? FORCE : -FORCE;
    double sine = StrictMath.sin(state[2]);
    double cosine = StrictMath.cos(state[2]);
    double shared = (force + POLE_MASS * HALF_LENGTH * state[3] * state[3] * sine) / TOTAL_MASS;
    double turning =
        (GRAVITY * sine - cosine * shared)
            / (HALF_LENGTH * (4.0 / 3 - POLE_MASS * cosine * cosine / TOTAL_MASS));
    double moving = shared - POLE_MASS * HALF_LENGTH * turning * cosine / TOTAL_MASS;
    state[0] += SECONDS * state[1];
    state[1] += SECONDS * moving;
    state[2] += SECONDS * state[3];
    state[3] += SECONDS * turning;
    steps++;
  }

  /** Whether nothing more can be earned, as opposed to a cut by the clock. */
  boolean fallen() {
    return Math.abs(state[0]) > MOST_POSITION || Math.abs(state[2]) > MOST_ANGLE;
  }

  boolean over() {
    return fallen() || steps == LIMIT;
  }
}
