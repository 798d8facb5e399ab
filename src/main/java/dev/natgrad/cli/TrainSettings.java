package dev.natgrad.cli;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.memory.Precision;
import dev.natgrad.training.Header;
import dev.natgrad.training.OptimizerKind;
import dev.natgrad.training.TargetKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code natgrad train} was asked to do, every value within its range. */
final class TrainSettings {
  static final Precision DEFAULT_PRECISION = Precision.F32;

  /** As a batch: {@link dev.natgrad.training.BatchSchedule#standard}. */
  static final int GROW = -1;

  private static final double DEFAULT_SECONDS = 60;

  static final OptionTable TABLE = new OptionTable("train", options());

  private static List<Option> options() {
    List<Option> options =
        new ArrayList<>(
            List.of(
                new Option(
                    "--data", "FILE", "CSV, plain or gzip, with or without a header (needed)"),
                HeaderOption.OPTION,
                new Option(
                    "--target",
                    "last|NAME|NUMBER[,...]",
                    "column to predict: its name, its number from 1, or last; several\n"
                        + "of one kind between commas, as in speed,torque (last)"),
                new Option(
                    "--ignore",
                    "COLUMN[,...]",
                    "columns that are no features, such as a number of each row,\n"
                        + "named as a target is (none)"),
                new Option(
                    "--distribution",
                    "NAME",
                    "what a target is taken for: categorical; bernoulli; gaussian;\n"
                        + "diagonal-gaussian, with a variance of its own; shared-gaussian,\n"
                        + "with one variance for all rows, learnt too; poisson;\n"
                        + "negative-binomial[:A], of dispersion A (1); gamma[:K], of shape\n"
                        + "K (1); auto decides and says why (auto)"),
                new Option(
                    "--optimizer",
                    "NAME",
                    "natural-gradient (the default), gradient-descent, momentum or adam"),
                new Option(
                    "--epsilon",
                    "auto|NATS",
                    "natural gradient: no step moves the predictions by a larger KL;\n"
                        + "auto follows how well the steps do (auto)"),
                new Option(
                    "--learning-rate", "auto|RATE", "the other optimisers: their step size (auto)"),
                new Option(
                    "--decay",
                    "F",
                    "multiplies the learning rate, a given --epsilon and a fixed\n"
                        + "--damping after each step; above 0, at most 1 (1)"),
                new Option(
                    "--batch",
                    "auto|N|full|grow",
                    "samples of a step; grow: few at first, all in the end (auto)"),
                new Option(
                    "--chunk",
                    "N",
                    "rows of a step that are computed at once, a\n"
                        + "multiple of 256; bounds the memory of large batches (all)"),
                new Option("--seconds", "S", "longest training time (60)"),
                new Option("--steps", "N", "most steps (no limit)"),
                new Option(
                    "--epochs",
                    "N",
                    "most passes over the training rows; the rest of a pass that\n"
                        + "fills no batch is left out (no limit)"),
                new Option(
                    "--patience",
                    "auto|N",
                    "evaluations without a better validation loss before it stops (auto)"),
                new Option(
                    "--test-fraction", "F", "share of the rows kept for the final test (0.2)"),
                new Option(
                    "--validation-fraction",
                    "F",
                    "share of the rows on which to stop early; 0: never stop early (0.1)"),
                new Option(
                    "--l2", "X", "weight of the penalty X/2 times the squared parameters (0)"),
                new Option("--no-standardize", null, "take numbers as they are"),
                new Option("--precision", "f32|f64", "numbers of 4 or 8 bytes (f32)"),
                new Option("--seed", "N", "decides the split, the start and every draw (1)"),
                new Option("--save", "FILE", "write the model, for natgrad predict"),
                new Option("--json", "FILE", "write the results as JSON"),
                new Option("--report", "FILE", "write the course of the training as an HTML page"),
                new Option(
                    "--diagnostics",
                    null,
                    "look at the Fisher matrix at the end: eigenvalues, effective\n"
                        + "dimension, and the KL divergence against its quadratic model"),
                new Option(
                    "--diagnostics-every",
                    "N",
                    "look at it every N steps too, which takes a while each time"),
                new Option(
                    "--average",
                    "off|all|DECAY",
                    "also try the mean of all steps' parameters, or a decaying one;\n"
                        + "it is kept where it is better (off)"),
                new Option(
                    "--checkpoint", "FILE", "keep the state of the run in FILE and FILE.previous"),
                new Option(
                    "--checkpoint-every", "N", "steps between two of them (about a minute apart)"),
                new Option(
                    "--resume",
                    null,
                    "go on from --checkpoint as if never stopped; --steps and\n"
                        + "--seconds count from the first start")));
    int first = options.stream().map(Option::name).toList().indexOf("--optimizer");
    options.addAll(first, NetworkSettings.OPTIONS);
    options.add(first, ObjectiveSettings.OPTION);
    int place = options.stream().map(Option::name).toList().indexOf("--learning-rate");
    options.addAll(place, NaturalSettings.OPTIONS);
    return options;
  }

