package dev.natgrad.solver;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.DenseSymmetric;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;

/** A system Ax = b with known condition number, rounded to a precision, and its solution. */
final class SpdSystem {
  final int n;
  final double u;

  /** A and b as the solver sees them. */
  final double[][] matrix;

  final double[] rhs;
  final double[] solution;

  final Mat stored;
  final DenseSymmetric a;
  final Vec b;
  final Vec x;

  SpdSystem(Workspace workspace, Precision precision, double[] eigenvalues, Random random) {
    this(
        workspace,
        precision,
        NaiveDense.withEigenvalues(eigenvalues, random),
        NaiveDense.gaussian(eigenvalues.length, random));
  }

  SpdSystem(Workspace workspace, Precision precision, double[][] matrix, double[] rhs) {
    this.n = rhs.length;
    this.u = precision.unitRoundoff();
    this.stored = Mat.allocate(workspace, n, n, precision);
    this.b = Vec.allocate(workspace, n, precision);
    this.x = Vec.allocate(workspace, n, precision);
    this.matrix = new double[n][n];
    for (int i = 0; i < n; i++) {
      stored.copyRowFrom(i, matrix[i], 0);
      stored.copyRowTo(i, this.matrix[i], 0);
    }
    b.copyFrom(rhs, 0);
    this.rhs = b.toArray();
    this.solution = NaiveDense.solve(this.matrix, this.rhs);
    this.a = new DenseSymmetric(stored);
  }

  /** ‖v − A⁻¹b‖_A. */
  double energyError(double[] v) {
    double[] e = NaiveDense.minus(v, solution);
    return Math.sqrt(Math.max(0, NaiveDense.dot(e, NaiveDense.product(matrix, e))));
  }

  /** φ(v) = ½vᵀAv − bᵀv. */
  double phi(double[] v) {
    return 0.5 * NaiveDense.dot(v, NaiveDense.product(matrix, v)) - NaiveDense.dot(rhs, v);
  }

  double residual(double[] v) {
    return NaiveDense.norm(NaiveDense.minus(rhs, NaiveDense.product(matrix, v)));
  }

  /**
   * How far the recurrence's residual may be from the true one after a number of iterations, with
   * ‖A‖ ≤ 1: Greenbaum's bound u·k·(4 + n√n)·max‖xᵢ‖, the iterates from 0 being no longer than the
   * solution; doubled for the rounding of the iterates beyond it.
   */
  double drift(int iterations) {
    double perIteration = 4 + n * Math.sqrt(n);
    return 2 * u * (iterations + 1) * perIteration * NaiveDense.norm(solution);
  }
}
