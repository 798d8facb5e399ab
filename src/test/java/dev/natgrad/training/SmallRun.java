package dev.natgrad.training;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.Adam;
import dev.natgrad.optimizer.Curvature;
import dev.natgrad.optimizer.GradientDescent;
import dev.natgrad.optimizer.Momentum;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.Schedule;
import dev.natgrad.optimizer.Solve;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A trainer, an optimiser of some kind and data, small enough to be run hundreds of times. */
final class SmallRun implements AutoCloseable {
  static final Map<String, String> ABOUT = Map.of("network", "3-4-3", "seed", "5");

  private static final int SAMPLES = 21;
  private static final int VALIDATION = 7;

  final Workspace workspace = Workspace.create();
  final Optimizer optimizer;
  final Trainer trainer;

  /** Every optimiser, and the natural gradient by every way to its direction and curvature. */
  enum Kind {
    GRADIENT_DESCENT,
    MOMENTUM,
    ADAM,
    CONJUGATE_GRADIENTS,
    SHORT_CONJUGATE_GRADIENTS,
    CONJUGATE_GRADIENTS_OF_SAMPLES,
    CONJUGATE_GRADIENTS_ON_FACTORS,
    CONJUGATE_GRADIENTS_OF_LOW_RANK,
    MINRES,
    EIGEN_KRONECKER,
    BLOCKS,
    KRONECKER,
    KRONECKER_OF_TARGETS,
    DENSE,
    DUAL,
    DIAGONAL,
    SCHEDULED;

    private Optimizer create(Workspace workspace, Problem problem) {
      NaturalGradientOptions options = NaturalGradientOptions.automatic().withSeed(5);
      return switch (this) {
        case GRADIENT_DESCENT -> new GradientDescent(workspace, problem, 0.1);
        case MOMENTUM -> new Momentum(workspace, problem, 0.1, 0.9);
        case ADAM -> new Adam(workspace, problem, 0.01);
        default -> new NaturalGradient(workspace, problem, options(options));
      };
    }

    private NaturalGradientOptions options(NaturalGradientOptions o) {
      Solve factors = new Solve.Kronecker(3, true, 1e-3, 3);
      return switch (this) {
        case SHORT_CONJUGATE_GRADIENTS -> o.withConjugateGradient(3, 1e-3).withMomentum(true);
        case CONJUGATE_GRADIENTS_OF_SAMPLES -> o.withSampledFisher(2);
        case CONJUGATE_GRADIENTS_ON_FACTORS ->
            o.withSolve(new Solve.ConjugateGradients(5, 1e-3, Solve.Preconditioner.KRONECKER));
        case CONJUGATE_GRADIENTS_OF_LOW_RANK ->
            o.withSolve(new Solve.ConjugateGradients(5, 1e-3, Solve.Preconditioner.NYSTROM, 3, 2));
        case MINRES -> o.withSolve(new Solve.Minres(5, 1e-3));
        case EIGEN_KRONECKER -> o.withSolve(new Solve.EigenKronecker(1e-3, 3));
        case BLOCKS -> o.withSolve(new Solve.Blocks()).withMomentum(true);
        case KRONECKER ->
            o.withSolve(factors)
                .withCurvature(Curvature.exact().withFraction(0.5))
                .withMomentum(true);
        case KRONECKER_OF_TARGETS -> o.withSolve(factors).withCurvature(Curvature.empirical());
        case DENSE -> o.withSolve(new Solve.Dense()).withCurvature(Curvature.empirical());
        case DUAL -> o.withSolve(new Solve.Dual()).withSampledFisher(2);
        case DIAGONAL -> o.withSolve(new Solve.Diagonal()).withMomentum(true);
        case SCHEDULED ->
            o.withRadius(dev.natgrad.optimizer.Radius.scheduled(new Schedule.InverseTime(0.05, 4)))
                .withDamping(
                    dev.natgrad.optimizer.Damping.scheduled(
                        new Schedule.ExponentialDecay(1, 0.8, 0)));
        default -> o;
      };
    }
  }

  SmallRun(Kind kind, Precision precision, long steps) {
    this(kind, precision, steps, 4);
  }

  SmallRun(Kind kind, Precision precision, long steps, int width) {
    Mlp model = Mlp.of(3, List.of(width), Activation.TANH, 3);
    Problem problem = new Problem(model, new Categorical(3), 8, precision, 1e-3);
    Random random = new Random(5);
    Samples training = samples(random, SAMPLES, precision);
    Samples validation = samples(random, VALIDATION, precision);
    this.optimizer = kind.create(workspace, problem);
    Evaluator evaluator = new Evaluator(workspace, model, problem.distribution(), precision);
    TrainingOptions options = new TrainingOptions(8, steps, 1e9, 3, 1_000_000, 5);
    this.trainer =
        new Trainer(workspace, evaluator, model.parameters(), training, validation, options);
    trainer.setAverage(new IterateAverage(workspace, model.parameters(), precision, 0.9, 2));
    if (kind == Kind.GRADIENT_DESCENT) {
      trainer.setLearningRate(new Schedule.InverseTime(0.2, 3));
    }
    Initialization.AUTO.fill(model, 5, optimizer.parameters());
  }

  private Samples samples(Random random, int count, Precision precision) {
    Mat x = Mat.allocate(workspace, count, 3, precision);
    Mat y = Mat.allocate(workspace, count, 3, precision);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < 3; j++) {
        x.set(i, j, random.nextGaussian());
      }
      y.set(i, random.nextInt(3), 1);
    }
    return new Samples(x, y);
  }

  static Checkpointing into(Path file, long every) {
    return new Checkpointing(
        new CheckpointFile(file),
        ABOUT,
        every,
        Double.POSITIVE_INFINITY,
        failure -> {
          throw failure;
        });
  }

  double[] theta() {
    return optimizer.parameters().toArray();
  }

  @Override
  public void close() {
    workspace.close();
  }
}
