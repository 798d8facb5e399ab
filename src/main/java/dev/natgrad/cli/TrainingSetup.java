package dev.natgrad.cli;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Chunked;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.LayeredModel;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.ParameterLayout;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.Radius;
import dev.natgrad.optimizer.Schedule;
import dev.natgrad.training.BatchSchedule;
import dev.natgrad.training.CheckpointException;
import dev.natgrad.training.CheckpointFile;
import dev.natgrad.training.Checkpointing;
import dev.natgrad.training.DataSet;
import dev.natgrad.training.Diagnostics;
import dev.natgrad.training.Evaluation;
import dev.natgrad.training.Evaluator;
import dev.natgrad.training.IterateAverage;
import dev.natgrad.training.OptimizerKind;
import dev.natgrad.training.Samples;
import dev.natgrad.training.TargetKind;
import dev.natgrad.training.TrainedModel;
import dev.natgrad.training.Trainer;
import dev.natgrad.training.TrainingOptions;
import dev.natgrad.training.TrainingRun;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Everything one training run needs, in one workspace whose limit is the sum of what each part says
 * it takes.
 *
 * <p>Thread rule: the thread that made it.
 */
final class TrainingSetup implements AutoCloseable {
  private static final double CHECKPOINT_SECONDS = 60;

  final DataSet data;
  final Mlp network;

  /** The network, and beside it the outputs that are parameters. */
  final LayeredModel model;

  final OutputDistribution distribution;
  final TrainingOptions options;

  /** η in force; NaN for the natural gradient. */
  final double learningRate;

  /** How the natural gradient steps; null for the others. */
  final NaturalGradientOptions natural;

  /** Off-heap bytes. */
  final long bytes;

  /** The most samples of a step. */
  private final int maxBatch;

  private final TrainSettings settings;
  private final SampleObjective objective;
  private final Workspace workspace;
  private final Samples training;
  private final Samples validation;
  private final Samples test;
  private final Optimizer optimizer;
  private final Evaluator evaluator;
  private final Trainer trainer;
  private final Looks looks = new Looks();

  /**
   * Takes the memory, encodes the samples and draws the first parameters.
   *
   * @throws UsageException if the network or the data do not fit into memory
   */
  TrainingSetup(TrainSettings settings, DataSet data) {
    this.settings = settings;
    this.data = data;
    int functions = data.targets().outputs() - data.targets().freeOutputs();
    this.network = settings.network.between(data.features().width(), functions);
    this.model = TrainedModel.model(network, data.targets());
    this.distribution = TrainedModel.distribution(data.targets());
    int count = data.split().training().length;
    this.options = options(settings, count, model.outputs(), model.parameters());
    this.maxBatch = options.batches().growth() > 1 ? count : options.batch();
    this.learningRate =
        Double.isNaN(settings.learningRate)
            ? settings.optimizer.defaultLearningRate()
            : settings.learningRate;
    this.objective =
        new SampleObjective(settings.objective, data, distribution, maxBatch, settings.precision);
    Problem problem;
    try {
      problem = problem();
      this.natural =
          settings.optimizer == OptimizerKind.NATURAL_GRADIENT
              ? settings.natural.over(defaults(problem))
              : null;
      if (natural != null && settings.chunk > 0) {
        NaturalSettings.checkChunk(natural, settings.chunk, maxBatch);
      }
      this.bytes = suiting(() -> bytes(problem));
      checkMemory();
      this.workspace = Workspace.create(bytes);
    } catch (RuntimeException | Error e) {
      objective.close();
      throw e;
    }
    try {
      this.training = samples(data.split().training());
      this.validation = samples(data.split().validation());
      this.test = samples(data.split().test());
      this.optimizer =
          suiting(() -> settings.optimizer.create(workspace, problem, natural, learningRate));
      this.evaluator = objective.evaluator(workspace, model, settings.precision);
      this.trainer =
          new Trainer(workspace, evaluator, model.parameters(), training, validation, options);
      trainer.setBatchListener(objective::next);
      if (!Double.isNaN(settings.average)) {
        trainer.setAverage(
            new IterateAverage(
                workspace, model.parameters(), settings.precision, settings.average, 1));
      }
      if (natural == null && settings.decay < 1) {
        trainer.setLearningRate(
            new Schedule.ExponentialDecay(learningRate, settings.decay, Double.MIN_NORMAL));
      }
      Initialization.AUTO.fill(
          network, settings.seed, optimizer.parameters().slice(0, network.parameters()));
      startAtTheMean();
    } catch (RuntimeException | Error e) {
      workspace.close();
      objective.close();
      throw e;
    }
  }

