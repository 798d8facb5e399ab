package dev.natgrad.optimizer;

import dev.natgrad.fisher.BlockDiagonalFisher;
import dev.natgrad.fisher.DenseFisher;
import dev.natgrad.fisher.DirectFisher;
import dev.natgrad.fisher.DualFisher;
import dev.natgrad.fisher.FactorRows;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.state.State;
import java.util.List;

/**
 * A factorisation of F + W + l2, of the parameters, of those of each layer, or in the space of
 * samples times outputs.
 */
final class DirectDirection implements Direction {
  private final CurvatureBatch batch;
  private final CurvatureScale scale;
  private final BudgetMeter meter;

  /** Scratch of length P, for the damping. */
  private final Vec work;

  private final DirectFisher matrix;
  private final DirectionSource source;

  /** Whether the matrix is that in which lengths are measured. */
  private final boolean sameCurvature;

  /** Whether the matrix is that of the present point. */
  private boolean assembled;

  /** Whether F as last damped has directions without any curvature but rounding. */
  private boolean singular;

  DirectDirection(
      Workspace workspace,
      Problem problem,
      CurvatureBatch batch,
      CurvatureScale scale,
      BudgetMeter meter,
      Vec work,
      NaturalGradientOptions options) {
    this.batch = batch;
    this.scale = scale;
    this.meter = meter;
    this.work = work;
    int parameters = problem.model().parameters();
    boolean whole = !(options.solve() instanceof Solve.Blocks) || isOneBlock(problem);
    this.sameCurvature = whole && options.curvature().kind() == Curvature.Kind.EXACT;
    int rows = options.curvature().rows(problem.maxBatch());
    FactorRows factorRows =
        new FactorRows(
            workspace,
            batch.linearization(),
            problem.model().outputs(),
            parameters,
            rows,
            problem.precision());
    if (options.solve() instanceof Solve.Dual) {
      checkDamped(problem, options);
      this.matrix =
          new DualFisher(
              workspace,
              factorRows,
              batch.fisher().factorColumns(),
              parameters,
              rows,
              problem.precision());
      this.source = DirectionSource.DUAL;
    } else if (options.solve() instanceof Solve.Blocks) {
      this.matrix =
          new BlockDiagonalFisher(
              workspace,
              factorRows,
              rows,
              KroneckerState.layers(problem),
              parameters,
              problem.precision());
      this.source = DirectionSource.BLOCKS;
    } else {
      this.matrix = new DenseFisher(workspace, factorRows, parameters, problem.precision());
      this.source = DirectionSource.DENSE;
    }
  }

  private static boolean isOneBlock(Problem problem) {
    List<DenseLayer> layers = KroneckerState.layers(problem);
    return layers.size() == 1 && layers.get(0).parameters() == problem.model().parameters();
  }

  /**
   * Refuses what would divide by 0 at every step: λ that starts at 0 stays there, whether it
   * follows ρ or a schedule, and in units of diag(F) any λ is none for a parameter without
   * curvature.
   */
  private static void checkDamped(Problem problem, NaturalGradientOptions options) {
    Damping damping = options.damping();
    boolean identity = damping.scale() == Damping.Scale.IDENTITY;
    boolean divides = identity && damping.lambda().at(0) > 0;
    if (!divides && !(stored(problem.l2(), problem.precision()) > 0)) {
      throw new IllegalArgumentException(
          "the dual form divides by the damping, which "
              + damping
              + " with l2 "
              + problem.l2()
              + " leaves at 0 for a parameter without curvature: use λ > 0 with"
              + " Damping.Scale.IDENTITY, l2 > 0, or Solve.Dense, which needs neither");
    }
  }

  /** The rows of the factor, and the matrix with its factorisation. */
  static long bytes(Problem problem, NaturalGradientOptions options) {
    int parameters = problem.model().parameters();
    int outputs = problem.model().outputs();
    int rows = options.curvature().rows(problem.maxBatch());
    long matrix;
    if (options.solve() instanceof Solve.Dual) {
      int columns = CurvatureBatch.factorColumns(problem, options);
      matrix = DualFisher.bytes(columns, parameters, rows, problem.precision());
    } else if (options.solve() instanceof Solve.Blocks) {
      matrix =
          BlockDiagonalFisher.bytes(
              KroneckerState.layers(problem), parameters, problem.precision());
    } else {
      matrix = DenseFisher.bytes(parameters, problem.precision());
    }
    return matrix + FactorRows.bytes(rows, outputs, parameters, problem.precision());
  }

  @Override
  public boolean solve(Vec g, Vec d, StepOutcome outcome) {
    if (source == DirectionSource.DUAL && !dividesBy(scale.leastDamping())) {
      return false;
    }
    if (!assembled) {
      matrix.assemble(batch.fisher());
      assembled = true;
    }
    scale.damping(work);
    boolean solved = matrix.damp(work).solved() && matrix.solve(g, d).solved();
    singular = solved && matrix instanceof DenseFisher dense && singular(dense);
    meter.record(BudgetMeter.Part.REFRESH, 1);
    return solved;
  }

  /** Whether the curvature of the weakest direction is below the rounding of the entries. */
  private boolean singular(DenseFisher dense) {
    double entry = RadiusAndDamping.leastFelt(true, dense.precision());
    return dense.leastCurvature(work) <= entry * Math.sqrt(dense.size());
  }

  @Override
  public boolean singular() {
    return singular;
  }

  /** Whether a damping is finite and not 0 as it is stored. */
  private boolean dividesBy(double damping) {
    double stored = stored(damping, work.precision());
    return stored > 0 && Double.isFinite(stored);
  }

  private static double stored(double value, Precision precision) {
    return precision == Precision.F32 ? (float) value : value;
  }

  @Override
  public boolean exact() {
    return matrix.shift() == 0 && sameCurvature;
  }

  @Override
  public boolean solvesAgain() {
    return source == DirectionSource.DENSE && exact() && !meter.timed();
  }

  @Override
  public boolean takesDiagonal() {
    assembled =
        matrix instanceof DenseFisher && scale.perParameter() && !meter.timed() && affordable();
    if (assembled) {
      matrix.assemble(batch.fisher());
      scale.exactly((DenseFisher) matrix);
    }
    return assembled;
  }

  /** A gradient for each column of the factor, the matrices and their Cholesky factorisations. */
  private double flops(int rows) {
    double parameters = work.length();
    double factorRows = (double) rows * batch.fisher().factorColumns();
    double flops = 4 * factorRows * parameters;
    if (matrix instanceof BlockDiagonalFisher blocks) {
      for (int l = 0; l < blocks.blocks(); l++) {
        flops += flops(blocks.block(l).rows(), factorRows);
      }
      return flops;
    }
    return flops
        + (source == DirectionSource.DUAL
            ? flops(factorRows, parameters)
            : flops(parameters, factorRows));
  }

  /** A side×side matrix of sums over so many products, and its factorisation. */
  private static double flops(double side, double summed) {
    return side * side * summed + side * side * side / 3;
  }

  @Override
  public boolean solveAfresh(Vec g, Vec d, StepOutcome outcome) {
    return false;
  }

  @Override
  public boolean affordable() {
    return meter.fitsRefresh(flops(batch.mean().rows()));
  }

  @Override
  public DirectionSource source() {
    return source;
  }

  @Override
  public void exchange(State state) {
    // Its matrix is assembled anew at every step.
  }
}
