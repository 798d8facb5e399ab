package dev.natgrad.model;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares a model's Jacobian products with finite differences of its outputs, entry by entry, in
 * F64.
 *
 * <p>Entry (sample, output, parameter p) of J is computed three ways. D(h) = (f(θ + h·e_p) − f(θ −
 * h·e_p))/(2h) with h = ∛u·max(1, |θ_p|) is compared with J·e_p, and J·e_p with Jᵀ of the unit
 * matrix of (sample, output). The tolerance is 2·|D(2h) − D(h)| + 4e/h: the first is six times the
 * leading truncation error of D(h), which falls as h²; the second bounds the rounding of D(h) where
 * e is the largest of {@link Linearization#outputErrorBound()} and 8u·|z|, at θ and where the
 * differences are taken. Where the outputs have a kink within 2h of θ (a rectified unit at 0)
 * differences say nothing: check elsewhere.
 *
 * <p>It evaluates the model 4P times and takes B·outputs·P doubles; use a small model and few
 * samples. Usable from any thread; takes and frees its own off-heap memory.
 */
public final class DerivativeCheck {
  /** The product found wrong. */
  public enum Product {
    /** J·v, against finite differences. */
    JVP,
    /** Jᵀ·u, against J·v by ⟨u, Jv⟩ = ⟨Jᵀu, v⟩. */
    VJP,
    /** Jᵀ·u + βg, against Jᵀ·u alone. */
    VJP_ACCUMULATED
  }

  /**
   * An entry of J that differs.
   *
   * @param product which product gave it
   * @param parameter the index in θ
   * @param sample the row of X
   * @param output the column of Z
   * @param given what the product gave
   * @param expected what it was compared with
   * @param tolerance the difference allowed
   */
  public record Mismatch(
      Product product,
      int parameter,
      int sample,
      int output,
      double given,
      double expected,
      double tolerance) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: ∂z[sample %d, output %d]/∂θ[%d] is %.10g; expected %.10g within %.2g",
          product,
          sample,
          output,
          parameter,
          given,
          expected,
          tolerance);
    }
  }

  /** From 6e-6, which suits a model that changes over lengths of about 1, to 2e-16 of that. */
  private static final int LENGTHS = 11;

  private static final double SHORTER = 32;

  private final Model model;
  private final int batch;
  private final Linearization at;
  private final Linearization beside;
  private final Vec theta;
  private final Vec moved;
  private final Vec vector;
  private final Mat x;
  private final Mat z;
  private final Mat right;
  private final Mat left;
  private final double[][] jacobian;
  private final double[][] tolerances;
  private final List<Mismatch> mismatches = new ArrayList<>();

  private DerivativeCheck(Model model, Workspace workspace, double[] theta, double[][] samples) {
    this.model = model;
    this.batch = samples.length;
    int outputs = model.outputs();
    this.at = model.linearize(workspace, batch, Precision.F64);
    this.beside = model.linearize(workspace, batch, Precision.F64);
    this.theta = Vec.allocate(workspace, theta.length, Precision.F64);
    this.moved = Vec.allocate(workspace, theta.length, Precision.F64);
    this.vector = Vec.allocate(workspace, theta.length, Precision.F64);
    this.x = Mat.allocate(workspace, batch, model.inputs(), Precision.F64);
    this.z = Mat.allocate(workspace, batch, outputs, Precision.F64);
    this.right = Mat.allocate(workspace, batch, outputs, Precision.F64);
    this.left = Mat.allocate(workspace, batch, outputs, Precision.F64);
    this.jacobian = new double[theta.length][];
    this.tolerances = new double[theta.length][];
    this.theta.copyFrom(theta, 0);
    for (int i = 0; i < batch; i++) {
      x.copyRowFrom(i, samples[i], 0);
    }
  }

  /**
   * Compares all entries.
   *
   * @param model the model
   * @param theta θ, of length P, where the outputs are differentiable
   * @param samples the inputs, at least one row of {@code model.inputs()} numbers
   * @return the entries that differ; empty if the derivatives are right
   * @throws IllegalArgumentException if a shape does not fit the model
   */
  public static List<Mismatch> run(Model model, double[] theta, double[][] samples) {
    if (theta.length != model.parameters()) {
      throw new IllegalArgumentException(
          "theta has length " + theta.length + "; the model has P = " + model.parameters());
    }
    if (samples.length == 0) {
      throw new IllegalArgumentException("samples has no rows; give at least 1");
    }
    for (int i = 0; i < samples.length; i++) {
      if (samples[i].length != model.inputs()) {
        throw new IllegalArgumentException(
            "samples["
                + i
                + "] has "
                + samples[i].length
                + " numbers; the model has "
                + model.inputs()
                + " inputs");
      }
    }
    try (Workspace workspace = Workspace.create()) {
      DerivativeCheck check = new DerivativeCheck(model, workspace, theta, samples);
      check.at.evaluate(check.theta, check.x, check.z);
      for (int p = 0; p < theta.length; p++) {
        check.column(p);
      }
      for (int i = 0; i < samples.length; i++) {
        for (int j = 0; j < model.outputs(); j++) {
          check.row(i, j);
        }
      }
      return List.copyOf(check.mismatches);
    }
  }

  /** Compares J·e_p with differences and keeps it. */
  private void column(int p) {
    Blas.fill(0, vector);
    vector.set(p, 1);
    at.jvp(vector, left);
    jacobian[p] = left.toArray();
    double largest = 0;
    for (double entry : jacobian[p]) {
      largest = Math.max(largest, Math.abs(entry));
    }
    double h = StrictMath.cbrt(Precision.F64.unitRoundoff()) * Math.max(1, Math.abs(theta.get(p)));
    double[] expected = new double[jacobian[p].length];
    tolerances[p] = new double[expected.length];
    Arrays.fill(tolerances[p], Double.NaN);
    for (int i = 0; i < LENGTHS && !conclusive(p, expected, largest); i++) {
      refine(p, h, expected);
      h /= SHORTER;
    }
    for (int k = 0; k < expected.length; k++) {
      compare(Product.JVP, p, k, jacobian[p][k], expected[k], tolerances[p][k]);
    }
  }

  /** Whether shorter differences could not tell more: all entries agree, and within a hundredth. */
  private boolean conclusive(int p, double[] expected, double largest) {
    for (int k = 0; k < expected.length; k++) {
      double tolerance = tolerances[p][k];
      if (!(Math.abs(jacobian[p][k] - expected[k]) <= tolerance && tolerance <= largest / 100)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes differences over h where those over longer ways cannot be right, being further off than
   * both tolerances allow, or are less exact. Where the model changes within less than h its
   * differences over h and 2h may agree and still be no derivatives.
   */
  private void refine(int p, double h, double[] expected) {
    double centre = theta.get(p);
    double[] noise = new double[jacobian[p].length];
    raise(noise, at, z.toArray());
    double[] near = difference(p, centre, h, noise);
    double[] far = difference(p, centre, 2 * h, noise);
    for (int k = 0; k < near.length; k++) {
      double tolerance = 2 * Math.abs(far[k] - near[k]) + 4 * noise[k] / h;
      double before = tolerances[p][k];
      boolean first = !Double.isFinite(before);
      boolean apart = Math.abs(near[k] - expected[k]) > before + tolerance;
      if (first || Double.isFinite(tolerance) && (apart || tolerance < before)) {
        expected[k] = near[k];
        tolerances[p][k] = tolerance;
      }
    }
  }

  /**
   * Takes the rounding of the outputs at another point into account: at θ = 0 they may have none.
   */
  private static void raise(double[] noise, Linearization there, double[] outputs) {
    double bound = there.outputErrorBound();
    for (int k = 0; k < noise.length; k++) {
      double own = 8 * Precision.F64.unitRoundoff() * Math.abs(outputs[k]);
      noise[k] = Math.max(noise[k], Math.max(bound, own));
    }
  }

  private double[] difference(int p, double centre, double h, double[] noise) {
    Blas.copy(theta, moved);
    moved.set(p, centre + h);
    double step = moved.get(p);
    beside.evaluate(moved, x, right);
    double[] difference = right.toArray();
    raise(noise, beside, difference);
    moved.set(p, centre - h);
    step -= moved.get(p);
    beside.evaluate(moved, x, left);
    double[] low = left.toArray();
    raise(noise, beside, low);
    for (int k = 0; k < difference.length; k++) {
      difference[k] = (difference[k] - low[k]) / step;
    }
    return difference;
  }

  /** Compares Jᵀ of one unit matrix, alone and added to a vector, with the columns kept. */
  private void row(int sample, int output) {
    int k = sample * model.outputs() + output;
    for (int i = 0; i < batch; i++) {
      for (int j = 0; j < model.outputs(); j++) {
        left.set(i, j, i == sample && j == output ? 1 : 0);
      }
    }
    Blas.fill(Double.NaN, vector);
    at.vjp(left, 0, vector);
    Blas.fill(1, moved);
    at.vjp(left, -0.5, moved);
    double largest = 0;
    for (double[] column : jacobian) {
      largest = Math.max(largest, Math.abs(column[k]));
    }
    for (int p = 0; p < jacobian.length; p++) {
      double given = vector.get(p);
      // Both are exact but for rounding, which half of the digits leave ample room for.
      double exact = Math.sqrt(Precision.F64.unitRoundoff()) * largest;
      // What underflows has no digits to compare.
      double tolerance = Math.min(tolerances[p][k], exact) + Double.MIN_NORMAL;
      compare(Product.VJP, p, k, given, jacobian[p][k], tolerance);
      tolerance += 8 * Precision.F64.unitRoundoff();
      compare(Product.VJP_ACCUMULATED, p, k, moved.get(p) + 0.5, given, tolerance);
    }
  }

  private void compare(
      Product product, int p, int k, double given, double expected, double tolerance) {
    if (!(Math.abs(given - expected) <= tolerance)) {
      int outputs = model.outputs();
      mismatches.add(
          new Mismatch(product, p, k / outputs, k % outputs, given, expected, tolerance));
    }
  }
}
