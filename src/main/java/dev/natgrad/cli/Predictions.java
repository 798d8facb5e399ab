package dev.natgrad.cli;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.training.CsvTable;
import dev.natgrad.training.Evaluator;
import dev.natgrad.training.FeatureRows;
import dev.natgrad.training.TargetColumn;
import dev.natgrad.training.TargetEncoder;
import dev.natgrad.training.TargetKind;
import dev.natgrad.training.TrainedModel;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/**
 * A model applied to a table, a block of rows at a time; the off-heap memory it takes does not grow
 * with the table.
 *
 * <p>Thread rule: the thread that made it.
 */
final class Predictions implements AutoCloseable {
  private static final int BLOCK = Evaluator.BLOCK;

  private final TargetEncoder targets;
  private final Precision precision;
  private final OutputDistribution distribution;
  private final FeatureRows rows;
  private final TargetColumn truth;
  private final Workspace workspace;
  private final Vec theta;
  private final Linearization linearization;
  private final Mat x;
  private final Mat z;

  /** One row: mean parameters, or the logit of two classes. */
  private final double[] mean;

  private long compared;
  private long correct;
  private double squares;

  /**
   * Takes the memory of one block.
   *
   * @throws dev.natgrad.training.DataException if the table lacks a column of the model
   */
  Predictions(TrainedModel model, CsvTable table) {
    this.targets = model.targets();
    this.precision = model.precision();
    this.distribution = TrainedModel.distribution(targets);
    this.rows = model.features().bind(table);
    this.truth = TargetColumn.find(table, model.features(), targets);
    this.workspace = Workspace.create(bytes(model));
    this.theta = Vec.allocate(workspace, model.parameters().length, precision);
    this.linearization = model.network().linearize(workspace, BLOCK, precision);
    this.x = Mat.allocate(workspace, BLOCK, model.network().inputs(), precision);
    this.z = Mat.allocate(workspace, BLOCK, model.network().outputs(), precision);
    this.mean = new double[model.network().outputs()];
    theta.copyFrom(model.parameters(), 0);
  }

  /** θ, a linearisation, and a block of inputs and outputs. */
  private static long bytes(TrainedModel model) {
    Precision precision = model.precision();
    return Workspace.OVERHEAD_BYTES
        + Blas.scratchBytes()
        + Vec.bytes(model.parameters().length, precision)
        + model.network().linearizationBytes(BLOCK, precision)
        + Mat.bytes(BLOCK, model.network().inputs(), precision)
        + Mat.bytes(BLOCK, model.network().outputs(), precision);
  }

  /** Writes the header and a line for each row, and flushes. */
  void write(Writer writer) throws IOException {
    writer.write(header());
    StringBuilder text = new StringBuilder();
    for (int from = 0; from < rows.rows(); from += BLOCK) {
      int[] block = new int[Math.min(BLOCK, rows.rows() - from)];
      for (int i = 0; i < block.length; i++) {
        block[i] = from + i;
      }
      Mat outputs = z.top(block.length);
      rows.encode(block, x.top(block.length));
      linearization.evaluate(theta, x.top(block.length), outputs);
      boolean twoClasses = outputs.cols() == 1 && targets.classes().size() == 2;
      if (!twoClasses) {
        distribution.mean(outputs, outputs);
      }
      text.setLength(0);
      for (int i = 0; i < block.length; i++) {
        outputs.copyRowTo(i, mean, 0);
        line(block[i], text);
      }
      writer.append(text);
    }
    writer.flush();
  }

  private String header() {
    if (targets.classes().isEmpty()) {
      return switch (targets.kind()) {
        case BERNOULLI -> "probability\n";
        case DIAGONAL_GAUSSIAN -> "prediction,deviation\n";
        default -> "prediction\n";
      };
    }
    StringBuilder text = new StringBuilder("prediction");
    for (String label : targets.classes()) {
      text.append(',').append(cell("probability of " + label));
    }
    return text.append('\n').toString();
  }

  private void line(int row, StringBuilder text) {
    List<String> classes = targets.classes();
    if (classes.isEmpty()) {
      double value = targets.toUnits(mean[0]);
      compare(row, value);
      text.append(targets.kind() == TargetKind.BERNOULLI ? number(value) : value);
      if (targets.kind() == TargetKind.DIAGONAL_GAUSSIAN) {
        text.append(',').append(targets.deviation() * Math.sqrt(mean[1]));
      }
      text.append('\n');
      return;
    }
    boolean single = mean.length == 1;
    double[] probabilities = single ? bothOf(mean[0]) : mean;
    int best = single ? (mean[0] >= 0 ? 1 : 0) : mostProbable();
    compare(row, best);
    text.append(cell(classes.get(best)));
    for (double probability : probabilities) {
      text.append(',').append(number(probability));
    }
    text.append('\n');
  }

  /** Of a logit: each from its own exponential, since 1 − p would round a small one to 0. */
  private static double[] bothOf(double logit) {
    return new double[] {1 / (1 + StrictMath.exp(logit)), 1 / (1 + StrictMath.exp(-logit))};
  }

  private int mostProbable() {
    int best = 0;
    for (int j = 1; j < mean.length; j++) {
      best = mean[j] > mean[best] ? j : best;
    }
    return best;
  }

  private void compare(int row, int best) {
    int known = truth == null ? -1 : truth.classOf(row);
    if (known >= 0) {
      compared++;
      correct += known == best ? 1 : 0;
    }
  }

  private void compare(int row, double value) {
    double known = truth == null ? Double.NaN : truth.valueOf(row);
    if (!Double.isNaN(known)) {
      compared++;
      squares += (known - value) * (known - value);
    }
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

  /** One line on what was done and, where the target was there, how well. */
  String summary() {
    String done = "natgrad: " + rows.rows() + " rows";
    if (compared == 0) {
      return done;
    }
    boolean classes = !targets.classes().isEmpty();
    String metric =
        classes
            ? ", accuracy " + Texts.number((double) correct / compared)
            : ", RMSE " + Texts.number(Math.sqrt(squares / compared));
    return done + metric + " on the " + compared + " with a target";
  }

  @Override
  public void close() {
    workspace.close();
  }
}
