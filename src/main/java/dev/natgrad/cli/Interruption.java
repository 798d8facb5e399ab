package dev.natgrad.cli;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C, or SIGTERM, while a run goes on: the run is asked to end after its step, and the JVM ends
 * once what the run made is written.
 */
final class Interruption implements AutoCloseable {
  private final CountDownLatch written = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean asked;

  /**
   * Heeds them until it is closed.
   *
   * @param err where to say so
   * @param newLine whether a line is begun there
   */
  Interruption(PrintStream err, boolean newLine) {
    hook = new Thread(() -> end(err, newLine), "natgrad-interruption");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It came just before.
      asked = true;
    }
  }

  private void end(PrintStream err, boolean newLine) {
    asked = true;
    if (newLine) {
      err.println();
    }
    err.println(
        "natgrad: asked to stop; ends when this step is made and what was asked for is written"
            + " (kill -9 ends it at once, without)");
    try {
      written.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the run is to end. */
  boolean asked() {
    return asked;
  }

  @Override
  public void close() {
    written.countDown();
    if (!asked) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM began to end just now; there is nothing left to wait for.
      }
    }
  }
}
