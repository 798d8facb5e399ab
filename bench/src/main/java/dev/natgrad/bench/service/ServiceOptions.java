package dev.natgrad.bench.service;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.KlOver;
import dev.natgrad.memory.Precision;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.serving.DriftBudget;
import dev.natgrad.serving.DriftBudget.WhenSpent;
import dev.natgrad.serving.UpdaterOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * What the example serves and how: a classifier 64-128-10 in f32 that makes a step for every 64 new
 * samples, each step within 10⁻³ nats and the model within 0.1 nats in a second.
 *
 * @param port of the loopback interface; 0 for any free one
 * @param requestThreads the threads that answer, each with a predictor
 * @param folder where checkpoints and the recording go; null for neither
 */
record ServiceOptions(int port, int requestThreads, Path folder) {
  static final int INPUTS = 64;
  static final int CLASSES = 10;

  /** The most samples of one request. */
  static final int MOST_SAMPLES = 64;

  /** The longest body read, in bytes: the largest legal request is a fifth of it. */
  static final int MOST_BYTES = 1 << 18;

  /** Requests that may wait for a thread before others are turned away. */
  static final int MOST_WAITING = 64;

  /** Samples that may wait for the updater. */
  static final int QUEUE = 4096;

  static final int HISTORY = 8;
  static final int BATCH = 256;
  static final int FRESH = 64;
  static final int WINDOW = 4096;
  static final int AUDIT_EVERY = 256;
  static final long WARM_UP_NANOS = 20_000_000_000L;
  static final long CHECKPOINT_NANOS = 10_000_000_000L;

  /** A dead thread is replaced before its predictor is closed, hence twice as many. */
  int readers() {
    return 2 * requestThreads;
  }

  /** The example's settings, from the system properties {@code service.port} and so on. */
  static ServiceOptions fromProperties(Path folder) {
    return new ServiceOptions(
        Integer.getInteger("service.port", 8080), Integer.getInteger("service.threads", 4), folder);
  }

  ServiceOptions asTwin() {
    return new ServiceOptions(0, requestThreads, null);
  }

  static Mlp model() {
    return Mlp.of(INPUTS, List.of(128), Activation.TANH, CLASSES);
  }

  static Problem problem() {
    return new Problem(model(), new Categorical(CLASSES), BATCH, Precision.F32, 0);
  }

  static NaturalGradientOptions steps() {
    return NaturalGradientOptions.within(1e-3).withConjugateGradient(10, 1e-3);
  }

  static UpdaterOptions stream() {
    return UpdaterOptions.sliding(BATCH, FRESH, WINDOW);
  }

  static DriftBudget drift() {
    return new DriftBudget(0.1, KlOver.MEAN, 1_000_000_000L, 0, WhenSpent.SHRINK);
  }
}
