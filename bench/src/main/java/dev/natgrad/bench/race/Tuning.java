package dev.natgrad.bench.race;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Searches the baselines' grids. Constant rates first, by successive halving: all train for a
 * while, the better half goes on for twice as long. Then decayed rates around the best constant
 * ones, over several horizons. Every goal remembers who reached it first.
 */
final class Tuning {
  private static final int[] BATCHES = {64, 128, 256, 512};
  private static final double[] MOMENTA = {0.9, 0.95};
  private static final double[] HORIZONS = {0.1, 0.25, 0.5, 1};

  /** Of the deep autoencoder, whose whole grid takes hours: around the best of a wider study. */
  private static final double[] DEEP_RATES = {1e-3, 1.5e-3, 2e-3, 3e-3};

  private static final int[] DEEP_BATCHES = {64, 128};
  private static final double[] DEEP_HORIZONS = {0.35, 0.7};
  private static final int DECAYED = 2;
  private static final double FIRST_SHARE = 1.0 / 16;
  private static final double WARM_UP_SECONDS = 2;

  /** Whatever else runs on the machine during the hour must not choose the winner. */
  private static final LongSupplier CLOCK =
      ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime;

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

  /** The grid of rates, a third of a decade apart. */
  private static double[] rates(double from, double to) {
    int count = (int) Math.round(3 * Math.log10(to / from)) + 1;
    double[] rates = new double[count];
    for (int i = 0; i < count; i++) {
      rates[i] = from * Math.pow(10, i / 3.0);
    }
    return rates;
  }

  /** Goal and method → winner; a method that reached no goal has the one with the lowest loss. */
  Map<String, Winner> search() {
    List<Baseline> adam = new ArrayList<>();
    List<Baseline> nesterov = new ArrayList<>();
    if (isDeep()) {
      for (int batch : DEEP_BATCHES) {
        for (double rate : DEEP_RATES) {
          adam.add(Baseline.adam(rate, batch));
        }
      }
      nesterov.add(Baseline.nesterov(0.95, 1e-2, 256));
      nesterov.add(Baseline.nesterov(0.95, 5e-3, 128));
    } else {
      fullGrid(adam, nesterov);
    }
    // C2 must have met the kernels before the first clock starts.
    for (Baseline first : List.of(adam.get(0), nesterov.get(0))) {
      try (Race race = new Race(problem, first.enter(problem), CLOCK)) {
        race.until(WARM_UP_SECONDS);
      }
    }
    search(adam);
    search(nesterov);
    return winners;
  }

  private boolean isDeep() {
    return problem.name().equals("P1");
  }

  private void fullGrid(List<Baseline> adam, List<Baseline> nesterov) {
    boolean raw = problem.name().equals("P3 raw");
    for (int batch : BATCHES) {
      for (double rate : raw ? rates(1e-6, 1e-1) : rates(3e-4, 3e-2)) {
        adam.add(Baseline.adam(rate, batch));
      }
      for (double rate : raw ? rates(1e-11, 1e-8) : rates(3e-3, 0.3)) {
        for (double momentum : MOMENTA) {
          nesterov.add(Baseline.nesterov(momentum, rate, batch));
        }
      }
    }
  }

  private void search(List<Baseline> grid) {
    List<Baseline> best = halve(grid);
    int decayed = isDeep() ? 1 : DECAYED;
    for (Baseline settings : best.subList(0, Math.min(decayed, best.size()))) {
      for (double horizon : isDeep() ? DEEP_HORIZONS : HORIZONS) {
        for (double factor : isDeep() ? new double[] {1} : new double[] {1, 2}) {
          Baseline falling =
              new Baseline(settings.momentum(), factor * settings.rate(), settings.batch(), 0)
                  .decayed(horizon * problem.seconds());
          try (Race race = new Race(problem, falling.enter(problem), CLOCK)) {
            record(falling, race.until(horizon * problem.seconds()));
          }
        }
      }
    }
  }

  /** Runs constant rates, the best first afterwards. */
  private List<Baseline> halve(List<Baseline> grid) {
    Map<Baseline, Race> races = new LinkedHashMap<>();
    grid.forEach(
        settings -> races.put(settings, new Race(problem, settings.enter(problem), CLOCK)));
    double end = FIRST_SHARE * problem.seconds();
    List<Baseline> left = new ArrayList<>(grid);
    List<Baseline> ranking = new ArrayList<>();
    while (true) {
      for (Baseline settings : left) {
        record(settings, races.get(settings).until(end));
      }
      left.sort(Comparator.comparingDouble(settings -> rank(races.get(settings))));
      if (left.size() <= 1 || end >= problem.seconds()) {
        ranking.addAll(0, left);
        races.values().forEach(Race::close);
        return ranking;
      }
      int keep = (left.size() + 1) / 2;
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
