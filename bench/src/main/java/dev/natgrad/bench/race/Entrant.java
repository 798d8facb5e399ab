package dev.natgrad.bench.race;

import dev.natgrad.linalg.Vec;

/** Somebody who trains. */
interface Entrant extends AutoCloseable {
  /**
   * Makes one step.
   *
   * @param seconds of training so far
   */
  void step(double seconds);

  /** θ, live. */
  Vec parameters();

  @Override
  void close();
}
