package dev.natgrad.cli;

import dev.natgrad.training.CsvTable;
import dev.natgrad.training.FeatureEncoder;
import dev.natgrad.training.Target;
import java.util.ArrayList;
import java.util.List;

/** What is settled before a run, as the first lines of output. */
final class SetupText {
  private SetupText() {}

  static List<String> lines(TrainSettings settings, TrainingSetup setup) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "data         "
            + setup.data.split().training().length
            + " rows to train, "
            + setup.data.split().validation().length
            + " to validate, "
            + setup.data.split().test().length
            + " to test");
    lines.add(
        "target       "
            + Texts.quoted(setup.data.target().names())
            + ": "
            + setup.data.target().reason());
    lines.add("features     " + features(setup.data.features()));
    if (settings.ignore != null) {
      CsvTable table = setup.data.table();
      List<String> names =
          Target.names(table, settings.ignore).stream()
              .map(word -> table.name(Target.column(table, word)))
              .toList();
      lines.add("ignored      " + Texts.quoted(names));
    }
    setup.data.notes().forEach(note -> lines.add("note         " + Texts.oneLine(note)));
    lines.add(
        "network      "
            + setup.network
            + shared(setup.data.targets().freeOutputs())
            + ", "
            + setup.model.parameters()
            + " parameters, "
            + Texts.lower(settings.precision));
    lines.add("optimiser    " + settings.optimizer.spelling() + ", " + stepSize(settings, setup));
    lines.add(
        "batch        " + batch(setup) + "; " + Texts.mebibytes(setup.bytes) + " off the heap");
    return lines;
  }

  /** What each column was taken for: one bad cell makes categories of a column of numbers. */
  private static String features(FeatureEncoder features) {
    List<String> parts = new ArrayList<>();
    int numbers = features.numbers();
    if (numbers > 0) {
      parts.add(numbers + (numbers == 1 ? " column of numbers" : " columns of numbers"));
    }
    List<String> texts = new ArrayList<>();
    features.categories().forEach((name, n) -> texts.add(Texts.quoted(name) + " (" + n + ")"));
    if (!texts.isEmpty()) {
      parts.add("categories of " + Texts.listed(texts));
    }
    return String.join("; ", parts);
  }

  private static String shared(int free) {
    return free == 0 ? "" : " and " + (free == 1 ? "a log-variance" : free + " log-variances");
  }

  private static String batch(TrainingSetup setup) {
    boolean grows = setup.options.batches().growth() > 1;
    if (!grows && setup.options.batch() == setup.data.split().training().length) {
      return "all training rows";
    }
    return setup.options.batch()
        + " rows"
        + (grows ? ", " + setup.options.batches().growth() + " times as many each step" : "");
  }

  private static String stepSize(TrainSettings settings, TrainingSetup setup) {
    if (!Double.isNaN(setup.learningRate)) {
      return "learning rate " + setup.learningRate;
    }
    return Double.isNaN(settings.epsilon)
        ? "the KL bound of a step is found on the way (--epsilon auto)"
        : "no step moves the predictions by more than " + settings.epsilon + " nats";
  }
}