  private Problem problem() {
    return new Problem(
        settings.chunk == 0 ? model : new Chunked(model, settings.chunk),
        objective.distribution(),
        objective.objective(),
        maxBatch,
        settings.precision,
        settings.l2);
  }

  /**
   * Refuses what does not fit the network, which only the optimiser can tell.
   *
   * @throws UsageException if the solver does not suit the problem
   */
  private static <T> T suiting(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new UsageException("these options do not go together: " + e.getMessage());
    }
  }

  /** A count's output is a logarithm: from 0 it would be many bounded steps to a large mean. */
  private void startAtTheMean() {
    TargetKind kind = data.targets().kind();
    if (kind == TargetKind.POISSON || kind == TargetKind.NEGATIVE_BINOMIAL) {
      String last = "layer" + (network.layers().size() - 1) + ".bias";
      ParameterLayout.Block biases = network.layout().block(last);
      for (int j = 0; j < network.outputs(); j++) {
        double sum = 0;
        for (int i = 0; i < training.count(); i++) {
          sum += training.y().get(i, j);
        }
        optimizer.parameters().set(biases.offset() + j, StrictMath.log(sum / training.count()));
      }
    }
  }

  private NaturalGradientOptions defaults(Problem problem) {
    NaturalGradientOptions recommended =
        Double.isNaN(settings.epsilon)
            ? NaturalGradientOptions.recommended(problem)
            : NaturalGradientOptions.recommended(problem, Radius.within(settings.epsilon));
    return settings.natural.follows(recommended)
        ? recommended.withSeed(settings.seed)
        : OptimizerKind.natural(settings.epsilon, settings.standardize, settings.seed);
  }

  private static TrainingOptions options(
      TrainSettings settings, int count, int outputs, int parameters) {
    BatchSchedule batches =
        settings.batch == TrainSettings.GROW
            ? BatchSchedule.standard(count, outputs, parameters)
            : BatchSchedule.constant(
                settings.batch == 0
                    ? settings.optimizer.defaultBatch(count, parameters)
                    : Math.min(settings.batch, count));
    int batch = batches.growth() > 1 ? count : batches.first();
    return new TrainingOptions(
        batches,
        Math.min(settings.steps, Epochs.steps(batches, settings.epochs, count)),
        settings.seconds,
        settings.optimizer.evaluateEvery(count, batch),
        settings.patience == 0 ? settings.optimizer.patience() : settings.patience,
        settings.seed);
  }

  private long bytes(Problem problem) {
    int parameters = model.parameters();
    Precision precision = settings.precision;
    int count = data.split().training().length;
    return Workspace.OVERHEAD_BYTES
        + Blas.scratchBytes()
        + sampleBytes(count)
        + sampleBytes(data.split().validation().length)
        + sampleBytes(data.split().test().length)
        + settings.optimizer.bytes(problem, natural)
        + (Double.isNaN(settings.average) ? 0 : IterateAverage.bytes(parameters, precision))
        + Evaluator.bytes(model, precision)
        + Vec.bytes(parameters, precision)
        + sampleBytes(options.batches().mostRows(count));
  }

  private long sampleBytes(int count) {
    return count == 0
        ? 0
        : Mat.bytes(count, network.inputs(), settings.precision)
            + Mat.bytes(count, distribution.targets(), settings.precision);
  }

  /** Asked beforehand: the operating system would otherwise end the process without a word. */
  private void checkMemory() {
    long available = MachineMemory.available();
    if (bytes > available) {
      throw new UsageException(
          "training would take "
              + Texts.mebibytes(bytes)
              + " of memory and "
              + Texts.mebibytes(available)
              + " are free: choose smaller --hidden layers, a smaller --batch, or fewer rows");
    }
  }

  private Samples samples(int[] rows) {
    if (rows.length == 0) {
      return null;
    }
    Mat x = Mat.allocate(workspace, rows.length, network.inputs(), settings.precision);
    Mat y = Mat.allocate(workspace, rows.length, distribution.targets(), settings.precision);
    data.encode(rows, x, y);
    Samples samples = new Samples(x, y);
    objective.read(samples, rows, rows == data.split().training());
    return samples;
  }

  /** Trains, from the checkpoint where there is one and that was asked for. */
  TrainingRun train(Trainer.Listener shown, PrintStream out, PrintStream err) {
    Trainer.Listener listener =
        (outcome, history, seconds) -> {
          if (trainer.steps() % settings.diagnosticsEvery == 0) {
            look(trainer.steps());
          }
          return shown.onStep(outcome, history, seconds);
        };
    if (settings.checkpoint == null) {
      return trainer.train(optimizer, listener);
    }
    Checkpointing checkpointing =
        new Checkpointing(
            new CheckpointFile(settings.checkpoint),
            about(),
            settings.checkpointEvery,
            settings.checkpointEvery > 0 ? Double.POSITIVE_INFINITY : CHECKPOINT_SECONDS,
            failure -> err.println("natgrad: training goes on, but " + failure.getMessage()));
    checkpointing.with("looks", looks);
    trainer.setCheckpointing(checkpointing);
    if (!settings.resume) {
      return trainer.train(optimizer, listener);
    }
    try {
      Path file = checkpointing.restore(trainer, optimizer);
      out.println("resumed      from " + file + " after step " + trainer.steps());
    } catch (CheckpointException e) {
      if (e.reason() != CheckpointException.Reason.MISSING) {
        throw e;
      }
      out.println("resumed      from nothing: there is no " + settings.checkpoint + " yet");
      return trainer.train(optimizer, listener);
    }
    return trainer.resume(optimizer, listener);
  }

  /** Whatever must be equal for a checkpoint to be of use. */
  private Map<String, String> about() {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("data", SampleChecksum.of(objective, training, validation));
    about.put(
        "target",
        String.join(", ", data.target().names())
            + ", "
            + TrainedModel.distributionName(data.targets()));
    about.put("network", network + ", " + Texts.lower(settings.precision));
    about.put("optimiser", settings.optimizer.spelling() + (natural == null ? "" : " " + natural));
    about.put("learning rate", learningRate + ", decay " + settings.decay);
    about.put("batch", options.batches() + ", evaluated every " + options.evaluateEvery());
    about.put("chunk", Integer.toString(settings.chunk));
    about.put("objective", settings.objective.toString());
    about.put("l2", Double.toString(settings.l2));
    about.put("average", Double.toString(settings.average));
    about.put("seed", Long.toString(settings.seed));
    return about;
  }

  /** Looks at the Fisher matrix at the parameters as they are, if they are finite. */
  private void look(long step) {
    if (Arrays.stream(parameters()).allMatch(Double::isFinite)) {
      looks.add(
          new Look(
              step,
              Diagnostics.of(
                  model,
                  objective.ofFirst(training, Math.min(Diagnostics.MOST_ROWS, training.count())),
                  optimizer.parameters(),
                  training,
                  settings.seed)));
    }
  }

  /** The looks of a run that has ended, the last of them at the parameters kept. */
  List<Look> looks(TrainingRun run) {
    if (!settings.diagnostics) {
      // Those of a checkpoint, whose run was asked for them.
      return List.of();
    }
    look(run.bestStep());
    return looks.all();
  }

  /** Whether the parameters kept are an average. */
  boolean keptAverage() {
    return trainer.keptAverage();
  }

  /** Accuracy, or the error in its own units, of each target in the last evaluation. */
  double[] metricsOfTargets() {
    if (data.targets().predictsClasses()) {
      return evaluator.accuracies();
    }
    double[] metrics = evaluator.rmses();
    Arrays.setAll(metrics, c -> metrics[c] * data.targets().columns().get(c).deviation());
    return metrics;
  }

  Evaluation onTraining() {
    return evaluator.evaluate(optimizer.parameters(), training);
  }

  /** Null without validation samples. */
  Evaluation onValidation() {
    return validation == null ? null : evaluator.evaluate(optimizer.parameters(), validation);
  }

  /** Null without test samples. */
  Evaluation onTest() {
    return test == null ? null : evaluator.evaluate(optimizer.parameters(), test);
  }

  /** The parameters as they are now. */
  double[] parameters() {
    return optimizer.parameters().toArray();
  }

  /** What is settled, for the first lines of output. */
  List<String> describe() {
    return SetupText.lines(settings, this);
  }

  @Override
  public void close() {
    workspace.close();
    objective.close();
  }
}
