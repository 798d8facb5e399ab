package dev.natgrad.cli;

import dev.natgrad.training.CsvTable;
import dev.natgrad.training.Header;
import dev.natgrad.training.ModelFile;
import dev.natgrad.training.TrainedModel;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** {@code natgrad predict}: applies a trained model to a table. */
final class PredictCommand {
  private static final OptionTable TABLE =
      OptionTable.of(
          "predict",
          new Option("--model", "FILE", "a file written by natgrad train --save (needed)"),
          new Option("--data", "FILE", "CSV with the columns used in training (needed)"),
          HeaderOption.OPTION,
          new Option("--output", "FILE", "where the predictions go (standard output)"));

  static final Command COMMAND =
      new Command(
          "predict",
          "applies a trained model to a CSV file",
          """
          usage: natgrad predict --model FILE --data FILE [--header yes|no|auto] [--output FILE]

          Writes one line of CSV for each row of the data. A target of classes: the most probable
          class and each class's probability. A target of probabilities: the probability. Any other:
          the mean, in the target's units, and for diagonal- and shared-gaussian ones a column with
          the deviation, in the same. Several targets stand side by side, each heading with its
          target's name. Columns are found by name where both files have a header, by place
          otherwise, where the columns that --ignore named must stand too, empty if need be. The
          target columns may be there or not; where they are, the accuracy or the RMSE is written
          to standard error. A category unknown to the model counts as missing, and a note says so.

          """
              + TABLE.help()
              + """

          example: natgrad predict --model iris.safetensors --data new.csv --output predicted.csv
          """,
          PredictCommand::run);

  private PredictCommand() {}

  private static int run(List<String> args, PrintStream out, PrintStream err) {
    Options options = TABLE.parse(args);
    options.required("--model");
    options.required("--data");
    Path model = options.path("--model");
    Path data = options.path("--data");
    Header header = HeaderOption.of(options);
    Path output = options.path("--output");
    StartUp.check(err);
    new OutputFiles().reading("--model", model).reading("--data", data).writing("--output", output);
    TrainedModel trained = ModelFile.read(model);
    CsvTable table = trained.features().read(data, header);
    try (Predictions predictions = new Predictions(trained, table)) {
      if (output == null) {
        print(predictions, out);
      } else {
        OutputFiles.replace(
            output,
            channel -> {
              BufferedOutputStream stream =
                  new BufferedOutputStream(Channels.newOutputStream(channel));
              predictions.write(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
            });
      }
      if (header == Header.AUTO && trained.features().hasHeader() && !table.hasHeader()) {
        err.println(
            "natgrad: "
                + data
                + " is read without a header, columns by their places; if its first line names"
                + " them, give --header yes");
      }
      table.skipped().ifPresent(note -> err.println("natgrad: " + note));
      predictions.notes().forEach(note -> err.println("natgrad: " + Texts.oneLine(note)));
      err.println(predictions.summary());
    }
    return CommandLine.OK;
  }

  private static void print(Predictions predictions, PrintStream out) {
    try {
      predictions.write(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    // A PrintStream keeps its failures to itself.
    if (out.checkError()) {
      throw new UsageException(
          "the predictions are incomplete: standard output is full or was closed (--output FILE"
              + " writes all of them or none)");
    }
  }
}
