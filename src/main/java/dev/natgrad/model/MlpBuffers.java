package dev.natgrad.model;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What an {@link MlpLinearization} keeps of a point, and its work matrices, for the largest batch;
 * {@link #of} cuts them to other rows and remembers them. Not counting what layers do not need
 * (null):
 *
 * <p>{@code values} A_l; {@code slopes} what φ_l′ is computed from, {@code values} where that is
 * the same; {@code normal} and {@code scales} the h and r of a normalisation; {@code fed} a
 * normalisation of inputs. Tangents and deltas alternate between two work matrices, layer l using
 * number l mod 2, while {@code carry} holds those that go around a residual block.
 */
final class MlpBuffers {
  private final Mlp model;
  private final int maxBatch;
  private final Precision precision;
  private final Workspace workspace;
  private final BatchViews<List<Batch>> views;
  private final Mat[] values;
  private final Mat[] slopes;
  private final Mat[] normal;
  private final Mat[] fed;
  private final Vec[] scales;
  private final Mat[] work = new Mat[2];
  private final Mat carry;
  private long bytes;

  /** The buffers cut to the samples from the first on; the work to as many rows. */
  static final class Batch {
    final int first;
    final int size;
    final Mat[] values;
    final Mat[] slopes;
    final Mat[] normal;
    final Mat[] fed;
    final Vec[] scales;

    /** Work of n_l columns. */
    final Mat[] work;

    /** That of the inputs, where the first layer normalises them. */
    private final Mat entry;

    /** {@code carry} of n_l columns, where it is wide enough. */
    final Mat[] carry;

    private Batch(Mlp model, MlpBuffers all, int first, int size) {
      int layers = model.layers().size();
      this.first = first;
      this.size = size;
      this.values = new Mat[layers];
      this.slopes = new Mat[layers];
      this.normal = new Mat[layers];
      this.fed = new Mat[layers];
      this.scales = new Vec[layers];
      this.work = new Mat[layers];
      this.carry = new Mat[layers];
      for (int l = 0; l < layers; l++) {
        int width = model.layers().get(l).width();
        values[l] = rows(all.values[l]);
        slopes[l] = all.slopes[l] == all.values[l] ? values[l] : rows(all.slopes[l]);
        normal[l] = rows(all.normal[l]);
        fed[l] = rows(all.fed[l]);
        scales[l] = all.scales[l] == null ? null : all.scales[l].slice(first, size);
        work[l] = columns(all.work[l & 1], width);
        carry[l] = columns(all.carry, width);
      }
      this.entry =
          normalizes(model, 0, Normalization.INPUTS) ? columns(all.work[1], model.inputs()) : null;
    }

    private Mat rows(Mat a) {
      return a == null ? null : a.block(first, 0, size, a.cols());
    }

    private Mat columns(Mat a, int width) {
      return a == null || a.cols() < width ? null : a.block(0, 0, size, width);
    }

    /** What is fed to the weights of a layer, given the rows of X. */
    Mat inputs(int layer, Mat x) {
      if (fed[layer] != null) {
        return fed[layer];
      }
      return layer == 0 ? x : values[layer - 1];
    }

    /** Work as wide as the inputs of a layer, that of the layer before. */
    Mat below(int layer) {
      return layer == 0 ? entry : work[layer - 1];
    }
  }

  /** Without a workspace nothing is taken, only counted. */
  private MlpBuffers(Mlp model, Workspace workspace, int maxBatch, Precision precision) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + "; it must be at least 1");
    }
    this.maxBatch = maxBatch;
    this.precision = precision;
    this.workspace = workspace;
    int layers = model.layers().size();
    this.values = new Mat[layers];
    this.slopes = new Mat[layers];
    this.normal = new Mat[layers];
    this.fed = new Mat[layers];
    this.scales = new Vec[layers];
    int[] widths = new int[2];
    int around = 0;
    for (int l = 0; l < layers; l++) {
      Mlp.Layer layer = model.layers().get(l);
      boolean last = l == layers - 1;
      values[l] = last ? null : matrix(layer.width());
      keep(l, last, layer);
      if (model.gain(l) != null) {
        int features = model.gain(l).length();
        normal[l] = matrix(features);
        fed[l] = layer.normalization() == Normalization.INPUTS ? matrix(features) : null;
        scales[l] = vector();
      }
      if (!last
          || layer.activation() != Activation.IDENTITY
          || normalizes(model, l, Normalization.SUMS)) {
        widths[l & 1] = Math.max(widths[l & 1], layer.width());
      }
      if (closes(model, l)) {
        around = Math.max(around, layer.width());
      }
    }
    if (normalizes(model, 0, Normalization.INPUTS)) {
      widths[1] = Math.max(widths[1], model.inputs());
    }
    work[0] = widths[0] == 0 ? null : matrix(widths[0]);
    work[1] = widths[1] == 0 ? null : matrix(widths[1]);
    this.carry = around == 0 ? null : matrix(around);
    this.model = model;
    this.views = workspace == null ? null : new BatchViews<>(maxBatch, size -> new ArrayList<>());
  }

  private void keep(int l, boolean last, Mlp.Layer layer) {
    Activation activation = layer.activation();
    if (activation == Activation.IDENTITY) {
      return;
    }
    boolean same = !last && !activation.derivesFromArgument() && layer.residual() == 0;
    slopes[l] = same ? values[l] : matrix(layer.width());
  }

  private Mat matrix(int width) {
    bytes = Math.addExact(bytes, Mat.bytes(maxBatch, width, precision));
    return workspace == null ? null : Mat.allocate(workspace, maxBatch, width, precision);
  }

  private Vec vector() {
    bytes = Math.addExact(bytes, Vec.bytes(maxBatch, precision));
    return workspace == null ? null : Vec.allocate(workspace, maxBatch, precision);
  }

  static MlpBuffers allocate(Mlp model, Workspace workspace, int maxBatch, Precision precision) {
    return new MlpBuffers(
        model, Objects.requireNonNull(workspace, "workspace"), maxBatch, precision);
  }

  static long bytes(Mlp model, int maxBatch, Precision precision) {
    return new MlpBuffers(model, null, maxBatch, precision).bytes;
  }

  static boolean normalizes(Mlp model, int layer, Normalization what) {
    return model.layers().get(layer).normalization() == what;
  }

  /** Whether a layer closes a residual block that θ moves the inputs of. */
  static boolean closes(Mlp model, int layer) {
    int residual = model.layers().get(layer).residual();
    return residual > 0 && residual <= layer;
  }

  /** Which layers close a block, by {@link #closes}. */
  static boolean[] closing(Mlp model) {
    boolean[] closing = new boolean[model.layers().size()];
    for (int l = 0; l < closing.length; l++) {
      closing[l] = closes(model, l);
    }
    return closing;
  }

  /** Which layers such a block begins with; one entry more than there are layers. */
  static boolean[] opening(Mlp model) {
    boolean[] opening = new boolean[model.layers().size() + 1];
    for (int l = 0; l < model.layers().size(); l++) {
      if (closes(model, l)) {
        opening[l - model.layers().get(l).residual() + 1] = true;
      }
    }
    return opening;
  }

  Batch of(int first, int size) {
    List<Batch> ofSize = views.of(size);
    for (int i = 0; i < ofSize.size(); i++) {
      if (ofSize.get(i).first == first) {
        return ofSize.get(i);
      }
    }
    Batch made = new Batch(model, this, first, size);
    ofSize.add(made);
    return made;
  }
}