  final Path data;
  final Header header;
  final String target;

  /** Null for none. */
  final String ignore;

  final TargetKind kind;

  /** The dispersion or shape of its distribution, or NaN for the usual one. */
  final double parameter;

  final ObjectiveSettings objective;
  final NetworkSettings network;
  final OptimizerKind optimizer;

  /** ε in nats, or NaN for auto. */
  final double epsilon;

  /** η, or NaN for the optimiser's own. */
  final double learningRate;

  /** Samples of a step, or 0 for the optimiser's own, or {@link #GROW}. */
  final int batch;

  /** Rows computed at once, or 0 for all. */
  final int chunk;

  final double seconds;
  final long steps;

  /** Passes over the training rows. */
  final long epochs;

  /** Evaluations, or 0 for the optimiser's own. */
  final int patience;

  final double testFraction;
  final double validationFraction;
  final double l2;
  final boolean standardize;
  final Precision precision;
  final long seed;
  final Path save;
  final Path json;
  final Path report;
  final NaturalSettings natural;

  /** What rates are multiplied by after each step. */
  final double decay;

  /** The most of the old mean that an average keeps, or NaN for no average. */
  final double average;

  final Path checkpoint;

  /** Steps, or 0 for about a minute. */
  final long checkpointEvery;

  final boolean resume;
  final boolean diagnostics;

  /** Steps between looks at the Fisher matrix. */
  final long diagnosticsEvery;

