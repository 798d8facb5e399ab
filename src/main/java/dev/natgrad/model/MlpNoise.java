package dev.natgrad.model;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.MlpErrorBound.Stage;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;

/**
 * The rounding of the outputs of a deep {@link Mlp}, measured by noise in place of rounding.
 *
 * <p>{@link MlpErrorBound} passes the error of a layer on by norms: a block h + f(h) multiplies it
 * by up to 1 + ‖∂f‖, some four for usual weights, while what arrives of independent errors grows by
 * √(1 + ‖∂f‖²/n) or so. After eight blocks its bound is 10⁷ times the error, and no step could be
 * told from rounding; after some twenty layers without blocks too.
 *
 * <p>To first order the error of an output is Σ Jᵢδᵢ over all that layers add by themselves, which
 * that class bounds too: |δᵢ| ≤ aᵢ, λ times the deviation of a sum of roundings. They are
 * independent, so the error stays within (Σ Jᵢ²aᵢ²)^½ as surely as a sum of roundings within λ
 * deviations (Hoeffding). A pass of tangents with signs times aᵢ in place of δᵢ draws from a
 * distribution with just this deviation, for every sample and output; the largest of all entries of
 * {@value #PROBES} passes, doubled, takes its place. Fewer samples than {@value #ENTRIES} / 4 get
 * more passes, since the largest of few numbers is less sure. Of sums of n &lt; 64 terms aᵢ is the
 * worst case, only √n deviations; what covers that is how far above the partial sums their norms
 * are (docs/numerics.md has the least ratio measured).
 *
 * <p>What the passes leave out is of second order, and an error may lead out of a flat part, as
 * where two large features all but cancel before a tanh. So they count only where all that is
 * normalised moves by less than {@value #SMALL} of its standard deviation and arguments of
 * activations by less than {@value #SMALL}: slopes of tanh, logistic and softplus change by
 * e^(±1/4) at most up to there; for relu by so much of the largest value. Their cost, about that of
 * as many evaluations, is spent only where the bound by norms says nothing.
 */
final class MlpNoise implements MlpTangents.Noise {
  private static final int PROBES = 4;
  private static final int ENTRIES = 64;
  private static final double SAFETY = 2;
  private static final double SMALL = 0.125;
  private static final long SEED = 0;

  /** Layers that norms bound well enough for usual weights. */
  private static final int SHALLOW = 4;

  /** Times what the last layer adds by itself, from which the bound by norms is doubted. */
  private static final double LOOSE = 1e3;

  /** The relative error of outputs, about, that no step minds. */
  private static final double HARMLESS = 1e-5;

  private final Mlp model;
  private final MlpTangents tangents;
  private final double u;

  /** Zero gains and shifts: what is normalised moves by noise alone. */
  private final MlpParameters still;

  /** Signs for each stage of each layer that there is, the same for every sample. */
  private final Vec[][] signs;

  private final BatchViews<Vec> amplitudes;
  private final BatchViews<Mat> outputs;
  private MlpErrorBound bounds;

  MlpNoise(
      Mlp model, MlpTangents tangents, Workspace workspace, int maxBatch, Precision precision) {
    this.model = model;
    this.tangents = tangents;
    this.u = precision.unitRoundoff();
    int layers = model.layers().size();
    this.still = new MlpParameters(layers);
    this.signs = new Vec[Stage.values().length][layers];
    for (int l = 0; l < layers; l++) {
      int width = model.layers().get(l).width();
      signs[Stage.SUMS.ordinal()][l] = Vec.allocate(workspace, width, precision);
      signs[Stage.VALUES.ordinal()][l] = Vec.allocate(workspace, width, precision);
      if (model.gain(l) != null) {
        int features = model.gain(l).length();
        still.gains[l] = Vec.allocate(workspace, features, precision);
        still.shifts[l] = still.gains[l];
        signs[normalized(l).ordinal()][l] = Vec.allocate(workspace, features, precision);
      }
    }
    Vec rows = Vec.allocate(workspace, maxBatch, precision);
    this.amplitudes = new BatchViews<>(maxBatch, size -> rows.slice(0, size));
    Mat all = Mat.allocate(workspace, maxBatch, model.outputs(), precision);
    this.outputs = new BatchViews<>(maxBatch, all::top);
  }

  /** Bytes of a workspace that an instance takes, 0 of a network that needs none. */
  static long bytes(Mlp model, int maxBatch, Precision precision) {
    if (!serves(model)) {
      return 0;
    }
    long bytes = Mat.bytes(maxBatch, model.outputs(), precision) + Vec.bytes(maxBatch, precision);
    for (int l = 0; l < model.layers().size(); l++) {
      bytes += 2 * Vec.bytes(model.layers().get(l).width(), precision);
      if (model.gain(l) != null) {
        bytes += 2 * Vec.bytes(model.gain(l).length(), precision);
      }
    }
    return bytes;
  }

  /** Whether the bound by norms may come to say nothing: networks that are deep or residual. */
  static boolean serves(Mlp model) {
    if (model.layers().size() > SHALLOW) {
      return true;
    }
    for (int l = 0; l < model.layers().size(); l++) {
      if (MlpBuffers.closes(model, l)) {
        return true;
      }
    }
    return false;
  }

  /** The bound, or less where it says nothing and noise says more. */
  double least(double bound, MlpErrorBound of, MlpParameters theta, Mat x, MlpBuffers.Batch batch) {
    double own = of.own(theta, x, batch);
    if (!(bound > own * Math.max(LOOSE, HARMLESS / u) && bound < Double.POSITIVE_INFINITY)) {
      return bound;
    }
    double largest = 0;
    int probes = Math.max(PROBES, ENTRIES / batch.size);
    Mat t = outputs.of(batch.size);
    bounds = of;
    for (int k = 0; k < probes; k++) {
      draw(k);
      double moved = tangents.noise(theta, still, this, x, batch, t);
      if (!(SAFETY * u * moved < SMALL)) {
        return bound;
      }
      largest = Math.max(largest, Norms.largestAbsolute(t));
    }
    double measured = SAFETY * u * largest;
    return measured < bound ? Math.max(own, measured) : bound;
  }

  private Stage normalized(int l) {
    return model.layers().get(l).normalization() == Normalization.INPUTS
        ? Stage.NORMALIZED_INPUTS
        : Stage.NORMALIZED_SUMS;
  }

  private void draw(int probe) {
    long counter = 0;
    for (int l = 0; l < signs[0].length; l++) {
      counter = signs(probe, counter, signs[Stage.SUMS.ordinal()][l]);
      counter = signs(probe, counter, signs[Stage.VALUES.ordinal()][l]);
      if (model.gain(l) != null) {
        counter = signs(probe, counter, signs[normalized(l).ordinal()][l]);
      }
    }
  }

  /** ±1 by random bits; returns the next of their counters. */
  private static long signs(int probe, long counter, Vec to) {
    long bits = 0;
    for (int i = 0; i < to.length(); i++) {
      if (i % Long.SIZE == 0) {
        bits = Philox.bits(SEED, Streams.ROUNDING + probe, counter++);
      }
      to.set(i, 1 - 2 * (bits & 1));
      bits >>>= 1;
    }
    return counter;
  }

  /** In units of u, so that nothing underflows. */
  @Override
  public void addTo(Mat tangent, Stage stage, int l) {
    Vec amplitude = amplitudes.of(tangent.rows());
    for (int i = 0; i < amplitude.length(); i++) {
      amplitude.set(i, bounds.added(stage, l, i) / u);
    }
    Blas.ger(1, amplitude, signs[stage.ordinal()][l], tangent);
  }
}
