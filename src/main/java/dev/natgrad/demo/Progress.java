package dev.natgrad.demo;

/** Told, several times a second, how far the demo is. For one thread. */
@FunctionalInterface
public interface Progress {
  /**
   * Reports where a run is.
   *
   * @param run the problem and the optimiser
   * @param step steps made
   * @param loss the batch's loss, nats per example
   * @param seconds time since the start of the run, seconds
   * @param budget time the run may take, seconds; infinite if steps limit it
   */
  void running(String run, long step, double loss, double seconds, double budget);
}
