package dev.natgrad.cli;

import dev.natgrad.memory.Precision;
import dev.natgrad.training.KnownTarget;
import dev.natgrad.training.TargetEncoder;
import dev.natgrad.training.TargetKind;
import java.util.Arrays;
import java.util.Optional;

/**
 * What is written of one target: its cells of a row's predictions, and how well they fit where the
 * target is known.
 */
final class PredictedColumn {
  private final TargetEncoder.Column column;
  private final TargetKind kind;
  private final Precision precision;
  private final KnownTarget truth;

  /** Whether what it predicts is right or wrong; else how far it is off counts. */
  private final boolean judged;

  /** Said after a heading where there are several targets. */
  private final String suffix;

  private final boolean first;

  /** Its part of a row of means; for a mean with a variance, where the variance is. */
  private final int from;

  private final int width;
  private final int variance;

  private long compared;

  /** Rows whose target is there, but neither a number nor a class of the model. */
  private long unknown;

  private long correct;

  /** In units of its deviation, since squares of units such as 1e200 are no numbers. */
  private double squares;

  /**
   * Finds its part of a row.
   *
   * @param number which target, from 0
   * @param truth what it is compared with, or null
   */
  PredictedColumn(TargetEncoder targets, int number, Precision precision, KnownTarget truth) {
    int[] widths = targets.widths();
    this.column = targets.columns().get(number);
    this.kind = targets.kind();
    this.precision = precision;
    this.truth = truth;
    this.judged = targets.predictsClasses();
    this.suffix = widths.length == 1 ? "" : " of " + column.name();
    this.first = number == 0;
    this.from = Arrays.stream(widths, 0, number).sum();
    this.width = widths[number];
    this.variance = widths.length + number;
  }

  /** Appends its headings, after a comma unless they are the first. */
  void header(StringBuilder text) {
    text.append(first ? "" : ",");
    if (column.classes().isEmpty()) {
      boolean probability = kind == TargetKind.BERNOULLI;
      text.append(cell((probability ? "probability" : "prediction") + suffix));
      if (kind.predictsVariance()) {
        text.append(',').append(cell("deviation" + suffix));
      }
      return;
    }
    text.append(cell("prediction" + suffix));
    for (String label : column.classes()) {
      String event = suffix.isEmpty() ? label : column.name() + "=" + label;
      text.append(',').append(cell("probability of " + event));
    }
  }

  /**
   * Appends its cells of a row, after a comma unless they are the first.
   *
   * @param row index into the table
   * @param mean the row's means, or logits of two classes each
   */
  void row(int row, double[] mean, StringBuilder text) {
    text.append(first ? "" : ",");
    if (column.classes().isEmpty()) {
      quantity(row, mean, text);
      return;
    }
    double[] probabilities =
        kind == TargetKind.BERNOULLI
            ? bothOf(mean[from])
            : Arrays.copyOfRange(mean, from, from + width);
    int best = kind == TargetKind.BERNOULLI ? (mean[from] >= 0 ? 1 : 0) : greatest(probabilities);
    int known = truth == null ? -1 : truth.classOf(row);
    if (known >= 0) {
      compared++;
      correct += known == best ? 1 : 0;
      // Classes beside probabilities are of two: what is off is the probability of the second.
      double off = known - probabilities[1];
      squares += off * off;
    } else {
      leaveOut(row);
    }
    text.append(cell(column.classes().get(best)));
    for (double probability : probabilities) {
      text.append(',').append(number(probability));
    }
  }

  private void quantity(int row, double[] mean, StringBuilder text) {
    boolean probability = kind == TargetKind.BERNOULLI;
    double value = probability ? bothOf(mean[from])[1] : column.toUnits(mean[from]);
    double known = truth == null ? Double.NaN : truth.valueOf(row);
    if (!Double.isNaN(known)) {
      compared++;
      double off = known / column.deviation() - value / column.deviation();
      squares += off * off;
    } else {
      leaveOut(row);
    }
    text.append(probability ? number(value) : Double.toString(value));
    if (kind.predictsVariance()) {
      text.append(',').append(column.deviation() * Math.sqrt(mean[variance]));
    }
  }

  private void leaveOut(int row) {
    unknown += truth != null && truth.isPresent(row) ? 1 : 0;
  }

  /** Of a logit: each from its own exponential, since 1 − p would round a small one to 0. */
  private static double[] bothOf(double logit) {
    return new double[] {1 / (1 + StrictMath.exp(logit)), 1 / (1 + StrictMath.exp(-logit))};
  }

  private static int greatest(double[] probabilities) {
    int best = 0;
    for (int j = 1; j < probabilities.length; j++) {
      best = probabilities[j] > probabilities[best] ? j : best;
    }
    return best;
  }

  /** The shortest text that reads back to the same number of the model's precision. */
  private String number(double value) {
    return precision == Precision.F32 ? Float.toString((float) value) : Double.toString(value);
  }

  /** A cell of CSV, quoted where it must be. */
  static String cell(String text) {
    boolean plain =
        text.chars().noneMatch(c -> ",;\"\n\r\t".indexOf(c) >= 0) && text.equals(text.strip());
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** What of the target could not be compared with a prediction; empty if there is nothing. */
  Optional<String> note() {
    if (unknown == 0) {
      return Optional.empty();
    }
    String rule =
        column.classes().isEmpty()
            ? "the column has words, the model predicts numbers"
            : "no class of the model, which knows " + Texts.listed(column.classes());
    return Optional.of(
        "the target "
            + Texts.quoted(column.name())
            + " is not compared in "
            + unknown
            + (unknown == 1 ? " row: " : " rows: ")
            + rule);
  }

  /** How well it did, such as {@code accuracy 0.9 on the 30 with a target}; empty if unknown. */
  Optional<String> summary() {
    if (compared == 0) {
      return Optional.empty();
    }
    String metric =
        judged
            ? "accuracy " + Texts.number((double) correct / compared)
            : "RMSE " + Texts.number(column.deviation() * Math.sqrt(squares / compared));
    return Optional.of(metric + suffix + " on the " + compared + " with a target");
  }
}
