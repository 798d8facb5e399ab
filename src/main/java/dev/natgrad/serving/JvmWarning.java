package dev.natgrad.serving;

import dev.natgrad.linalg.JvmCheck;
import java.util.concurrent.atomic.AtomicBoolean;

/** Says once, to the system logger, that this JVM makes natgrad slow. */
final class JvmWarning {
  static final String LOGGER = "dev.natgrad";

  private static final AtomicBoolean SAID = new AtomicBoolean();

  private JvmWarning() {}

  static void once() {
    if (SAID.getAndSet(true)) {
      return;
    }
    System.Logger logger = System.getLogger(LOGGER);
    JvmCheck.missing().forEach(what -> logger.log(System.Logger.Level.WARNING, what));
    if (!JvmCheck.hasOptimizingCompiler()) {
      logger.log(System.Logger.Level.WARNING, JvmCheck.slowVm());
    }
  }
}
