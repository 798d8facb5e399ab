package dev.natgrad.model;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.TiedParameters.Run;
import java.util.List;

/**
 * The passes of {@link TiedParameters}: φ and v are spread run by run, gradients added up in the
 * order of θ. Cuts of the caller's vectors are remembered for the last {@value #KEPT}, so that
 * repeated calls allocate nothing.
 */
final class TiedLinearization implements Linearization {
  private static final int KEPT = 16;

  private final TiedParameters model;
  private final Linearization base;
  private final List<Run> free;
  private final Vec theta;
  private final Vec direction;
  private final Vec gradient;
  private final Vec[] thetaRuns;
  private final Vec[] directionRuns;
  private final Vec[] gradientRuns;
  private final Vec[] vectors = new Vec[KEPT];
  private final Vec[][] cuts = new Vec[KEPT][];
  private int next;

  TiedLinearization(TiedParameters model, Workspace workspace, int maxBatch, Precision precision) {
    this.model = model;
    this.base = model.base().linearize(workspace, maxBatch, precision);
    int all = model.base().parameters();
    this.free = model.runs().stream().filter(run -> !run.constant()).toList();
    this.theta = Vec.allocate(workspace, all, precision);
    this.direction = Vec.allocate(workspace, all, precision);
    this.gradient = Vec.allocate(workspace, all, precision);
    // Constants stay as they are written here; along every direction they stand still.
    Blas.fill(0, direction);
    for (int i = 0; i < all; i++) {
      theta.set(i, model.constantAt(i));
    }
    this.thetaRuns = cut(theta);
    this.directionRuns = cut(direction);
    this.gradientRuns = cut(gradient);
  }

  private Vec[] cut(Vec whole) {
    return free.stream().map(r -> whole.slice(r.offset(), r.length())).toArray(Vec[]::new);
  }

  private Vec[] parts(String name, Vec v) {
    for (int i = 0; i < KEPT; i++) {
      if (vectors[i] == v) {
        return cuts[i];
      }
    }
    if (v.length() != model.parameters()) {
      throw new IllegalArgumentException(
          name + " has length " + v.length() + "; " + model + " needs " + model.parameters());
    }
    Vec[] parts = free.stream().map(r -> v.slice(r.free(), r.length())).toArray(Vec[]::new);
    vectors[next] = v;
    cuts[next] = parts;
    next = (next + 1) % KEPT;
    return parts;
  }

  private void spread(Vec[] from, Vec[] to) {
    for (int i = 0; i < to.length; i++) {
      Blas.copy(from[i], to[i]);
      if (free.get(i).scale() != 1) {
        Blas.scal(free.get(i).scale(), to[i]);
      }
    }
  }

  @Override
  public void evaluate(Vec theta, Mat x, Mat z) {
    spread(parts("theta", theta), thetaRuns);
    base.evaluate(this.theta, x, z);
  }

  @Override
  public void evaluateAgain(Vec theta, Mat x, Mat z) {
    spread(parts("theta", theta), thetaRuns);
    base.evaluateAgain(this.theta, x, z);
  }

  @Override
  public void jvp(Vec v, Mat t) {
    spread(parts("v", v), directionRuns);
    base.jvp(direction, t);
  }

  @Override
  public void vjp(Mat u, double beta, Vec g) {
    Vec[] parts = parts("g", g);
    base.vjp(u, 0, gradient);
    if (beta == 0) {
      Blas.fill(0, g);
    } else {
      Blas.scal(beta, g);
    }
    for (int i = 0; i < parts.length; i++) {
      Blas.axpy(free.get(i).scale(), gradientRuns[i], parts[i]);
    }
  }

  /** {@inheritDoc} The base's at θ = Sφ + c as rounded. */
  @Override
  public double outputErrorBound() {
    return base.outputErrorBound();
  }

  @Override
  public double outputRounding() {
    return base.outputRounding();
  }
}
