package dev.natgrad.fisher;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import java.util.List;
import java.util.Objects;

/**
 * The inverse of {@link KroneckerFactors}, damped factor by factor (Martens and Grosse, 2015,
 * section 6.3): on a layer's parameters V it is
 *
 * <pre>(A_l + πγI)⁻¹ V (G_l + γ/π·I)⁻¹,  π² = (tr A_l / dim A_l) / (tr G_l / dim G_l);</pre>
 *
 * π is 1 where a trace is 0. So γ² is a curvature, the λ of the whole: γ = √λ damps about as F + λI
 * does. A parameter outside all layers is divided by the layers' mean diagonal entry + γ².
 *
 * <p>The inverses are those of the last refresh, however often the factors have changed since. A
 * factor of which rounding makes a pivot less than half its damping, impossible in exact
 * arithmetic, is damped by {@value #RAISE} times as much, and again until that is not so; {@link
 * #raises} counts it.
 *
 * <p>It takes its own memory, {@link #bytes}, so that several can stand for several γ; a product is
 * 2(n + 1)m(n + 1 + m) flops a layer. Thread rule: the owner of its workspace. Allocates nothing
 * after construction.
 */
public final class KroneckerInverse implements LinearOperator, Stateful {
  /** By how much the damping of a factor grows where it is too small for the precision. */
  public static final double RAISE = 4;

  private final KroneckerFactors factors;
  private final Mat[] a;
  private final Mat[] g;
  private final Mat[] aFactor;
  private final Mat[] gFactor;
  private double gapScale;
  private double nextGamma;
  private double gamma = Double.NaN;
  private int nextLayer;
  private int raises;
  private boolean refreshed;

  /**
   * An inverse that has not been computed.
   *
   * @param workspace the owner of its memory
   * @param factors what to invert
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public KroneckerInverse(Workspace workspace, KroneckerFactors factors) {
    this.factors = Objects.requireNonNull(factors, "factors");
    List<DenseLayer> layers = factors.layers();
    Precision precision = factors.precision();
    this.a = new Mat[layers.size()];
    this.g = new Mat[layers.size()];
    this.aFactor = new Mat[layers.size()];
    this.gFactor = new Mat[layers.size()];
    this.nextLayer = layers.size();
    int largest = LayerBlocks.largestOrder(layers);
    Mat factor = Mat.allocate(workspace, largest, largest, precision);
    for (int l = 0; l < a.length; l++) {
      int rows = layers.get(l).rows();
      int cols = layers.get(l).outputs();
      a[l] = Mat.allocate(workspace, rows, rows, precision);
      g[l] = Mat.allocate(workspace, cols, cols, precision);
      aFactor[l] = factor.block(0, 0, rows, rows);
      gFactor[l] = factor.block(0, 0, cols, cols);
    }
  }

  /**
   * Returns the off-heap memory it takes: (n + 1)² + m² numbers a layer, n its inputs and m its
   * outputs, and the largest of these squares once more.
   *
   * @param layers the dense layers
   * @param precision the format
   * @return bytes, each block rounded up to a multiple of 64
   */
  public static long bytes(List<DenseLayer> layers, Precision precision) {
    int largest = LayerBlocks.largestOrder(layers);
    long bytes = Mat.bytes(largest, largest, precision);
    for (DenseLayer layer : layers) {
      bytes += Mat.bytes(layer.rows(), layer.rows(), precision);
      bytes += Mat.bytes(layer.outputs(), layer.outputs(), precision);
    }
    return bytes;
  }

