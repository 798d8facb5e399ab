package dev.natgrad.cli;

import dev.natgrad.json.Json;
import dev.natgrad.training.CsvTable;
import dev.natgrad.training.DataException;
import dev.natgrad.training.DataSet;
import dev.natgrad.training.ModelFile;
import dev.natgrad.training.Target;
import dev.natgrad.training.TrainedModel;
import dev.natgrad.training.Trainer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code natgrad train}: from a table to a trained model. */
final class TrainCommand {
  static final Command COMMAND =
      new Command(
          "train",
          "trains a network on a CSV file",
          """
          usage: natgrad train --data FILE [OPTIONS]

          Trains a network to predict one column of a table, or several side by side, from the
          others. Text columns become categories, missing cells a category of their own or the
          column's mean, and numbers are scaled. Missing are empty cells, ?, NA, N/A, n/a, NULL,
          null, NaN and nan; None among numbers, while among texts it is a category. Part of the
          rows is kept for validation, on which training stops early, and for a test at the end. In
          parentheses: what holds where nothing is given.

          """
              + TrainSettings.TABLE.help()
              + """

          Losses are mean negative log-likelihoods in nats, without the penalty; for a gaussian
          target in units of its deviation, for a gamma target in units of its mean. The RMSE is in
          the target's own units; over several gaussian targets in units of their deviations.
          Targets that are probabilities have an RMSE too, classes an accuracy.
          Several targets count as independent given the features: their losses add. A row of
          weight 0 counts in a target's mean and deviation, the RMSE and the accuracy all the same.
          Ctrl-C or SIGTERM ends a run after its step: what it was asked for is written, and
          --resume goes on. Until then it heeds no other signal but that of kill -9.

          example: natgrad train --data iris.csv --save iris.safetensors
          """,
          TrainCommand::run);

  private TrainCommand() {}

  private static int run(List<String> args, PrintStream out, PrintStream err) {
    TrainSettings settings = new TrainSettings(args);
    StartUp.check(err);
    new OutputFiles()
        .reading("--data", settings.data)
        .writing("--save", settings.save)
        .writing("--json", settings.json)
        .writing("--report", settings.report)
        .writing("--checkpoint", settings.checkpoint)
        .keepingPrevious("--checkpoint", settings.checkpoint);
    CsvTable table = CsvTable.read(settings.data, settings.header);
    List<String> others = new ArrayList<>(settings.objective.columns());
    if (settings.ignore != null) {
      others.addAll(Target.names(table, settings.ignore));
    }
    DataSet data =
        DataSet.prepare(
            table,
            settings.target,
            settings.kind,
            others,
            settings.validationFraction,
            settings.testFraction,
            settings.standardize,
            settings.seed);
    if (!Double.isNaN(settings.parameter)) {
      data = data.withParameter(settings.parameter);
    }
    try (TrainingSetup setup = new TrainingSetup(settings, data)) {
      setup.describe().forEach(out::println);
      boolean terminal = Progress.onTerminal(out);
      Progress progress = new Progress(out, terminal, setup.options);
      try (Interruption interruption = new Interruption(err, terminal)) {
        Trainer.Listener listener =
            (outcome, history, seconds) ->
                progress.onStep(outcome, history, seconds) && !interruption.asked();
        // What goes wrong is said here: an interrupted JVM waits for no more than this block.
        return CommandLine.exitCode(
            () -> {
              TrainResult result =
                  new TrainResult(settings, setup, setup.train(listener, out, err));
              progress.end();
              result.summary().forEach(out::println);
              write(settings, setup, result, out);
              return diverged(result) ? CommandLine.FAILED : CommandLine.OK;
            },
            err);
      }
    }
  }

  private static boolean diverged(TrainResult result) {
    return result.run.stopReason() == Trainer.StopReason.DIVERGED;
  }

  /**
   * Writes what was asked for, the model first, whatever becomes of the others: a run may take
   * hours.
   */
  private static void write(
      TrainSettings settings, TrainingSetup setup, TrainResult result, PrintStream out) {
    List<String> failures = new ArrayList<>();
    if (settings.save != null) {
      String when =
          diverged(result) ? ", of step " + result.run.bestStep() + ", diverged later" : "";
      Runnable write = () -> save(settings, setup, result);
      attempt(write, "model        " + settings.save + when, out, failures);
    }
    if (settings.json != null) {
      Runnable write =
          () -> OutputFiles.replace(settings.json, Json.writeIndented(result.jsonWithHistory()));
      attempt(write, "results      " + settings.json, out, failures);
    }
    if (settings.report != null) {
      Runnable write = () -> report(settings.report, settings, setup, result);
      attempt(write, "report       " + settings.report, out, failures);
    }
    if (!failures.isEmpty()) {
      throw new UsageException(String.join("; ", failures));
    }
  }

  private static void attempt(Runnable write, String done, PrintStream out, List<String> failures) {
    try {
      write.run();
      out.println(done);
    } catch (UsageException | DataException e) {
      failures.add(e.getMessage());
    }
  }

  private static void save(TrainSettings settings, TrainingSetup setup, TrainResult result) {
    if (diverged(result) && result.run.bestStep() == 0) {
      throw new UsageException(
          "--save "
              + settings.save
              + " is not written: training diverged and nothing was better than the parameters"
              + " before any training; "
              + result.remedy());
    }
    double[] parameters = setup.parameters();
    if (!Arrays.stream(parameters).allMatch(Double::isFinite)) {
      throw new UsageException(
          "--save "
              + settings.save
              + " is not written: training diverged and its parameters are not finite; "
              + result.remedy());
    }
    TrainedModel model =
        new TrainedModel(
            setup.network,
            settings.precision,
            setup.data.features(),
            setup.data.targets(),
            parameters,
            result.json());
    ModelFile.write(settings.save, model, Version.text());
  }

  private static void report(
      Path file, TrainSettings settings, TrainingSetup setup, TrainResult result) {
    try {
      String title = "natgrad: training on " + settings.data.getFileName();
      RunReport.of(title, settings.optimizer.spelling(), setup.describe(), result).write(file);
    } catch (IOException e) {
      throw new DataException(String.valueOf(e.getMessage()), e);
    }
  }
}
