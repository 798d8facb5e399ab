package dev.natgrad.cli;

import dev.natgrad.demo.Progress;
import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;

/** One line that is written over on a terminal; elsewhere a plain line every few seconds. */
final class DemoProgress implements Progress {
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private long last = System.nanoTime();
  private int width;

  DemoProgress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void running(String run, long step, double loss, double seconds, double budget) {
    long now = System.nanoTime();
    if (now - last < (terminal ? TERMINAL_NANOS : PLAIN_NANOS)) {
      return;
    }
    last = now;
    String left =
        Double.isInfinite(budget)
            ? ""
            : String.format(Locale.ROOT, ", %.0f s left", Math.max(0, budget - seconds));
    String line =
        String.format(
            Locale.ROOT,
            "%s: step %d, loss %.4g, %.1f steps/s%s",
            run,
            step,
            loss,
            step / seconds,
            left);
    if (terminal) {
      out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      out.flush();
      width = line.length();
    } else {
      out.println("  " + line);
    }
  }

  /** Takes the rewritten line away before something that stays is printed. */
  void clear() {
    if (terminal && width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      width = 0;
    }
  }
}
