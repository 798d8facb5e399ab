package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.state.Stateful;

/**
 * Changes the parameters of a model, batch by batch, so that the objective falls.
 *
 * <p>Thread rule: the owner of its workspace. A step allocates nothing on heap or off heap once its
 * batch size has been seen. Its state ({@link Stateful}) is all that later steps depend on but for
 * the options it was built with and times that were measured.
 */
public interface Optimizer extends Stateful {
  /**
   * Returns the optimiser's name as the command line spells it.
   *
   * @return such as {@code natural-gradient}
   */
  String name();

  /**
   * Returns θ, live: a step changes it, and the caller may set it between steps.
   *
   * @return a vector of length P
   */
  Vec parameters();

  /**
   * Makes one step on a batch.
   *
   * @param x X, B×inputs, B between 1 and the largest batch
   * @param y Y, B×outputs
   * @return what the step did; overwritten by the next step
   * @throws IllegalArgumentException if a shape, a precision or a target does not fit; nothing has
   *     changed then
   */
  StepOutcome step(Mat x, Mat y);

  /**
   * Makes another step on the batch of the last one, with the same result as {@link #step}: neither
   * the numbers of the batch nor the parameters may have been changed since, so what was evaluated
   * at the end of that step need not be evaluated again. It is, where the objective or the
   * distribution was told anything else in between ({@link
   * dev.natgrad.objective.Objective#told()}).
   *
   * @param x X, as in the last step
   * @param y Y, as in the last step
   * @return what the step did; overwritten by the next step
   * @throws IllegalArgumentException as {@link #step}
   */
  default StepOutcome stepAgain(Mat x, Mat y) {
    return step(x, y);
  }
}
