package dev.natgrad.bench.race;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One goal: natgrad's seconds and those of the fastest baseline. */
final class Result {
  private final String name;
  private final double natgrad;
  private final double budget;
  private double best = Double.POSITIVE_INFINITY;
  private String bestName = "none arrived";

  Result(String name, double natgrad, double budget) {
    this.name = name;
    this.natgrad = natgrad;
    this.budget = budget;
  }

  void add(String baseline, double seconds) {
    if (seconds < best) {
      best = seconds;
      bestName = baseline;
    }
  }

  /** Where no baseline arrived, its spent budget: a lower bound. */
  private double baseline() {
    return Math.min(best, budget);
  }

  private boolean lowerBound() {
    return Double.isInfinite(best);
  }

  /** 0 where natgrad did not arrive. */
  private double ratio() {
    return Double.isInfinite(natgrad) ? 0 : baseline() / natgrad;
  }

  static void print(List<Result> results) {
    System.out.printf("%n| goal | natgrad s | best baseline s | which | ratio |%n");
    System.out.println("|---|--:|--:|---|--:|");
    for (Result r : results) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %s%.3g | %s | %s%.2f |%n",
          r.name,
          Double.isInfinite(r.natgrad) ? "never" : String.format(Locale.ROOT, "%.3g", r.natgrad),
          r.lowerBound() ? "> " : "",
          r.baseline(),
          r.bestName,
          r.lowerBound() ? "≥ " : "",
          r.ratio());
    }
  }

  /** A line each, for {@link #parse}. */
  static String lines(List<Result> results) {
    return results.stream()
        .map(r -> String.join("\t", r.name, "" + r.natgrad, "" + r.budget, "" + r.best, r.bestName))
        .collect(Collectors.joining("\n"));
  }

  static List<Result> parse(String lines) {
    return lines
        .lines()
        .map(
            line -> {
              String[] fields = line.split("\t");
              double natgrad = Double.parseDouble(fields[1]);
              Result result = new Result(fields[0], natgrad, Double.parseDouble(fields[2]));
              result.best = Double.parseDouble(fields[3]);
              result.bestName = fields[4];
              return result;
            })
        .toList();
  }

  static String json(List<Result> results) {
    return results.stream()
        .map(
            r ->
                String.format(
                    Locale.ROOT,
                    "{\"name\": \"%s\", \"precision\": \"F32\", \"shape\": \"%s\", \"unit\": \"s\","
                        + " \"natgrad\": %s,"
                        + " \"best_peer\": %.4g, \"best_peer_name\": \"%s\", \"ratio\": %.4f,"
                        + " \"percent_of_limit\": null, \"lower_bound\": %s}",
                    r.name,
                    r.name.substring(0, 2),
                    Double.isInfinite(r.natgrad)
                        ? "null"
                        : String.format(Locale.ROOT, "%.4g", r.natgrad),
                    r.baseline(),
                    r.bestName,
                    r.ratio(),
                    r.lowerBound()))
        .collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
  }
}
