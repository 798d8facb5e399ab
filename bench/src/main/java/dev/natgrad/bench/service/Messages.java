package dev.natgrad.bench.service;

import java.util.Map;

/** The bodies of requests and replies. */
final class Messages {
  private Messages() {}

  /** Samples, one row of features each. */
  record PredictRequest(float[][] x) {}

  /** The version that answered, and for each sample the probability of each class. */
  record PredictReply(long version, float[][] probabilities) {}

  /** Samples and the class of each, from 0. */
  record LearnRequest(float[][] x, int[] label) {}

  /** How many samples were taken, and how many wait with them. */
  record LearnReply(int taken, int waiting) {}

  /** A version to go back to. */
  record RollbackRequest(Long version) {}

  /** Whether it is served now, and what can be gone back to. */
  record RollbackReply(boolean done, long version, long[] retained) {}

  /** What went wrong and the way out. */
  record ErrorReply(String error) {}

  /** What a monitor wants to know. */
  record StatusReply(
      String state,
      long pid,
      long uptimeSeconds,
      long version,
      Map<String, Long> counters,
      Map<String, Long> steps,
      Map<Integer, Long> replies,
      int waitingSamples,
      long refusedSamples,
      int waitingRequests,
      int readers,
      long predictorBytes,
      long heapBytes,
      long collections,
      long collectionMillis,
      long checkpoints,
      long failedCheckpoints) {}
}
