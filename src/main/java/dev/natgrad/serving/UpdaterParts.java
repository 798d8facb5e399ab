package dev.natgrad.serving;

import dev.natgrad.distribution.Weighted;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;

/** Whether what an updater is made of fits together. */
final class UpdaterParts {
  private UpdaterParts() {}

  /** A batch drawn from a stream comes with samples and weights, and with nothing else. */
  static void streamed(Problem problem) {
    if (problem.objective() instanceof PolicySurrogate) {
      throw new IllegalArgumentException(
          "problem.objective() is a PolicySurrogate; an updater draws batches from a stream, and"
              + " nothing tells it their advantages: use the likelihood, or make the steps of a"
              + " policy yourself, with setBatch before each");
    }
  }

  static void check(
      Problem problem,
      Optimizer optimizer,
      SampleQueue queue,
      SnapshotStore store,
      UpdaterOptions options) {
    streamed(problem);
    int parameters = problem.model().parameters();
    Arguments.vector(
        "the optimiser's parameters", optimizer.parameters(), parameters, problem.precision());
    if (store.parameters() != parameters || store.precision() != problem.precision()) {
      throw new IllegalArgumentException(
          "the store is for "
              + store.parameters()
              + " parameters in "
              + store.precision()
              + "; the problem has "
              + parameters
              + " in "
              + problem.precision());
    }
    if (queue.rows().inputs() != problem.model().inputs()
        || queue.rows().targets() != problem.distribution().targets()
        || queue.rows().precision() != problem.precision()) {
      throw new IllegalArgumentException(
          "the queue is for "
              + queue.rows().inputs()
              + " inputs and "
              + queue.rows().targets()
              + " targets in "
              + queue.rows().precision()
              + "; the problem has "
              + problem.model().inputs()
              + " and "
              + problem.distribution().targets()
              + " in "
              + problem.precision());
    }
    if (queue.rows().weighted() != problem.distribution() instanceof Weighted) {
      throw new IllegalArgumentException(
          queue.rows().weighted()
              ? "the queue keeps weights, which the problem's distribution has no use for: wrap it"
                  + " in Weighted"
              : "the problem's distribution takes weights and the queue keeps none: make the queue"
                  + " by SampleQueue.weighted");
    }
    if (options.batch() > problem.maxBatch()) {
      throw new IllegalArgumentException(
          "batch is " + options.batch() + "; the problem's largest batch is " + problem.maxBatch());
    }
  }
}
