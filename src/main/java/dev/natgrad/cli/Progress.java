package dev.natgrad.cli;

import dev.natgrad.optimizer.StepOutcome;
import dev.natgrad.training.Trainer;
import dev.natgrad.training.TrainingHistory;
import dev.natgrad.training.TrainingOptions;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Shows how training goes: on a terminal one line that is written anew, elsewhere a line now and
 * then.
 */
final class Progress implements Trainer.Listener {
  private static final double REDRAW_SECONDS = 0.1;

  /** A line that wraps could not be erased; 80 columns are all that can be relied on. */
  private static final int TERMINAL_WIDTH = 79;

  /** Back to the start of the line, and erase it. */
  private static final String REWIND = "\r\u001b[2K";

  private final PrintStream out;
  private final boolean terminal;
  private final TrainingOptions options;
  private double next;

  /**
   * @param out where to
   * @param terminal whether a line there can be written anew
   * @param options the limits, for the time left
   */
  Progress(PrintStream out, boolean terminal, TrainingOptions options) {
    this.out = out;
    this.terminal = terminal;
    this.options = options;
    this.next = terminal ? 0 : 1;
  }

  /** Whether a stream is a terminal on which a line can be written anew. */
  static boolean onTerminal(PrintStream out) {
    return out == System.out && System.console() != null && System.console().isTerminal();
  }

  @Override
  public boolean onStep(StepOutcome outcome, TrainingHistory history, double seconds) {
    if (seconds >= next) {
      next = seconds + interval(seconds);
      String line = line(outcome, history, seconds);
      if (terminal) {
        out.print(REWIND + line.substring(0, Math.min(line.length(), TERMINAL_WIDTH)));
        out.flush();
      } else {
        out.println(line);
      }
    }
    return true;
  }

  /** Away from a terminal about ten lines a run, and never more than one a second. */
  private double interval(double seconds) {
    if (terminal) {
      return REDRAW_SECONDS;
    }
    double run = Double.isInfinite(options.maxSeconds()) ? seconds : options.maxSeconds();
    return Math.max(1, run / 10);
  }

  private String line(StepOutcome outcome, TrainingHistory history, double seconds) {
    long steps = history.steps().size();
    StringBuilder line = new StringBuilder(120);
    line.append("step ").append(steps);
    double after = outcome.lossAfter();
    line.append("  loss ").append(Texts.brief(Double.isNaN(after) ? outcome.lossBefore() : after));
    List<TrainingHistory.Point> points = history.points();
    TrainingHistory.Point last = points.get(points.size() - 1);
    if (last.validation() != null) {
      line.append("  validation ").append(Texts.brief(last.validation().loss()));
    }
    if (!Double.isNaN(outcome.epsilon())) {
      line.append("  KL ").append(Texts.brief(outcome.kl()));
      line.append(" of ").append(Texts.brief(outcome.epsilon()));
    }
    double rate = steps / Math.max(seconds, 1e-9);
    line.append(String.format(Locale.ROOT, "  %s steps/s", rate < 10 ? tenth(rate) : whole(rate)));
    double left = Math.min(options.maxSeconds() - seconds, (options.maxSteps() - steps) / rate);
    if (left < 1e6) {
      line.append("  ").append(whole(Math.max(0, left))).append(" s left");
    }
    return line.toString();
  }

  private static String tenth(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }

  /** Leaves the terminal's line empty for what comes next. */
  void end() {
    if (terminal) {
      out.print(REWIND);
      out.flush();
    }
  }
}