  /**
   * Reads a command line.
   *
   * @throws UsageException naming the option, its value and its range
   */
  TrainSettings(List<String> args) {
    Options o = TABLE.parse(args);
    o.required("--data");
    data = o.path("--data");
    header = HeaderOption.of(o);
    target = o.text("--target", "last");
    ignore = o.text("--ignore", null);
    String name = o.text("--distribution", TargetKind.AUTO.spelling());
    int colon = name.indexOf(':');
    kind =
        o.choiceOf(
            "--distribution",
            colon < 0 ? name : name.substring(0, colon),
            List.of(TargetKind.values()),
            TargetKind::spelling);
    parameter = colon < 0 ? Double.NaN : parameter(o, kind, name.substring(colon + 1));
    objective = ObjectiveSettings.of(o);
    network = NetworkSettings.of(o);
    optimizer =
        o.choice(
            "--optimizer",
            OptimizerKind.NATURAL_GRADIENT,
            List.of(OptimizerKind.values()),
            OptimizerKind::spelling);
    epsilon = orAuto(o, "--epsilon");
    learningRate = orAuto(o, "--learning-rate");
    batch = batch(o);
    chunk = (int) o.whole("--chunk", 0, 1, Integer.MAX_VALUE - 1);
    if (chunk % BatchViews.BLOCK != 0) {
      throw o.wrong("--chunk", Integer.toString(chunk), "a multiple of " + BatchViews.BLOCK);
    }
    seconds =
        o.number("--seconds", DEFAULT_SECONDS, s -> s > 0 && s <= 1e9, "above 0 and at most 1e9");
    steps = o.whole("--steps", Long.MAX_VALUE, 1, Long.MAX_VALUE);
    epochs = o.whole("--epochs", Long.MAX_VALUE, 1, 1_000_000_000);
    patience =
        o.text("--patience", "auto").equals("auto")
            ? 0
            : (int) o.whole("--patience", "auto, or ", 0, 1, Integer.MAX_VALUE);
    testFraction = fraction(o, "--test-fraction", 0.2);
    validationFraction = fraction(o, "--validation-fraction", 0.1);
    l2 = o.number("--l2", 0, x -> x >= 0 && x <= 1e6, "from 0 to 1e6");
    standardize = !o.has("--no-standardize");
    precision =
        o.choice("--precision", DEFAULT_PRECISION, List.of(Precision.values()), this::lower);
    seed = o.whole("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE);
    save = o.path("--save");
    json = o.path("--json");
    report = o.path("--report");
    decay = o.number("--decay", 1, x -> x > 0 && x <= 1, "above 0 and at most 1");
    natural = new NaturalSettings(o, decay, l2);
    average =
        switch (o.text("--average", "off")) {
          case "off" -> Double.NaN;
          case "all" -> 1;
          default -> o.number("--average", 1, x -> x > 0 && x <= 1, "off, all, or in (0, 1]");
        };
    checkpoint = o.path("--checkpoint");
    checkpointEvery = o.whole("--checkpoint-every", 0, 1, Long.MAX_VALUE);
    resume = o.has("--resume");
    diagnosticsEvery = o.whole("--diagnostics-every", Long.MAX_VALUE, 1, Long.MAX_VALUE);
    diagnostics = o.has("--diagnostics") || o.has("--diagnostics-every");
    checkTogether(o);
  }

  private void checkTogether(Options o) {
    boolean isNatural = optimizer == OptimizerKind.NATURAL_GRADIENT;
    if (isNatural && !Double.isNaN(learningRate)) {
      throw o.refusal(
          "--learning-rate has no meaning for natural-gradient, whose step follows from --epsilon;"
              + " leave it out");
    }
    if (!isNatural && !Double.isNaN(epsilon)) {
      throw o.refusal(
          "--epsilon has no meaning for "
              + optimizer.spelling()
              + ", which has no KL bound; leave it out, or give --learning-rate");
    }
    if (optimizer != OptimizerKind.NATURAL_GRADIENT && !this.natural.given().isEmpty()) {
      throw o.refusal(
          this.natural.given().get(0)
              + " has no meaning for "
              + optimizer.spelling()
              + "; leave it out, or choose --optimizer natural-gradient");
    }
    checkEffect(o, isNatural);
    if (checkpoint == null && (resume || checkpointEvery > 0)) {
      throw o.refusal(
          (resume ? "--resume" : "--checkpoint-every") + " needs --checkpoint FILE beside it");
    }
    if (testFraction + validationFraction >= 1) {
      throw o.refusal(
          "--test-fraction "
              + testFraction
              + " and --validation-fraction "
              + validationFraction
              + " leave nothing to train on; their sum must be below 1");
    }
  }

  /** What changes nothing was meant to: it is refused, not passed over. */
  private void checkEffect(Options o, boolean isNatural) {
    if (decay < 1 && isNatural && Double.isNaN(epsilon) && !natural.fixedDamping()) {
      throw o.refusal(
          "--decay has no meaning for an automatic --epsilon and --damping, which follow how well"
              + " the steps do; leave it out, or give --epsilon NATS or --damping fixed:X");
    }
    if (patience > 0 && validationFraction == 0) {
      throw o.refusal(
          "--patience has no meaning for --validation-fraction 0, which never stops early; leave it"
              + " out, or keep some rows for validation");
    }
    if (o.has("--diagnostics-every") && json == null && report == null && checkpoint == null) {
      throw o.refusal(
          "--diagnostics-every needs --json or --report beside it, where its looks are shown; or"
              + " give --diagnostics for the last one alone");
    }
  }

  private static double parameter(Options o, TargetKind kind, String text) {
    if (!kind.hasParameter()) {
      throw o.refusal(
          "--distribution " + kind.spelling() + " takes no number; '" + text + "' was given");
    }
    double least = kind == TargetKind.GAMMA ? 1e-3 : 1e-9;
    return o.numberOf(
        "--distribution " + kind.spelling() + ":",
        text,
        x -> x >= least && x <= 1e9,
        "from " + least + " to 1e9");
  }

  private <E extends Enum<E>> String lower(E constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static double fraction(Options o, String name, double fallback) {
    return o.number(name, fallback, f -> f >= 0 && f < 1, "at least 0 and below 1");
  }

  private static double orAuto(Options o, String name) {
    return o.text(name, "auto").equals("auto")
        ? Double.NaN
        : o.number(name, Double.NaN, x -> x > 0 && x <= 1e6, "auto, or above 0 and at most 1e6");
  }

  private static int batch(Options o) {
    return switch (o.text("--batch", "auto")) {
      case "auto" -> 0;
      case "full" -> Integer.MAX_VALUE;
      case "grow" -> GROW;
      default -> (int) o.whole("--batch", "auto, full, grow, or ", 0, 1, Integer.MAX_VALUE);
    };
  }
}
