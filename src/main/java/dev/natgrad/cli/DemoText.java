package dev.natgrad.cli;

import dev.natgrad.demo.Contest.Result;
import dev.natgrad.demo.GaussianStudy;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.training.TrainingHistory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The report's sentences about what was measured: made from the numbers, whoever wins. */
final class DemoText {
  private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private DemoText() {}

  /** Three significant digits, with a power of ten where the number is far from 1. */
  static String number(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value == 0 ? "0" : "not finite";
    }
    int exponent = (int) Math.floor(Math.log10(Math.abs(value)));
    if (exponent >= -3 && exponent < 6) {
      int decimals = Math.max(0, 2 - exponent);
      String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
      return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
    StringBuilder power = new StringBuilder();
    for (char digit : Integer.toString(exponent).toCharArray()) {
      power.append(digit == '-' ? '⁻' : SUPERSCRIPTS.charAt(digit - '0'));
    }
    String mantissa = String.format(Locale.ROOT, "%.1f", value * Math.pow(10, -exponent));
    return mantissa + "×10" + power;
  }

  static String settings(List<Result> results) {
    StringBuilder text = new StringBuilder("Settings: ");
    for (Result result : results) {
      text.append(text.charAt(text.length() - 2) == ':' ? "" : "; ");
      text.append(result.entrant().name()).append(' ').append('(');
      text.append(result.entrant().settings()).append(')');
    }
    return text.append('.').toString();
  }

  private static List<Result> byLoss(List<Result> results) {
    List<Result> sorted = new ArrayList<>(results);
    // Double.compare puts a loss that is not a number last.
    sorted.sort(Comparator.comparingDouble(result -> result.training().loss()));
    return sorted;
  }

  /** Who has the lowest training loss, and who the lowest test loss. */
  static String verdict(List<Result> results, String per) {
    List<Result> training = byLoss(results);
    Result natural = results.get(0);
    Result first = training.get(0);
    StringBuilder text = new StringBuilder("Lowest training loss: ");
    for (Result result : training) {
      text.append(result == first ? "" : result == training.get(1) ? ", then " : ", ");
      text.append(name(result)).append(' ').append(number(result.training().loss()));
    }
    text.append(" nats ").append(per).append(". ");
    Result best = first;
    for (Result result : results) {
      best = result.test().loss() < best.test().loss() ? result : best;
    }
    text.append(
        best == first
            ? "The same holds for the test loss, "
            : "The lowest test loss is " + name(best) + "’s, ");
    text.append(number(best.test().loss())).append(". ");
    text.append(
        first == natural
            ? "The natural gradient leads on the training loss at this budget"
            : "At this budget the natural gradient does not lead on the training loss: "
                + name(first)
                + " does");
    text.append(", with ").append(first.run().steps()).append(" steps");
    if (first == natural) {
      Result second = training.get(1);
      text.append(" against ").append(second.run().steps()).append(" of ").append(name(second));
    } else {
      text.append(" against ").append(natural.run().steps()).append(" of ").append(name(natural));
    }
    return text.append('.').toString();
  }

  private static String name(Result result) {
    String name = result.entrant().name();
    return switch (name) {
      case "Adam" -> name;
      case "Natural gradient" -> "the natural gradient";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }

  /** Steps and seconds to the loss that every run reached. */
  static String race(List<Result> results, String unit) {
    double common = Double.NEGATIVE_INFINITY;
    for (Result result : results) {
      double lowest = Double.POSITIVE_INFINITY;
      for (TrainingHistory.Point point : result.run().history().points()) {
        lowest = Math.min(lowest, point.training().loss());
      }
      common = Math.max(common, lowest);
    }
    StringBuilder text = new StringBuilder("To ");
    text.append(number(common)).append(' ').append(unit).append(", the loss that all reached: ");
    boolean later = false;
    for (Result result : results) {
      for (TrainingHistory.Point point : result.run().history().points()) {
        if (point.training().loss() <= common) {
          text.append(later ? "; " : "").append(name(result)).append(' ');
          text.append(point.step()).append(" steps and ");
          text.append(number(point.seconds())).append(" s");
          later = true;
          break;
        }
      }
    }
    return text.append('.').toString();
  }

  /** What a step of the natural gradient costs. */
  static String cost(Result natural) {
    long iterations = 0;
    List<TrainingHistory.Step> steps = natural.run().history().steps();
    for (TrainingHistory.Step step : steps) {
      iterations += step.cgIterations();
    }
    return "A step of the natural gradient solved its linear system with "
        + number((double) iterations / Math.max(1, steps.size()))
        + " products with the Fisher matrix on average, each about the price of a gradient of the"
        + " same batch. On deep networks that is dear: conjugate gradients on the Fisher matrix"
        + " itself, with no better preconditioner than its diagonal, save steps but not always"
        + " time, and the numbers above say which it was here.";
  }

  /** Whether every bound was kept, counted. */
  static String bounds(DemoResults results) {
    List<Result> runs =
        List.of(
            results.gaussian().natural(),
            results.spirals().results().get(0),
            results.curves().results().get(0));
    long accepted = 0;
    long shortened = 0;
    long rejected = 0;
    long violations = 0;
    for (Result result : runs) {
      TrainingHistory history = result.run().history();
      accepted += history.accepted();
      shortened += history.count(StepStatus.SHORTENED);
      rejected += history.rejected();
      violations += history.klViolations();
    }
    return "The natural gradient took "
        + accepted
        + " steps on the three problems, "
        + shortened
        + " of them after shortening, and refused "
        + rejected
        + ". Steps whose measured KL divergence exceeded the ε in force: "
        + violations
        + ".";
  }

  static List<String> method() {
    return List.of(
        "Gradient descent measures a step by the distance it goes in the parameters, as if a unit"
            + " of each meant the same. It does not: moving the mean of a narrow Gaussian by 0.1"
            + " makes another distribution of it, moving that of a wide one changes next to"
            + " nothing. What can be compared is how far the distributions lie apart, the KL"
            + " divergence. For a small step s it is KL(P_θ ‖ P_θ+s) ≈ ½ sᵀFs, with the Fisher"
            + " matrix F, here diag(1/σ², 2) for the parameters μ and ln σ.",
        "The natural gradient steps in the direction d = F⁻¹g, the steepest descent of the loss"
            + " per unit of KL, with the length β = √(2ε / gᵀF⁻¹g) at which ½ sᵀFs is ε, or less"
            + " where the loss has its minimum along d before. Each ellipse is the set of"
            + " parameters one such step away from its centre, so a step ends on the ellipse around"
            + " its start, or within it where it was shortened: wide where σ is large and the loss flat in μ, narrow where σ is"
            + " small.");
  }

  static String gaussian(GaussianStudy study) {
    long natural = study.arrival(study.natural());
    long descent = study.arrival(study.descent());
    return "From the same start the natural gradient with ε = "
        + GaussianStudy.EPSILON
        + " nats "
        + arrived(natural)
        + "; gradient descent with the best of the learning rates "
        + study.ratesTried()
        + ", η = "
        + study.rate()
        + ", "
        + arrived(descent)
        + ". Where the valley is narrow a rate above 2σ² jumps from side to side, and where σ is"
        + " large the gradient along μ is small: one rate has to serve both.";
  }

  private static String arrived(long steps) {
    return steps < 0
        ? "did not come to stay within " + GaussianStudy.ARRIVED + " nats of the minimum"
        : "was within " + GaussianStudy.ARRIVED + " nats of the minimum after " + steps + " steps";
  }
}
