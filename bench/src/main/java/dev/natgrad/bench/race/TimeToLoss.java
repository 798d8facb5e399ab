package dev.natgrad.bench.race;

import dev.natgrad.bench.ChildJvm;
import dev.natgrad.bench.Main;
import dev.natgrad.bench.race.Tuning.Winner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

  /** In the folder of the JSON: the results once more, for the JVM that collects them. */
  private static final String RESULTS = "time-to-loss-results.tsv";

  private static final String[] METHODS = {"Adam", "Nesterov"};

  private static final double WARM_UP_SECONDS = 5;

  /** Of a baseline, after others on the same kernels. */
  private static final double SHORT_WARM_UP_SECONDS = 2;

  /** Runs of the same course, of which the least disturbed counts, where the budget is small. */
  private static final int ROUNDS = 3;

  private static final double SMALL_BUDGET_SECONDS = 5;

  private TimeToLoss() {}

  /**
   * Searches the grids and stores the winners; with -Dnatgrad.tune=Adam or Nesterov of this method
   * alone.
   *
   * @throws IOException if the file of winners cannot be written
   */
  public static void tune() throws IOException {
    Path file = winnersFile();
    Map<String, Winner> winners = Files.exists(file) ? Tuning.load(file) : new LinkedHashMap<>();
    for (Supplier<RaceProblem> supplier : problems().values()) {
      try (RaceProblem problem = supplier.get()) {
        for (String method : METHODS) {
          if (System.getProperty("natgrad.tune", method).equals(method)) {
            boolean adam = method.equals("Adam");
            Grid grid = adam ? Grid.adam(problem.name()) : Grid.nesterov(problem.name());
            winners
                .keySet()
                .removeIf(key -> key.startsWith(problem.name()) && key.endsWith(method));
            winners.putAll(new Tuning(problem).search(grid));
            Tuning.store(file, winners);
          }
        }
      }
    }
    System.out.println("Winners are in " + file);
  }

  /**
   * Races natgrad against the stored winners, each problem in a JVM of its own, as it would be
   * embedded: a table, and {@code scorecard-time-to-loss.json}.
   *
   * @param target the folder of the JSON
   * @throws IOException if a file cannot be read or written
   * @throws InterruptedException if the thread is interrupted while a JVM runs
   */
  public static void race(Path target) throws IOException, InterruptedException {
    Path file = winnersFile();
    if (!Files.exists(file)) {
      System.out.println("There is no " + file + ": run -Dscorecard=tune first");
      return;
    }
    Map<String, Winner> winners = Tuning.load(file);
    Map<String, Supplier<RaceProblem>> problems = problems();
    List<Result> results = new ArrayList<>();
    if (problems.size() == 1) {
      try (RaceProblem problem = problems.values().iterator().next().get()) {
        results.addAll(race(problem, winners));
      }
    } else {
      for (String name : problems.keySet()) {
        results.addAll(raceApart(name, target.resolve("time-to-loss").resolve(name)));
      }
    }
    Result.print(results);
    Files.createDirectories(target);
    Files.writeString(target.resolve(RESULTS), Result.lines(results));
    Files.writeString(target.resolve("scorecard-time-to-loss.json"), Result.json(results));
  }

  private static List<Result> raceApart(String name, Path folder)
      throws IOException, InterruptedException {
    List<String> options =
        List.of("-Dnatgrad.race=" + name, "-Dnatgrad.scorecard.target=" + folder);
    int status = ChildJvm.builder(Main.class, options).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("the JVM for " + name + " ended with status " + status);
    }
    return Result.parse(Files.readString(folder.resolve(RESULTS)));
  }

  private static Path winnersFile() {
    Path beside = Path.of(System.getProperty("natgrad.bench", "bench"));
    return beside.resolve(WINNERS);
  }

  private static List<Result> race(RaceProblem problem, Map<String, Winner> winners) {
    List<Goal> goals = problem.goals();
    Course whole = new Course(problem.seconds(), goals.size() - 1);
    double[] natgrad =
        run(problem, "natgrad", () -> new NatgradEntrant(problem), WARM_UP_SECONDS, whole);
    Map<Baseline, Course> courses = new LinkedHashMap<>();
    for (int i = 0; i < goals.size(); i++) {
      for (String method : METHODS) {
        Winner winner = winners.get(goals.get(i).name() + "\t" + method);
        if (winner != null) {
          // Room for a slower run than the search's; a rate that has fallen stays where it is.
          double end = Math.min(1.5 * winner.seconds() + 0.5, problem.seconds());
          courses.merge(winner.settings(), new Course(end, i), Course::longer);
        }
      }
    }
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < natgrad.length; i++) {
      results.add(new Result(goals.get(i).name(), natgrad[i], problem.seconds()));
    }
    courses.forEach(
        (settings, course) -> {
          Supplier<Entrant> entrant = () -> settings.enter(problem);
          double[] reached =
              run(problem, settings.toString(), entrant, SHORT_WARM_UP_SECONDS, course);
          for (int i = 0; i < reached.length; i++) {
            results.get(i).add(settings.toString(), reached[i]);
          }
        });
    return results;
  }

  /**
   * How long to train: until some seconds have passed or, where a goal is not reached by then, to
   * the end of the problem's budget, so that what never arrives has spent all of it.
   */
  private record Course(double seconds, int goal) {
    Course longer(Course other) {
      return new Course(Math.max(seconds, other.seconds), Math.max(goal, other.goal));
    }

    void run(Race race, RaceProblem problem) {
      race.until(seconds);
      if (Double.isInfinite(race.reached(goal))) {
        race.until(problem.seconds());
      }
    }
  }

  /** Seconds until each goal, C2 having met every kernel before the clock starts. */
  private static double[] run(
      RaceProblem problem, String name, Supplier<Entrant> entrant, double warmUp, Course course) {
    warmUp(problem, entrant, warmUp);
    double[] reached = new double[problem.goals().size()];
    Arrays.fill(reached, Double.POSITIVE_INFINITY);
    int rounds = problem.seconds() <= SMALL_BUDGET_SECONDS ? ROUNDS : 1;
    for (int round = 0; round < rounds; round++) {
      try (Race race = new Race(problem, entrant.get())) {
        course.run(race, problem);
        System.out.printf(
            Locale.ROOT,
            "%s %s: %.5g after %.3f s, %d steps%n",
            problem.name(),
            name,
            race.best(),
            race.seconds(),
            race.steps());
        for (int i = 0; i < reached.length; i++) {
          reached[i] = Math.min(reached[i], race.reached(i));
        }
      }
    }
    return reached;
  }

  /** Runs an entrant from the start, again and again, for so many seconds of training. */
  static void warmUp(RaceProblem problem, Supplier<Entrant> entrant, double seconds) {
    double spent = 0;
    while (spent < seconds) {
      try (Race race = new Race(problem, entrant.get())) {
        spent += race.until(seconds - spent).seconds();
      }
    }
  }

  private static Map<String, Supplier<RaceProblem>> problems() {
    Map<String, Supplier<RaceProblem>> problems = new LinkedHashMap<>();
    Path images = Problems.file("mnist5k.csv.gz");
    Path people = Problems.file("adult-train.csv");
    if (images == null) {
      System.out.println("P1 and P2 are skipped: no mnist5k.csv.gz in the folder natgrad.data");
    } else {
      if (chosen("P1")) {
        problems.put("P1", () -> Problems.autoencoder(images));
      }
      if (chosen("P2")) {
        problems.put("P2", () -> Problems.classifier(images));
      }
    }
    if (people == null) {
      System.out.println("P3 is skipped: no adult-train.csv in the folder natgrad.data");
    } else {
      if (chosen("P3-raw")) {
        problems.put("P3-raw", () -> Problems.census(people, false));
      }
      if (chosen("P3-standardised")) {
        problems.put("P3-standardised", () -> Problems.census(people, true));
      }
    }
    if (chosen("P4")) {
      problems.put("P4", Policy::problem);
    }
    return problems;
  }

  /** Whether -Dnatgrad.race, a list such as {@code P1,P3-raw}, names it or is not given. */
  private static boolean chosen(String name) {
    return Arrays.asList(System.getProperty("natgrad.race", name).split(",")).contains(name);
  }
}
