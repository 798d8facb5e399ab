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
import dev.natgrad.training.KnownTarget;
import dev.natgrad.training.TargetEncoder;
import dev.natgrad.training.TargetKind;
import dev.natgrad.training.TrainedModel;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A model applied to a table, a block of rows at a time; the off-heap memory it takes does not grow
 * with the table.
 *
 * <p>Thread rule: the thread that made it.
 */
final class Predictions implements AutoCloseable {
  private static final int BLOCK = Evaluator.BLOCK;

  /** Targets whose fit the summary tells. */
  private static final int SHOWN = 10;

  private final TargetEncoder targets;
  private final OutputDistribution distribution;
  private final FeatureRows rows;
  private final PredictedColumn[] columns;
  private final Workspace workspace;
  private final Vec theta;
  private final Linearization linearization;
  private final Mat x;
  private final Mat z;

  /** One row: mean parameters, or logits of two classes each. */
  private final double[] mean;

  /**
   * Takes the memory of one block.
   *
   * @throws dev.natgrad.training.DataException if the table lacks a column of the model
   */
  Predictions(TrainedModel model, CsvTable table) {
    this.targets = model.targets();
    Precision precision = model.precision();
    this.distribution = TrainedModel.distribution(targets);
    this.rows = model.features().bind(table);
    this.columns = new PredictedColumn[targets.columns().size()];
    for (int c = 0; c < columns.length; c++) {
      KnownTarget truth = KnownTarget.find(table, model.features(), targets, c);
      columns[c] = new PredictedColumn(targets, c, precision, truth);
    }
    this.workspace = Workspace.create(bytes(model));
    this.theta = Vec.allocate(workspace, model.parameters().length, precision);
    this.linearization = model.model().linearize(workspace, BLOCK, precision);
    this.x = Mat.allocate(workspace, BLOCK, model.model().inputs(), precision);
    this.z = Mat.allocate(workspace, BLOCK, model.model().outputs(), precision);
    this.mean = new double[model.model().outputs()];
    theta.copyFrom(model.parameters(), 0);
  }

  /** θ, a linearisation, and a block of inputs and outputs. */
  private static long bytes(TrainedModel model) {
    Precision precision = model.precision();
    return Workspace.OVERHEAD_BYTES
        + Blas.scratchBytes()
        + Vec.bytes(model.parameters().length, precision)
        + model.model().linearizationBytes(BLOCK, precision)
        + Mat.bytes(BLOCK, model.model().inputs(), precision)
        + Mat.bytes(BLOCK, model.model().outputs(), precision);
  }

  /** Writes the header and a line for each row, and flushes. */
  void write(Writer writer) throws IOException {
    StringBuilder text = new StringBuilder();
    line(text, column -> column.header(text));
    writer.append(text);
    for (int from = 0; from < rows.rows(); from += BLOCK) {
      int[] block = new int[Math.min(BLOCK, rows.rows() - from)];
      for (int i = 0; i < block.length; i++) {
        block[i] = from + i;
      }
      Mat outputs = z.top(block.length);
      rows.encode(block, x.top(block.length));
      linearization.evaluate(theta, x.top(block.length), outputs);
      if (targets.kind() != TargetKind.BERNOULLI) {
        distribution.mean(outputs, outputs);
      }
      text.setLength(0);
      for (int i = 0; i < block.length; i++) {
        outputs.copyRowTo(i, mean, 0);
        int row = block[i];
        line(text, column -> column.row(row, mean, text));
      }
      writer.append(text);
    }
    writer.flush();
  }

  private void line(StringBuilder text, Consumer<PredictedColumn> cells) {
    for (PredictedColumn column : columns) {
      cells.accept(column);
    }
    text.append('\n');
  }

  /** What the model did not know of the rows written. */
  List<String> notes() {
    List<String> notes = new ArrayList<>(rows.notes());
    Arrays.stream(columns).map(PredictedColumn::note).forEach(note -> note.ifPresent(notes::add));
    return notes;
  }

  /** One line on what was done and, where a target was there, how well. */
  String summary() {
    List<String> metrics =
        Arrays.stream(columns).map(PredictedColumn::summary).flatMap(Optional::stream).toList();
    String shown = String.join(", ", metrics.subList(0, Math.min(SHOWN, metrics.size())));
    int more = metrics.size() - SHOWN;
    return "natgrad: "
        + rows.rows()
        + (rows.rows() == 1 ? " row" : " rows")
        + (shown.isEmpty() ? "" : ", " + shown)
        + (more > 0 ? ", and " + more + " more" : "");
  }

  @Override
  public void close() {
    workspace.close();
  }
}
