package dev.natgrad.cli;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.objective.NegativeLogLikelihood;
import dev.natgrad.objective.Objective;
import dev.natgrad.objective.PolicySurrogate;
import dev.natgrad.training.Batches;
import dev.natgrad.training.DataException;
import dev.natgrad.training.DataSet;
import dev.natgrad.training.Diagnostics;
import dev.natgrad.training.Evaluator;
import dev.natgrad.training.Samples;
import dev.natgrad.training.Target;
import dev.natgrad.training.TargetKind;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objective of a run with what it needs of every row, told batch by batch in training and block
 * by block in evaluation. Its memory is a workspace of its own.
 *
 * <p>Thread rule: the thread that made it.
 */
final class SampleObjective implements AutoCloseable {
  /** How far above 0 the logarithm of a probability of 1 may be recorded. */
  private static final double LOG_ROUNDING = 1e-6;

  /** Weights that are all below it are enlarged. */
  private static final double SMALL = 0x1p-512;

  private final ObjectiveSettings settings;
  private final DataSet data;
  private final Workspace workspace;
  private final OutputDistribution base;

  /** For steps, and for evaluation and diagnostics. */
  private final Told steps;

  private final Told blocks;
  private final Map<Samples, Vec[]> values = new IdentityHashMap<>();
  private final Map<Samples, Double> means = new IdentityHashMap<>();
  private Vec[] training;
  private double trainingMean;

  /** A distribution and an objective of up to so many rows, and room for a batch's values. */
  private final class Told {
    final OutputDistribution distribution;
    final Objective objective;
    final BatchViews<Vec[]> room;

    Told(int rows, Precision precision) {
      this.distribution =
          settings.kind() == ObjectiveSettings.Kind.WEIGHTED
              ? new Weighted(workspace, base, rows, precision)
              : base;
      this.objective =
          settings.kind() == ObjectiveSettings.Kind.POLICY
              ? new PolicySurrogate(workspace, base, rows, precision)
              : new NegativeLogLikelihood(distribution);
      Vec[] all = new Vec[settings.columns().size()];
      for (int c = 0; c < all.length; c++) {
        all[c] = Vec.allocate(workspace, rows, Precision.F64);
      }
      this.room = new BatchViews<>(rows, n -> parts(all, n));
    }

    void tell(Vec[] batch, double mean) {
      switch (settings.kind()) {
        case LIKELIHOOD -> {
          // Nothing but the targets counts.
        }
        case WEIGHTED -> ((Weighted) distribution).setWeights(batch[0], mean);
        case POLICY -> ((PolicySurrogate) objective).setBatch(batch[0], batch[1]);
      }
    }
  }

  private static Vec[] parts(Vec[] all, int rows) {
    Vec[] parts = new Vec[all.length];
    for (int c = 0; c < parts.length; c++) {
      parts[c] = all[c].slice(0, rows);
    }
    return parts;
  }

  /** Takes its memory, for steps of up to {@code maxBatch} rows. */
  SampleObjective(
      ObjectiveSettings settings,
      DataSet data,
      OutputDistribution base,
      int maxBatch,
      Precision precision) {
    this.settings = settings;
    this.data = data;
    this.base = base;
    this.workspace = Workspace.create();
    try {
      this.steps = new Told(maxBatch, precision);
      this.blocks = new Told(Math.max(Evaluator.BLOCK, Diagnostics.MOST_ROWS), precision);
    } catch (RuntimeException | Error e) {
      workspace.close();
      throw e;
    }
  }

  /** P(y | z) of the steps, with weights where there are some. */
  OutputDistribution distribution() {
    return steps.distribution;
  }

  /** What the steps lower. */
  Objective objective() {
    return steps.objective;
  }

  /** Reports the objective as the loss. */
  Evaluator evaluator(Workspace owner, dev.natgrad.model.Model model, Precision precision) {
    Evaluator evaluator =
        new Evaluator(owner, model, blocks.distribution, blocks.objective, precision);
    evaluator.setBlockListener(this::tellBlock);
    return evaluator;
  }

  private void tellBlock(Samples samples, int from, int rows) {
    Vec[] block = blocks.room.of(rows);
    Vec[] all = values.get(samples);
    for (int c = 0; c < block.length; c++) {
      for (int i = 0; i < rows; i++) {
        block[c].set(i, all[c].get(from + i));
      }
    }
    blocks.tell(block, means.get(samples));
  }

