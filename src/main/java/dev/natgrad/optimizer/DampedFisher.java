package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.operator.LinearOperator;

/** F + W, the matrix whose inverse gives the direction. */
final class DampedFisher implements LinearOperator {
  private final LinearOperator fisher;
  private final CurvatureScale scale;

  DampedFisher(LinearOperator fisher, CurvatureScale scale) {
    this.fisher = fisher;
    this.scale = scale;
  }

  @Override
  public int size() {
    return fisher.size();
  }

  @Override
  public Precision precision() {
    return fisher.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    fisher.apply(alpha, x, beta, y);
    scale.addDamping(alpha, x, y);
  }

  @Override
  public void applyAndDot(Vec x, Vec y, double[] products) {
    fisher.apply(1, x, 0, y);
    scale.addDampingAndDot(x, y, products);
  }
}
