package dev.natgrad.optimizer;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Categoricals;
import dev.natgrad.distribution.DiagonalGaussian;
import dev.natgrad.distribution.Gamma;
import dev.natgrad.distribution.NegativeBinomial;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.distribution.Poisson;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Prints a hash of θ after steps of every way to solve, over all distributions; for {@link
 * PrintStepHash}.
 */
final class PrintRecipeHash {
  private static final int STEPS = 3;

  /** A product of a batch with the weights of a hidden layer is just large enough to be shared. */
  private static final int WIDE = 104;

  /** The recommended recipe and another of Kronecker factors. */
  private static final int SHARED = 3;

  /** What is solved how. */
  private record Recipe(OutputDistribution distribution, Solve solve, boolean momentum) {
    String name() {
      return distribution + " " + (solve == null ? "recommended" : solve) + " " + momentum;
    }
  }

  private PrintRecipeHash() {}

  private static List<Recipe> recipes() {
    List<Recipe> all = new ArrayList<>();
    all.add(new Recipe(new Categorical(3), null, true));
    all.add(new Recipe(new Categoricals(2, 3), null, true));
    all.add(new Recipe(new Gamma(2, 2.5), new Solve.Kronecker(0.3, true, 1e-4, 2), true));
    all.add(new Recipe(new Poisson(2), new Solve.Dense(), false));
    all.add(new Recipe(new NegativeBinomial(2, 0.4), new Solve.EigenKronecker(1e-4, 2), true));
    all.add(new Recipe(new Gamma(2, 2.5), new Solve.Dual(), false));
    all.add(new Recipe(new DiagonalGaussian(2), new Solve.Blocks(), true));
    all.add(new Recipe(new Categoricals(2, 3), new Solve.Minres(5, 1e-4), false));
    all.add(new Recipe(new DiagonalGaussian(1), new Solve.Diagonal(), false));
    all.add(new Recipe(new Poisson(2), cg(Solve.Preconditioner.KRONECKER), false));
    all.add(new Recipe(new Bernoulli(2), cg(Solve.Preconditioner.NYSTROM), false));
    return all;
  }

  private static Solve cg(Solve.Preconditioner preconditioner) {
    return new Solve.ConjugateGradients(5, 1e-4, preconditioner, 4, 2);
  }

  /** Threads: those of steps large enough to share them, 0 for none of those. */
  static void print(int repeats, int threads) {
    for (Precision precision : Precision.values()) {
      for (Recipe recipe : recipes()) {
        long hash = 0;
        for (int i = 0; i < repeats; i++) {
          hash = hash(recipe, precision, 5, 0);
        }
        System.out.println(precision + " " + recipe.name() + " " + Long.toHexString(hash));
      }
    }
    for (Precision precision : Precision.values()) {
      for (Recipe recipe : recipes().subList(0, threads == 0 ? 0 : SHARED)) {
        String hash = Long.toHexString(hash(recipe, precision, WIDE, threads));
        System.out.println("wide " + precision + " " + recipe.name() + " " + hash);
      }
    }
  }

  private static long hash(Recipe recipe, Precision precision, int hidden, int threads) {
    OutputDistribution distribution = recipe.distribution();
    int rows = hidden + 2;
    Mlp model =
        Mlp.of(
            hidden,
            List.of(
                new Mlp.Layer(hidden, Activation.TANH),
                new Mlp.Layer(distribution.outputs(), Activation.IDENTITY)));
    Random random = new Random(7);
    Problem problem = new Problem(model, distribution, rows, precision, 1e-3);
    NaturalGradientOptions options = NaturalGradientOptions.recommended(problem);
    if (recipe.solve() != null) {
      options = NaturalGradientOptions.within(0.05).withSolve(recipe.solve());
    }
    try (Workspace workspace = Workspace.create();
        Parallelism parallelism = Parallelism.of(Math.max(1, threads))) {
      workspace.use(parallelism);
      Mat x = Mat.allocate(workspace, rows, hidden, precision);
      for (int i = 0; i < rows; i++) {
        x.copyRowFrom(i, gaussian(random, hidden, 1), 0);
      }
      Mat y = draws(workspace, problem, x, gaussian(random, model.parameters(), 0.3));
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, options.withMomentum(recipe.momentum()));
      double deviation = 1 / Math.sqrt(hidden);
      optimizer.parameters().copyFrom(gaussian(random, model.parameters(), deviation), 0);
      int accepted = 0;
      long hash = 1;
      for (int step = 0; step < STEPS; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        accepted += outcome.status().accepted() ? 1 : 0;
        hash = 31 * hash + Double.doubleToLongBits(outcome.kl());
      }
      if (accepted < STEPS - 1) {
        throw new AssertionError(recipe.name() + " accepted " + accepted);
      }
      for (long bits : Trial.bits(optimizer.parameters())) {
        hash = 1_000_003 * hash + bits;
      }
      return hash;
    }
  }

  /** Targets drawn by the model itself at other parameters, so that draws are in the hash too. */
  private static Mat draws(Workspace workspace, Problem problem, Mat x, double[] truth) {
    OutputDistribution distribution = problem.distribution();
    Precision precision = problem.precision();
    Linearization model = problem.model().linearize(workspace, x.rows(), precision);
    Vec theta = Vec.allocate(workspace, truth.length, precision);
    theta.copyFrom(truth, 0);
    Mat z = Mat.allocate(workspace, x.rows(), distribution.outputs(), precision);
    Mat y = Mat.allocate(workspace, x.rows(), distribution.targets(), precision);
    model.evaluate(theta, x, z);
    distribution.mean(z, z);
    distribution.sample(z, 3, 0, y);
    return y;
  }

  private static double[] gaussian(Random random, int n, double deviation) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return values;
  }
}
