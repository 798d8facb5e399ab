package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.ChildJvm;
import dev.natgrad.linalg.Simd;
import dev.natgrad.memory.Precision;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Times one family of kernels beside its peers: the table on standard output, the rows as JSON. */
public final class Scorecard {
  private static final String FAMILIES =
      "gemm, small, skinny, level1, level2, factor, maps, threads, polluted, width, fisher, step,"
          + " cliff";
  // A scorecard may take three minutes: the largest shapes need more than their share.
  private static final double BUDGET_SECONDS =
      Double.parseDouble(System.getProperty("natgrad.scorecard.seconds", "100"));
  private static final double WARM_UP_SHARE = 0.35;

  private Scorecard() {}

  /**
   * Runs one scorecard.
   *
   * @param args the family, and the folder for {@code scorecard-FAMILY.json}
   * @throws Exception if a peer disagrees with natgrad, or the file cannot be written
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      throw new IllegalArgumentException("choose one with -Dscorecard=NAME: " + FAMILIES);
    }
    if (args[0].equals(PollutedJvm.CHILD)) {
      PollutedJvm.serve(args[1]);
      return;
    }
    if (args[0].equals(Cliff.CHILD)) {
      System.exit(Cliff.serve(args[1]) == 0 ? 0 : 1);
    }
    if (args[0].equals(Cliff.NAME)) {
      System.exit(Cliff.run() == 0 ? 0 : 1);
    }
    if (args[0].equals("width") && Simd.bits() != 256) {
      System.exit(
          ChildJvm.builder(Scorecard.class, List.of("-XX:UseAVX=2"), args)
              .inheritIO()
              .start()
              .waitFor());
    }
    // Variables that choose the peers' kernels by hand: they are to show what they choose
    // themselves.
    if (System.getenv().keySet().stream().anyMatch(Scorecard::steersPeers)) {
      ProcessBuilder child = ChildJvm.builder(Scorecard.class, List.of(), args).inheritIO();
      child.environment().keySet().removeIf(Scorecard::steersPeers);
      System.exit(child.start().waitFor());
    }
    System.out.printf(
        Locale.ROOT,
        "natgrad scorecard %s: %d-bit vectors, Java %s, load average %.1f%n",
        args[0],
        Simd.bits(),
        Runtime.version(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    List<Row> rows =
        args[0].equals("polluted")
            ? PollutedJvm.measure(BUDGET_SECONDS)
            : measure(
                cases(args[0]),
                args[0].equals("width"),
                args[0].equals("threads") ? Timing.WALL : Timing.PROCESSOR);
    print(rows);
    Path file = Path.of(args[1], "scorecard-" + args[0] + ".json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, rows.stream().map(Row::json).collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n")));
  }

  private static boolean steersPeers(String variable) {
    return (variable.startsWith("OPENBLAS_") || variable.startsWith("MKL_"))
        && !variable.endsWith("_NUM_THREADS");
  }

  private static List<Case> cases(String family) {
    return switch (family) {
      case "gemm" -> Products.square();
      case "small" -> Products.small();
      case "skinny" -> Products.skinny();
      case "level1" -> Level1Cases.all();
      case "level2" -> Level2Cases.all();
      case "factor" -> FactorCases.all();
      case "maps" -> MapCases.all();
      case "threads" -> ThreadCases.all();
      case "width" -> Products.width();
      case "fisher" -> FisherCases.all();
      case "step" -> StepCases.all();
      default ->
          throw new IllegalArgumentException(
              "scorecard is '" + family + "'; it must be one of " + FAMILIES);
    };
  }

  private static List<Row> measure(List<Case> cases, boolean limitIsPeer, LongSupplier clock) {
    List<Timing> timings = new ArrayList<>();
    long start = System.nanoTime();
    for (Case c : cases) {
      c.check();
      List<Runnable> all = new ArrayList<>();
      c.contenders().forEach(contender -> all.add(contender.call()));
      all.add(c.limit().call());
      timings.add(new Timing(all, clock));
    }
    Timing.warmUp(timings, WARM_UP_SHARE * BUDGET_SECONDS);
    long end = start + (long) (1e9 * BUDGET_SECONDS);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      double left = 1e-9 * (end - System.nanoTime());
      double[] seconds = timings.get(i).medians(left / (cases.size() - i));
      rows.add(row(cases.get(i), seconds, limitIsPeer));
    }
    return rows;
  }

  private static Row row(Case c, double[] seconds, boolean limitIsPeer) {
    Map<String, Double> rates = new LinkedHashMap<>();
    int n = c.contenders().size();
    for (int i = 0; i < n; i++) {
      rates.put(c.contenders().get(i).name(), 1e-9 * c.work() / seconds[i]);
    }
    double limit = 1e-9 * c.limit().work() / seconds[n];
    if (limitIsPeer) {
      rates.put(Simd.bits() + "-bit " + c.limit().label(), limit);
    }
    return new Row(c.name(), c.precision(), c.shape(), c.unit(), rates, limit);
  }

  private static void print(List<Row> rows) {
    List<String> peers =
        rows.stream()
            .flatMap(r -> r.rates().keySet().stream())
            .filter(name -> !name.equals(Contender.NATGRAD))
            .distinct()
            .toList();
    String names = peers.stream().map(p -> " " + p + " |").collect(Collectors.joining());
    System.out.printf("%n| | shape | | unit | natgrad |%s ratio | %% of limit |%n", names);
    System.out.printf("|---|---|---|---|--:|%s--:|--:|%n", "--:|".repeat(peers.size()));
    for (Row r : rows) {
      StringBuilder line = new StringBuilder();
      line.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %.4g |",
              r.name(),
              r.shape(),
              r.precision(),
              r.unit().label,
              r.natgrad()));
      for (String peer : peers) {
        Double rate = r.rates().get(peer);
        line.append(rate == null ? " |" : String.format(Locale.ROOT, " %.4g |", rate));
      }
      line.append(String.format(Locale.ROOT, " %.2f | %.0f |", r.ratio(), r.percentOfLimit()));
      System.out.println(line);
    }
    System.out.println();
    for (Precision precision : Precision.values()) {
      double[] ratios =
          rows.stream().filter(r -> r.precision() == precision).mapToDouble(Row::ratio).toArray();
      double logs = 0;
      double least = Double.POSITIVE_INFINITY;
      for (double ratio : ratios) {
        logs += Math.log(ratio);
        least = Math.min(least, ratio);
      }
      System.out.printf(
          Locale.ROOT,
          "%s: geometric mean of the ratios %.3f, least %.3f, %d shapes%n",
          precision,
          Math.exp(logs / ratios.length),
          least,
          ratios.length);
    }
  }
}
