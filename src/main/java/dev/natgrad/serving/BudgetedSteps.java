package dev.natgrad.serving;

import dev.natgrad.linalg.Mat;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.StepBudget;
import dev.natgrad.optimizer.StepOutcome;
import java.util.Objects;

/** An optimiser's steps, each within a budget where there is one. Thread rule: the optimiser's. */
final class BudgetedSteps {
  private final Optimizer optimizer;
  private StepBudget budget = StepBudget.UNLIMITED;

  /** The optimiser where steps are limited; else null. */
  private NaturalGradient limited;

  BudgetedSteps(Optimizer optimizer) {
    this.optimizer = optimizer;
  }

  /**
   * Limits the steps from now on.
   *
   * @throws IllegalArgumentException if the optimiser keeps to no budget and there is one
   */
  void limit(StepBudget newBudget) {
    boolean limits = !StepBudget.UNLIMITED.equals(Objects.requireNonNull(newBudget, "newBudget"));
    if (limits && !(optimizer instanceof NaturalGradient)) {
      throw new IllegalArgumentException(
          "newBudget is "
              + newBudget
              + " and the optimiser "
              + optimizer.name()
              + "; only the natural gradient keeps to one: use StepBudget.UNLIMITED");
    }
    limited = limits ? (NaturalGradient) optimizer : null;
    budget = newBudget;
  }

  StepOutcome step(Mat x, Mat y) {
    return limited == null ? optimizer.step(x, y) : limited.step(x, y, budget);
  }
}
