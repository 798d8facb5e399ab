package dev.natgrad.bench.race;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Searches a method's grid. Constant rates first, by successive halving: all train for a while, the
 * better half goes on for twice as long, and the last two to the end. Then decayed rates around the
 * best constant ones, over several horizons. Every goal remembers who reached it first.
 */
final class Tuning {
  private static final double FIRST_SHARE = 1.0 / 16;
  private static final int FINALISTS = 2;
  private static final double WARM_UP_SECONDS = 3;

  /**
   * The best of one method for one goal.
   *
   * @param settings who it was
   * @param seconds training seconds until the goal
   */
  record Winner(Baseline settings, double seconds) {}

  private final RaceProblem problem;
  private final Map<String, Winner> winners = new LinkedHashMap<>();

  Tuning(RaceProblem problem) {
    this.problem = problem;
  }

  /** Goal and method → winner, for those that reached the goal. */
  Map<String, Winner> search(Grid grid) {
    // C2 must have met the kernels before the first clock starts.
    TimeToLoss.warmUp(problem, () -> grid.constant().get(0).enter(problem), WARM_UP_SECONDS);
    List<Baseline> best = halve(grid.constant());
    for (Baseline settings : best.subList(0, Math.min(grid.decayed(), best.size()))) {
      for (double horizon : grid.horizons()) {
        for (double factor : grid.factors()) {
          double end = horizon * problem.seconds();
          Baseline falling =
              new Baseline(settings.momentum(), factor * settings.rate(), settings.batch(), end);
          try (Race race = new Race(problem, falling.enter(problem))) {
            record(falling, race.until(end));
          }
        }
      }
    }
    return winners;
  }

  /** Runs constant rates, the best first afterwards. */
  private List<Baseline> halve(List<Baseline> grid) {
    Map<Baseline, Race> races = new LinkedHashMap<>();
    grid.forEach(settings -> races.put(settings, new Race(problem, settings.enter(problem))));
    double end = FIRST_SHARE * problem.seconds();
    List<Baseline> left = new ArrayList<>(grid);
    List<Baseline> ranking = new ArrayList<>();
    while (true) {
      for (Baseline settings : left) {
        record(settings, races.get(settings).until(end));
      }
      left.sort(Comparator.comparingDouble(settings -> rank(races.get(settings))));
      if (end >= problem.seconds()) {
        ranking.addAll(0, left);
        races.values().forEach(Race::close);
        return ranking;
      }
      int keep = Math.max((left.size() + 1) / 2, Math.min(FINALISTS, left.size()));
      ranking.addAll(0, left.subList(keep, left.size()));
      left = new ArrayList<>(left.subList(0, keep));
      end = Math.min(2 * end, problem.seconds());
    }
  }

  /** Those that have reached everything by their time, the others behind them by their loss. */
  private double rank(Race race) {
    int last = problem.goals().size() - 1;
    return race.done() ? -1 / race.reached(last) - 1e9 : race.best();
  }

  private void record(Baseline settings, Race race) {
    System.out.printf(
        Locale.ROOT,
        "%s %s: %.5g after %.2f s, %d steps%n",
        problem.name(),
        settings,
        race.best(),
        race.seconds(),
        race.steps());
    for (int i = 0; i < problem.goals().size(); i++) {
      Winner winner = new Winner(settings, race.reached(i));
      String key = problem.goals().get(i).name() + "\t" + settings.method();
      if (winner.seconds < Double.POSITIVE_INFINITY) {
        winners.merge(key, winner, (a, b) -> a.seconds <= b.seconds ? a : b);
      }
    }
  }

  /** Writes the winners, one line each. */
  static void store(Path file, Map<String, Winner> winners) throws IOException {
    StringBuilder text =
        new StringBuilder("# goal\tmethod\tmomentum\trate\tbatch\thorizon s\tseconds\n");
    winners.forEach(
        (key, w) ->
            text.append(key)
                .append('\t')
                .append(w.settings.momentum())
                .append('\t')
                .append(w.settings.rate())
                .append('\t')
                .append(w.settings.batch())
                .append('\t')
                .append(w.settings.horizon())
                .append('\t')
                .append(w.seconds)
                .append('\n'));
    Files.writeString(file, text);
  }

  /** Reads what {@link #store} wrote. */
  static Map<String, Winner> load(Path file) throws IOException {
    Map<String, Winner> winners = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.startsWith("#")) {
        String[] f = line.split("\t");
        Baseline settings =
            new Baseline(
                Double.parseDouble(f[2]),
                Double.parseDouble(f[3]),
                Integer.parseInt(f[4]),
                Double.parseDouble(f[5]));
        winners.put(f[0] + "\t" + f[1], new Winner(settings, Double.parseDouble(f[6])));
      }
    }
    return winners;
  }
}
