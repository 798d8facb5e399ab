package dev.natgrad.demo;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Model;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.training.Evaluation;
import dev.natgrad.training.Evaluator;
import dev.natgrad.training.Samples;
import dev.natgrad.training.Trainer;
import dev.natgrad.training.TrainingOptions;
import dev.natgrad.training.TrainingRun;
import java.util.ArrayList;
import java.util.List;

/**
 * Several optimisers on one problem, from the same start and with the same limits, one after the
 * other. Evaluations count towards the time for all of them alike; the test samples are not looked
 * at before the end.
 *
 * <p>Thread rule: the thread that made it.
 */
public final class Contest {
  private static final int PARAMETERS_SHOWN = 16;

  private final String title;
  private final Model model;
  private final OutputDistribution distribution;
  private final Precision precision;
  private final Samples training;
  private final Samples test;
  private final double[] start;
  private final long seed;

  /** Makes an optimiser that owns nothing yet. */
  @FunctionalInterface
  public interface Factory {
    /**
     * Takes an optimiser.
     *
     * @param workspace the owner of its memory
     * @param problem what is to be minimised
     * @return the optimiser
     */
    Optimizer create(Workspace workspace, Problem problem);
  }

  /**
   * An optimiser in a contest.
   *
   * @param name its name on the page
   * @param settings its settings in words
   * @param batch samples of a step
   * @param evaluateEvery steps between evaluations
   * @param factory makes it
   */
  public record Entrant(
      String name, String settings, int batch, int evaluateEvery, Factory factory) {}

  /**
   * What came of an entrant.
   *
   * @param entrant the optimiser
   * @param run its steps and evaluations
   * @param training the last evaluation on the training samples
   * @param test the evaluation on the test samples at the end; null without test samples
   * @param theta the parameters at the end, P
   * @param path the parameters before the first and after every step, where P is at most {@value
   *     #PARAMETERS_SHOWN}; else empty
   */
  public record Result(
      Entrant entrant,
      TrainingRun run,
      Evaluation training,
      Evaluation test,
      double[] theta,
      List<double[]> path) {}

  /**
   * A contest.
   *
   * @param title the problem's name, for {@link Progress}
   * @param model the model
   * @param distribution the distribution of its targets
   * @param training training samples, whose memory outlives the contest
   * @param test test samples, or null
   * @param start θ at the start, P
   * @param seed the seed of the batches
   */
  public Contest(
      String title,
      Model model,
      OutputDistribution distribution,
      Samples training,
      Samples test,
      double[] start,
      long seed) {
    this.title = title;
    this.model = model;
    this.distribution = distribution;
    this.precision = training.x().precision();
    this.training = training;
    this.test = test;
    this.start = start.clone();
    this.seed = seed;
  }

  /**
   * Runs one entrant.
   *
   * @param entrant the optimiser
   * @param maxSteps the most steps
   * @param maxSeconds the longest time, seconds
   * @param progress told of it
   * @return what came of it
   */
  public Result run(Entrant entrant, long maxSteps, double maxSeconds, Progress progress) {
    try (Workspace workspace = Workspace.create()) {
      int batch = Math.min(entrant.batch(), training.count());
      Problem problem = new Problem(model, distribution, batch, precision, 0);
      Optimizer optimizer = entrant.factory().create(workspace, problem);
      optimizer.parameters().copyFrom(start, 0);
      Evaluator evaluator = new Evaluator(workspace, model, distribution, precision);
      TrainingOptions options =
          new TrainingOptions(batch, maxSteps, maxSeconds, entrant.evaluateEvery(), 1, seed);
      Trainer trainer = new Trainer(workspace, evaluator, start.length, training, null, options);
      List<double[]> path = new ArrayList<>();
      boolean keepPath = start.length <= PARAMETERS_SHOWN;
      if (keepPath) {
        path.add(start.clone());
      }
      String name = title + ", " + entrant.name();
      TrainingRun run =
          trainer.train(
              optimizer,
              (outcome, history, seconds) -> {
                if (keepPath) {
                  path.add(optimizer.parameters().toArray());
                }
                long step = history.steps().size();
                progress.running(name, step, outcome.lossBefore(), seconds, maxSeconds);
                return true;
              });
      Evaluation last = run.history().points().get(run.history().points().size() - 1).training();
      Evaluation tested = test == null ? null : evaluator.evaluate(optimizer.parameters(), test);
      return new Result(entrant, run, last, tested, optimizer.parameters().toArray(), path);
    }
  }

  /**
   * Runs all entrants, each for the same time, after runs whose results are thrown away: the JVM's
   * compiler has then met everybody's code before the first clock starts. The first entrant should
   * be the one that uses most of the code: the others get a tenth of its time.
   *
   * @param entrants the optimisers
   * @param secondsEach the time of each, seconds
   * @param warmUpSteps the most steps of each before
   * @param warmUpSeconds the longest time of the first before, seconds
   * @param progress told of them
   * @return what came of each, in their order
   */
  public List<Result> runAll(
      List<Entrant> entrants,
      double secondsEach,
      long warmUpSteps,
      double warmUpSeconds,
      Progress progress) {
    for (Entrant entrant : entrants) {
      double seconds = entrant == entrants.get(0) ? warmUpSeconds : 0.1 * warmUpSeconds;
      run(entrant, warmUpSteps, seconds, (run, step, loss, at, budget) -> {});
    }
    List<Result> results = new ArrayList<>();
    for (Entrant entrant : entrants) {
      results.add(run(entrant, Long.MAX_VALUE, secondsEach, progress));
    }
    return results;
  }

  /**
   * Copies rows into a matrix.
   *
   * @param workspace the owner of its memory
   * @param rows its rows, at least one, all of one length
   * @param precision its format
   * @return a matrix
   */
  public static Mat matrix(Workspace workspace, double[][] rows, Precision precision) {
    Mat matrix = Mat.allocate(workspace, rows.length, rows[0].length, precision);
    for (int i = 0; i < rows.length; i++) {
      matrix.copyRowFrom(i, rows[i], 0);
    }
    return matrix;
  }
}
