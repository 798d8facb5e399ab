package dev.natgrad.bench.race;

import dev.natgrad.bench.race.Tuning.Winner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Training seconds until stated training losses: natgrad with its defaults against Adam and
 * Nesterov's momentum, each with the settings that were fastest to that very loss in the grids of
 * {@link Tuning}.
 */
public final class TimeToLoss {
  /** Beside the benchmarks' pom: the search takes an hour, so its winners are kept. */
  private static final String WINNERS = "time-to-loss.tsv";

  private static final String[] METHODS = {"Adam", "Nesterov"};

  private TimeToLoss() {}

  /**
   * Searches the grids and stores the winners.
   *
   * @throws IOException if the file of winners cannot be written
   */
  public static void tune() throws IOException {
    Path file = winnersFile();
    Map<String, Winner> winners = Files.exists(file) ? Tuning.load(file) : new LinkedHashMap<>();
    for (Supplier<RaceProblem> supplier : problems()) {
      try (RaceProblem problem = supplier.get()) {
        winners.putAll(new Tuning(problem).search());
        Tuning.store(file, winners);
      }
    }
    System.out.println("Winners are in " + file);
  }

  /**
   * Races natgrad against the stored winners: a table, and {@code scorecard-time-to-loss.json}.
   *
   * @param target the folder of the JSON
   * @throws IOException if a file cannot be read or written
   */
  public static void race(Path target) throws IOException {
    Path file = winnersFile();
    if (!Files.exists(file)) {
      System.out.println("There is no " + file + ": run -Dscorecard=tune first");
      return;
    }
    Map<String, Winner> winners = Tuning.load(file);
    List<Result> results = new ArrayList<>();
    for (Supplier<RaceProblem> supplier : problems()) {
      try (RaceProblem problem = supplier.get()) {
        results.addAll(race(problem, winners));
      }
    }
    Result.print(results);
    Files.createDirectories(target);
    Files.writeString(target.resolve("scorecard-time-to-loss.json"), Result.json(results));
  }

  private static Path winnersFile() {
    Path beside = Path.of(System.getProperty("natgrad.bench", "bench"));
    return beside.resolve(WINNERS);
  }

  private static List<Result> race(RaceProblem problem, Map<String, Winner> winners) {
    // C2 must have met every kernel of every method before the first clock starts.
    warmUp(problem, winners);
    List<Goal> goals = problem.goals();
    double[] natgrad = new double[goals.size()];
    try (Race race = new Race(problem, new NatgradEntrant(problem), System::nanoTime)) {
      race.until(problem.seconds());
      for (int i = 0; i < natgrad.length; i++) {
        natgrad[i] = race.reached(i);
      }
      System.out.printf(
          Locale.ROOT,
          "%s natgrad: %.5g after %.2f s, %d steps%n",
          problem.name(),
          race.best(),
          race.seconds(),
          race.steps());
    }
    Map<Baseline, double[]> baselines = new LinkedHashMap<>();
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < natgrad.length; i++) {
      Result result = new Result(goals.get(i).name(), natgrad[i], problem.seconds());
      for (String method : METHODS) {
        Winner winner = winners.get(goals.get(i).name() + "\t" + method);
        if (winner != null) {
          double[] reached =
              baselines.computeIfAbsent(
                  winner.settings(), settings -> run(problem, settings, winner.seconds()));
          result.add(winner.settings().toString(), reached[i]);
        }
      }
      results.add(result);
    }
    return results;
  }

  private static void warmUp(RaceProblem problem, Map<String, Winner> winners) {
    double seconds = Math.min(3, problem.seconds() / 2);
    try (Race race = new Race(problem, new NatgradEntrant(problem), System::nanoTime)) {
      race.until(seconds);
    }
    winners.forEach(
        (key, winner) -> {
          if (key.startsWith(problem.name())) {
            try (Race race =
                new Race(problem, winner.settings().enter(problem), System::nanoTime)) {
              race.until(0.3);
            }
          }
        });
  }

  /** Reruns a baseline, with room for a slower run than the search's. */
  private static double[] run(RaceProblem problem, Baseline settings, double seconds) {
    try (Race race = new Race(problem, settings.enter(problem), System::nanoTime)) {
      double end = Math.min(problem.seconds(), 2 * seconds + 1);
      race.until(Math.max(end, Math.min(settings.horizon(), problem.seconds())));
      double[] reached = new double[problem.goals().size()];
      for (int i = 0; i < reached.length; i++) {
        reached[i] = race.reached(i);
      }
      System.out.printf(
          Locale.ROOT,
          "%s %s: %.5g after %.2f s, %d steps%n",
          problem.name(),
          settings,
          race.best(),
          race.seconds(),
          race.steps());
      return reached;
    }
  }

  private static List<Supplier<RaceProblem>> problems() {
    List<Supplier<RaceProblem>> problems = new ArrayList<>();
    Path images = Problems.file("mnist5k.csv.gz");
    Path people = Problems.file("adult-train.csv");
    String chosen = System.getProperty("natgrad.race", "P1,P2,P3,P4");
    if (images == null) {
      System.out.println("P1 and P2 are skipped: no mnist5k.csv.gz in the folder natgrad.data");
    } else {
      if (chosen.contains("P1")) {
        problems.add(() -> Problems.autoencoder(images));
      }
      if (chosen.contains("P2")) {
        problems.add(() -> Problems.classifier(images));
      }
    }
    if (people == null) {
      System.out.println("P3 is skipped: no adult-train.csv in the folder natgrad.data");
    } else if (chosen.contains("P3")) {
      problems.add(() -> Problems.census(people, false));
      problems.add(() -> Problems.census(people, true));
    }
    if (chosen.contains("P4")) {
      problems.add(Policy::problem);
    }
    return problems;
  }
}
