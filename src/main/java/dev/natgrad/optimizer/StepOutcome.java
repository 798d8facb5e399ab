package dev.natgrad.optimizer;

import dev.natgrad.solver.CgStatus;

/**
 * What one step did. Each optimiser owns one and overwrites it at its next step, so that a step
 * allocates nothing; read what you want to keep.
 *
 * <p>Quantities a step did not reach, or an optimiser does not have, are 0 (counts, times) or NaN
 * (measurements); the parameters themselves never become NaN.
 *
 * <p>Thread rule: the thread that steps.
 */
public final class StepOutcome {
  StepStatus status;
  double lossBefore;
  double lossAfter;
  double kl;
  double epsilon;
  double beta;
  double lambda;
  double reductionRatio;
  double gradientNorm;
  int cgIterations;
  CgStatus cgStatus;
  int chosenIteration;
  int products;
  DirectionSource source;
  double alpha;
  double mu;
  int trials;
  long nanos;

  StepOutcome() {
    clear();
  }

  void clear() {
    status = null;
    lossBefore = Double.NaN;
    lossAfter = Double.NaN;
    kl = Double.NaN;
    epsilon = Double.NaN;
    beta = Double.NaN;
    lambda = Double.NaN;
    reductionRatio = Double.NaN;
    gradientNorm = Double.NaN;
    cgIterations = 0;
    cgStatus = null;
    chosenIteration = 0;
    products = 0;
    source = null;
    alpha = Double.NaN;
    mu = Double.NaN;
    trials = 0;
    nanos = 0;
  }

  /**
   * Returns how the step ended.
   *
   * @return the status; null before the first step
   */
  public StepStatus status() {
    return status;
  }

  /**
   * Returns the objective of the batch at the parameters before the step.
   *
   * @return nats per sample, the penalty included; NaN where the budget left no time to evaluate
   *     it, and NaN or infinite where that is what it is ({@link StepStatus#NON_FINITE})
   */
  public double lossBefore() {
    return lossBefore;
  }

  /**
   * Returns the objective of the batch at the parameters after the step.
   *
   * @return nats per sample; {@link #lossBefore()} after a rejection; NaN where the optimiser does
   *     not measure it
   */
  public double lossAfter() {
    return lossAfter;
  }

  /**
   * Returns the measured KL of the batch, in the direction asked for, over the parameters as
   * stored: of the accepted step, or of the last length tried.
   *
   * @return nats; NaN if none was measured
   */
  public double kl() {
    return kl;
  }

  /**
   * Returns the ε in force at this step.
   *
   * @return nats; NaN for an optimiser without a bound
   */
  public double epsilon() {
    return epsilon;
  }

  /**
   * Returns the step size: s = −βd for the natural gradient, with momentum s = β(μ·previous − αd);
   * the learning rate for the controls.
   *
   * @return β; NaN if no step was tried
   */
  public double beta() {
    return beta;
  }

  /**
   * Returns the relative damping in force at this step.
   *
   * @return λ, a fraction of the curvature's own scale; NaN for an optimiser without damping
   */
  public double lambda() {
    return lambda;
  }

  /**
   * Returns the actual reduction of the objective over the one its quadratic model foresaw, at its
   * minimum where the step went beyond it.
   *
   * @return ρ, near 1 where the model is good; NaN if no step was tried
   */
  public double reductionRatio() {
    return reductionRatio;
  }

  /**
   * Returns the length of the gradient.
   *
   * @return ‖g‖₂
   */
  public double gradientNorm() {
    return gradientNorm;
  }

  /**
   * Returns the iterations the solver, conjugate gradients or MINRES, made.
   *
   * @return a count; 0 for an optimiser without a solver
   */
  public int cgIterations() {
    return cgIterations;
  }

  /**
   * Returns why the solver stopped, in the words of conjugate gradients: {@link
   * CgStatus#RELATIVE_PROGRESS} where MINRES cannot tell what is left of the residual from null
   * directions.
   *
   * @return the reason; null if it did not run
   */
  public CgStatus cgStatus() {
    return cgStatus;
  }

  /**
   * Returns the iteration whose iterate gave the direction, where candidates are kept.
   *
   * @return 1 to {@link #cgIterations}; 0 where there was nothing to choose
   */
  public int chosenIteration() {
    return chosenIteration;
  }

  /**
   * Returns the products with F made for the direction.
   *
   * @return a count; 0 for an optimiser without a solver
   */
  public int products() {
    return products;
  }

  /**
   * Returns by what the direction was found.
   *
   * @return the source; null if there was none
   */
  public DirectionSource source() {
    return source;
  }

  /**
   * Returns the weight of the new direction in the step at β = 1.
   *
   * @return α; 1 without momentum, NaN if there was no direction
   */
  public double directionWeight() {
    return alpha;
  }

  /**
   * Returns the weight of the previous step in the step at β = 1.
   *
   * @return μ; NaN without momentum
   */
  public double momentum() {
    return mu;
  }

  /**
   * Returns how many lengths were tried and measured.
   *
   * @return a count
   */
  public int trials() {
    return trials;
  }

  /**
   * Returns the time the step took.
   *
   * @return nanoseconds
   */
  public long nanos() {
    return nanos;
  }

  @Override
  public String toString() {
    return status
        + ": loss "
        + lossBefore
        + " → "
        + lossAfter
        + ", KL "
        + kl
        + " of ε "
        + epsilon
        + ", β "
        + beta
        + ", λ "
        + lambda
        + ", ρ "
        + reductionRatio
        + ", "
        + cgIterations
        + " CG iterations";
  }
}