  /**
   * Inverts the factors as they are now: n³ flops for each factor of order n.
   *
   * @param gamma γ &gt; 0, in units of √curvature
   * @return false if a factor is not finite; all layers before it are new then, the others as
   *     before
   * @throws IllegalArgumentException if γ is not positive and finite
   * @throws IllegalStateException if the factors have not been updated
   */
  public boolean refresh(double gamma) {
    startRefresh(gamma);
    while (nextLayer < a.length) {
      if (!refreshPart()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Starts a refresh that {@link #refreshPart} carries out; the factors must not change before its
   * end. Products in between use the new inverses of the layers that are done and the old ones of
   * the others.
   *
   * @param gamma γ &gt; 0, in units of √curvature
   * @throws IllegalArgumentException if γ is not positive and finite
   * @throws IllegalStateException if the factors have not been updated
   */
  public void startRefresh(double gamma) {
    FisherCheck.positive("gamma", gamma);
    if (factors.updates() == 0) {
      throw new IllegalStateException("the factors are empty: update them before a refresh");
    }
    nextGamma = gamma;
    nextLayer = 0;
    raises = 0;
  }

  /**
   * Returns how many layers the current refresh has left.
   *
   * @return 0 if it is complete
   */
  public int partsLeft() {
    return a.length - nextLayer;
  }

  /**
   * Returns the flops of the next {@link #refreshPart}, to leading order: the sum of the cubes of
   * the layer's two orders.
   *
   * @return flops; 0 if the refresh is complete
   */
  public double nextPartFlops() {
    if (nextLayer == a.length) {
      return 0;
    }
    return flops(factors.layers().get(nextLayer));
  }

  /**
   * Inverts the next layer's factors, if the refresh has one left.
   *
   * @return false if a factor of the layer is not finite; its inverses are unchanged then, and the
   *     refresh goes no further
   */
  public boolean refreshPart() {
    if (nextLayer == a.length) {
      return true;
    }
    int l = nextLayer;
    Mat from = factors.inputFactor(l);
    Mat to = factors.outputFactor(l);
    double meanA = KroneckerFactors.trace(from) / from.rows();
    double meanG = KroneckerFactors.trace(to) / to.rows();
    double scale = factors.meanDiagonal() + nextGamma * nextGamma;
    if (!(Double.isFinite(meanA) && Double.isFinite(meanG) && Double.isFinite(scale))) {
      return false;
    }
    double pi = pi(meanA, meanG);
    invert(from, nextGamma * pi, aFactor[l], a[l]);
    invert(to, nextGamma / pi, gFactor[l], g[l]);
    gapScale = 1 / scale;
    nextLayer++;
    if (nextLayer == a.length) {
      gamma = nextGamma;
      refreshed = true;
    }
    return true;
  }

  /**
   * Returns the flops of inverting a layer's two damped factors, to leading order: n³ + m³, n and m
   * their orders.
   *
   * @param layer a dense layer
   * @return flops, at least 2
   */
  public static double flops(DenseLayer layer) {
    double n = layer.rows();
    double m = layer.outputs();
    // StrictMath.pow allocates.
    return n * n * n + m * m * m;
  }

  /** √(meanA/meanG), or 1 where that says nothing. */
  static double pi(double meanA, double meanG) {
    double pi = Math.sqrt(meanA) / Math.sqrt(meanG);
    return pi > 0 && Double.isFinite(pi) ? pi : 1;
  }

  /** Ends early for a finite matrix: a shift of its trace makes it positive definite. */
  private void invert(Mat matrix, double damping, Mat factor, Mat inverse) {
    for (double shift = damping; Double.isFinite(shift); shift *= RAISE) {
      Blas.copy(matrix, factor);
      for (int i = 0; i < factor.rows(); i++) {
        factor.set(i, i, factor.get(i, i) + shift);
      }
      if (Cholesky.factor(factor) && smallestPivot(factor) >= shift / 2) {
        Cholesky.invert(factor, inverse);
        return;
      }
      raises++;
    }
    throw new IllegalStateException("a factor is not finite; its diagonal is: update the factors");
  }

  /** In exact arithmetic no pivot is below the shift. */
  private static double smallestPivot(Mat factor) {
    double smallest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < factor.rows(); i++) {
      double root = factor.get(i, i);
      smallest = Math.min(smallest, root * root);
    }
    return smallest;
  }

  /**
   * Returns γ of the last complete refresh.
   *
   * @return γ; NaN before the first
   */
  public double gamma() {
    return gamma;
  }

  /**
   * Returns how often the current or last refresh had to raise the damping of a factor.
   *
   * @return 0 if γ was large enough for the precision
   */
  public int raises() {
    return raises;
  }

  @Override
  public void exchange(State state) {
    for (int l = 0; l < a.length; l++) {
      state.matrix("a" + l, a[l]);
      state.matrix("g" + l, g[l]);
    }
    gapScale = state.number("gap_scale", gapScale);
    nextGamma = state.number("next_gamma", nextGamma);
    gamma = state.number("gamma", gamma);
    nextLayer = (int) state.whole("next_layer", nextLayer);
    raises = (int) state.whole("raises", raises);
    refreshed = state.flag("refreshed", refreshed);
  }

  @Override
  public int size() {
    return factors.size();
  }

  @Override
  public Precision precision() {
    return factors.precision();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException before the first complete refresh
   */
  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    if (!refreshed) {
      throw new IllegalStateException("nothing has been inverted: call refresh first");
    }
    OperatorCheck.product(this, x, y);
    factors.apply(a, g, alpha, x, beta, y);
    LayerBlocks.Parts from = factors.blocks().of(x);
    LayerBlocks.Parts to = factors.blocks().of(y);
    for (int i = 0; i < to.gaps.length; i++) {
      Blas.axpby(alpha * gapScale, from.gaps[i], beta, to.gaps[i]);
    }
  }

  /**
   * d ← the inverse times g: the direction of a step, but for its sign and length.
   *
   * @param g a vector of length P
   * @param d a vector of length P, overwritten
   * @throws IllegalArgumentException if a vector does not fit
   * @throws IllegalStateException before the first complete refresh
   */
  public void solve(Vec g, Vec d) {
    apply(1, g, 0, d);
  }
}
