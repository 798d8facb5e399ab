package dev.natgrad.bench;

import dev.natgrad.bench.latency.LatencyScorecard;
import dev.natgrad.bench.policy.CartPoleScorecard;
import dev.natgrad.bench.race.TimeToLoss;
import dev.natgrad.bench.service.LoadClient;
import dev.natgrad.bench.service.ServiceCheck;
import dev.natgrad.bench.service.ServiceMain;
import java.nio.file.Path;

/**
 * What {@code exec:exec} starts: a scorecard, the example service or the load on it if one is
 * chosen, else JMH with its arguments. The scorecards beside other libraries are compiled by the
 * profile {@code peers} only.
 */
public final class Main {
  private static final String PEERS = "dev.natgrad.bench.scorecard.Scorecard";

  private Main() {}

  /**
   * Starts what was chosen.
   *
   * @param args for JMH
   * @throws Exception from what was started
   */
  public static void main(String[] args) throws Exception {
    String scorecard = System.getProperty("natgrad.scorecard", "");
    Path target = Path.of(System.getProperty("natgrad.scorecard.target", "target"));
    switch (scorecard) {
      case "" -> org.openjdk.jmh.Main.main(args);
      case "latency" -> LatencyScorecard.run(target);
      case "load" -> LoadClient.run(target);
      case "service-check" -> ServiceCheck.run(target.resolve("service-check"));
      case "service" -> ServiceMain.run(target.resolve("service"));
      case "time-to-loss" -> TimeToLoss.race(target);
      case "tune" -> TimeToLoss.tune();
      case "cart-pole" -> CartPoleScorecard.run(target);
      default -> peers(scorecard, target);
    }
  }

  private static void peers(String scorecard, Path target) throws Exception {
    Class<?> family;
    try {
      family = Class.forName(PEERS);
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          "scorecard is '"
              + scorecard
              + "'; without the profile `peers` there are cart-pole, latency, time-to-loss, tune,"
              + " and service, service-check and load. Add -Ppeers",
          e);
    }
    family
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {scorecard, target.toString()});
  }
}