  /** P(y | z) of the first rows of some samples, with their weights where there are some. */
  OutputDistribution ofFirst(Samples samples, int rows) {
    tellBlock(samples, 0, rows);
    return blocks.distribution;
  }

  /**
   * Reads what it needs of some rows.
   *
   * @throws DataException if a value is missing or out of range
   */
  void read(Samples samples, int[] rows, boolean forTraining) {
    List<String> columns = settings.columns();
    Vec[] read = new Vec[columns.size()];
    double mean = 1;
    for (int c = 0; c < read.length; c++) {
      read[c] = Vec.allocate(workspace, rows.length, Precision.F64);
      int column = Target.column(data.table(), columns.get(c));
      double shift = isLogProbability(c) ? logUnits() : 0;
      for (int i = 0; i < rows.length; i++) {
        double value = value(column, rows[i]);
        if (isLogProbability(c)) {
          checkLogProbability(column, rows[i], value);
        }
        read[c].set(i, value + shift);
      }
      if (settings.kind() == ObjectiveSettings.Kind.WEIGHTED) {
        enlarge(read[c]);
        mean = mean(read[c]);
      }
    }
    if (!(mean > 0)) {
      throw new DataException(
          data.table().file()
              + ": the weights of "
              + rows.length
              + " rows that belong together are all 0; at least one must be above 0");
    }
    values.put(samples, read);
    means.put(samples, mean);
    if (forTraining) {
      training = read;
      trainingMean = mean;
    }
  }

  /** Only their ratios count, and the mean of denormal ones has no digits: exact. */
  private static void enlarge(Vec weights) {
    if (Arrays.stream(weights.toArray()).allMatch(weight -> weight < SMALL)) {
      for (int i = 0; i < weights.length(); i++) {
        weights.set(i, weights.get(i) / SMALL);
      }
    }
  }

  /** In units of a power of two near the greatest, since weights such as 1e308 have no sum. */
  private static double mean(Vec weights) {
    double greatest = 0;
    for (int i = 0; i < weights.length(); i++) {
      greatest = Math.max(greatest, weights.get(i));
    }
    int unit = Math.getExponent(greatest);
    double sum = 0;
    for (int i = 0; i < weights.length(); i++) {
      sum += Math.scalb(weights.get(i), -unit);
    }
    return Math.scalb(sum / weights.length(), unit);
  }

  /**
   * Of a class or a count a probability itself, logged in place of its logarithm, would be taken
   * for one without a word; a density may be above 1.
   */
  private void checkLogProbability(int column, int row, double value) {
    TargetKind kind = data.targets().kind();
    boolean density = kind.isQuantity() && !kind.counts();
    if (!density && value > LOG_ROUNDING) {
      throw new DataException(
          data.table().file()
              + ": column '"
              + data.table().name(column)
              + "' of --objective has "
              + value
              + " in row "
              + (row + 1)
              + "; the logarithm of a probability is at most 0: give ln(p), not p");
    }
  }

  private boolean isLogProbability(int column) {
    return settings.kind() == ObjectiveSettings.Kind.POLICY && column == 1;
  }

  /**
   * What the density of encoded targets has above that of the columns' own units, in which actions
   * are logged: Σ ln(unit), 0 for classes and counts.
   */
  private double logUnits() {
    return data.targets().columns().stream()
        .mapToDouble(column -> StrictMath.log(column.deviation()))
        .sum();
  }

  private double value(int column, int row) {
    boolean weight = settings.kind() == ObjectiveSettings.Kind.WEIGHTED;
    double value = data.table().isNumeric(column) ? data.table().number(column, row) : Double.NaN;
    if (!Double.isFinite(value) || weight && value < 0) {
      throw new DataException(
          data.table().file()
              + ": column '"
              + data.table().name(column)
              + "' of --objective has "
              + (Double.isNaN(value) ? "no number" : Double.toString(value))
              + " in row "
              + (row + 1)
              + "; it must be a finite number"
              + (weight ? ", at least 0" : "")
              + ": correct the cell");
    }
    return value;
  }

  /** What was read of some samples' rows, one vector for each column. */
  Vec[] values(Samples samples) {
    return values.get(samples);
  }

  /** Tells the steps' objective of the batch to come. */
  void next(Batches batches) {
    Vec[] batch = steps.room.of(batches.current().count());
    for (int c = 0; c < batch.length; c++) {
      batches.gather(training[c], batch[c]);
    }
    steps.tell(batch, trainingMean);
  }

  @Override
  public void close() {
    workspace.close();
  }
}
