package dev.natgrad.optimizer;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.operator.Diagonal;
import dev.natgrad.operator.LinearOperator;

/** F + W, the matrix whose inverse gives the direction. */
final class DampedFisher implements LinearOperator {
  private final LinearOperator fisher;
  private final Diagonal damping;

  DampedFisher(LinearOperator fisher, Diagonal damping) {
    this.fisher = fisher;
    this.damping = damping;
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
    damping.apply(alpha, x, 1, y);
  }

  @Override
  public void applyAndDot(Vec x, Vec y, double[] products) {
    fisher.apply(1, x, 0, y);
    damping.addAndDot(x, y, products);
  }
}
