package dev.natgrad.cli;

import dev.natgrad.demo.CurvesStudy;
import dev.natgrad.demo.GaussianStudy;
import dev.natgrad.demo.SpiralStudy;
import dev.natgrad.json.Json;
import dev.natgrad.report.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code natgrad demo}: the method and its controls on data made from a seed, with a report. */
final class DemoCommand {
  private static final double DEFAULT_SECONDS = 48;

  /** The part of the time given to the spirals; the rest goes to the curves. */
  private static final double SPIRAL_SHARE = 0.25;

  private static final OptionTable OPTIONS =
      OptionTable.of(
          "demo",
          new Option(
              "--report",
              "FILE",
              "where to write the report (natgrad-report.html, in the folder\n"
                  + "target if there is one)"),
          new Option("--json", "FILE", "also write the results as JSON"),
          new Option("--pictures", "FOLDER", "also write every figure as an SVG file"),
          new Option("--seed", "N", "the seed of data, weights and batches (1)"),
          new Option(
              "--seconds",
              "S",
              "training time of all runs together (48); start-up and warm-up\n" + "come on top"));

  static final Command COMMAND =
      new Command(
          "demo",
          "trains on three problems made from a seed and writes a report",
          """
          usage: natgrad demo [OPTIONS]

          Fits a Gaussian by its two parameters, tells three spirals apart, and trains a deep
          autoencoder on images of curves: with the natural gradient and with its controls, each
          for the same time. Prints the comparison and writes a report with pictures.

          """
              + OPTIONS.help(),
          DemoCommand::run);

  private DemoCommand() {}

  /**
   * Carries out the command.
   *
   * @param args its options
   * @param out for results
   * @param err for warnings
   * @return the exit code
   * @throws UsageException if an option cannot be used; nothing has been written then
   */
  static int run(List<String> args, PrintStream out, PrintStream err) {
    Options options = OPTIONS.parse(args);
    final long seed = options.whole("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE);
    final double seconds =
        options.number(
            "--seconds", DEFAULT_SECONDS, s -> s > 0 && s <= 86_400, "above 0, at most 86400");
    Path file = options.path("--report");
    if (file == null) {
      Path target = Path.of("target");
      file = (Files.isDirectory(target) ? target : Path.of("")).resolve("natgrad-report.html");
    }
    Path json = options.path("--json");
    Path pictures = options.path("--pictures");
    requireFolder(options, "--report", file);
    if (json != null) {
      requireFolder(options, "--json", json);
    }
    if (pictures != null && !Files.isDirectory(pictures)) {
      throw options.wrong("--pictures", pictures.toString(), "a folder that exists");
    }
    new OutputFiles().writing("--report", file).writing("--json", json);
    StartUp.check(err);
    DemoResults results = study(seed, seconds, out);
    try {
      Report report = DemoReport.of(results);
      report.write(file);
      if (json != null) {
        OutputFiles.replace(json, Json.writeIndented(DemoTables.json(results)));
      }
      if (pictures != null) {
        SvgFiles.write(report, pictures);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    Path absolute = file.toAbsolutePath().normalize();
    out.println();
    out.println("Report: " + absolute);
    out.println("        open " + absolute.toUri() + " in a browser");
    return CommandLine.OK;
  }

  private static void requireFolder(Options options, String name, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
      throw options.wrong(name, file.toString(), "a file in a folder that exists");
    }
  }

  private static DemoResults study(long seed, double seconds, PrintStream out) {
    DemoProgress progress = new DemoProgress(out, DemoProgress.isTerminal());
    out.println("natgrad demo, seed " + seed + ": three problems, about " + total(seconds) + " s");
    GaussianStudy gaussian = GaussianStudy.run(seed, progress);
    progress.clear();
    out.print(DemoTables.gaussian(gaussian));
    SpiralStudy spirals = SpiralStudy.run(seed, seconds * SPIRAL_SHARE / 4, progress);
    progress.clear();
    out.print(DemoTables.spirals(spirals));
    CurvesStudy curves = CurvesStudy.run(seed, seconds * (1 - SPIRAL_SHARE) / 3, progress);
    progress.clear();
    out.print(DemoTables.curves(curves));
    return new DemoResults(seed, seconds, gaussian, spirals, curves);
  }

  private static long total(double seconds) {
    return Math.round(1.15 * seconds + 3);
  }
}
