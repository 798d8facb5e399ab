package dev.natgrad.bench.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Cart-pole on several seeds: steps until it is learnt, and what the greedy policy returns. */
public final class CartPoleScorecard {
  private static final int EPISODES = 100;
  private static final double GOAL = 475;

  private CartPoleScorecard() {}

  private record Row(
      long seed, int steps, double greedy, double seconds, int updates, int violations) {
    String json() {
      return String.format(
          Locale.ROOT,
          "{\"name\": \"cart-pole seed %d\", \"precision\": \"F32\", \"environment_steps\": %d,"
              + " \"greedy_return\": %.2f, \"goal\": %.0f, \"episodes\": %d, \"seconds\": %.3f,"
              + " \"updates\": %d, \"kl_violations\": %d}",
          seed,
          steps,
          greedy,
          GOAL,
          EPISODES,
          seconds,
          updates,
          violations);
    }
  }

  /**
   * Trains on the seeds named by the property {@code natgrad.seeds}, first and last, or 1 to 5: a
   * table, and {@code scorecard-cart-pole.json}.
   *
   * @param target the folder of the JSON
   * @throws IOException if the JSON cannot be written
   */
  public static void run(Path target) throws IOException {
    String[] seeds = System.getProperty("natgrad.seeds", "1-5").split("-");
    List<Row> rows = new ArrayList<>();
    System.out.println(
        "| seed | environment steps | greedy return, "
            + EPISODES
            + " episodes | seconds | updates | KL violations |");
    System.out.println("|--:|--:|--:|--:|--:|--:|");
    LongStream.rangeClosed(Long.parseLong(seeds[0]), Long.parseLong(seeds[1]))
        .forEach(seed -> rows.add(row(seed)));
    Files.createDirectories(target);
    Files.writeString(
        target.resolve("scorecard-cart-pole.json"),
        rows.stream().map(Row::json).collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n")));
  }

  private static Row row(long seed) {
    long start = System.nanoTime();
    try (TrustRegionPolicy policy = new TrustRegionPolicy(Settings.standard(), seed)) {
      policy.train();
      double seconds = (System.nanoTime() - start) / 1e9;
      // The episodes that judge share no random number with those that taught.
      double greedy = policy.greedyReturn(EPISODES, ~seed);
      Row row =
          new Row(seed, policy.steps(), greedy, seconds, policy.updates(), policy.violations());
      System.out.printf(
          Locale.ROOT,
          "| %d | %d | %.1f%s | %.2f | %d | %d |%n",
          seed,
          row.steps,
          greedy,
          greedy < GOAL ? " (below " + GOAL + ")" : "",
          seconds,
          row.updates,
          row.violations);
      return row;
    }
  }
}
