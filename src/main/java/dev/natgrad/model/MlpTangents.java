package dev.natgrad.model;

import static dev.natgrad.linalg.Transpose.NO;
import static dev.natgrad.model.Normalization.INPUTS;
import static dev.natgrad.model.Normalization.SUMS;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Epilogue;
import dev.natgrad.linalg.LayerNormalization;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.model.MlpBuffers.Batch;

/**
 * How the outputs of an {@link Mlp} move when its parameters do, or its layers' own results: layer
 * by layer from the first. {@link MlpLinearization} says where tangents wait that go around a
 * residual block.
 */
final class MlpTangents {
  private final Activation[] activations;
  private final Normalization[] normalizations;
  private final boolean[] closes;
  private final boolean[] opens;
  private final int last;

  MlpTangents(Mlp model) {
    int layers = model.layers().size();
    this.last = layers - 1;
    this.activations = new Activation[layers];
    this.normalizations = new Normalization[layers];
    for (int l = 0; l < layers; l++) {
      activations[l] = model.layers().get(l).activation();
      normalizations[l] = model.layers().get(l).normalization();
    }
    this.closes = MlpBuffers.closing(model);
    this.opens = MlpBuffers.opening(model);
  }

  /** T ← how the outputs move when the parameters move along a direction. */
  void run(MlpParameters theta, MlpParameters direction, Mat x, Batch b, Mat t) {
    run(theta, direction, null, x, b, t);
  }

  /**
   * The same, where the values of each layer move besides: by a vector, the same for every sample;
   * null if they do not.
   */
  void run(MlpParameters theta, MlpParameters direction, Vec[] values, Mat x, Batch b, Mat t) {
    Mat tangent = null;
    for (int l = 0; l <= last; l++) {
      Mat fed = normalizations[l] == INPUTS ? fedTangent(l, tangent, theta, direction, b) : tangent;
      boolean carried = opens[l + 1] && !closes[l];
      Mat out =
          l == last ? t : carried && (l == 0 || fed != b.carry[l - 1]) ? b.carry[l] : b.work[l];
      tangentOfSums(l, fed, theta, direction, x, b, out);
      if (closes[l]) {
        Mat sum = l == last ? t : b.carry[l];
        RowProducts.add(1, l == last ? b.carry[l] : out, sum);
        out = sum;
      } else if (carried && out != b.carry[l]) {
        Blas.copy(out, b.carry[l]);
        out = b.carry[l];
      }
      if (values != null) {
        Blas.addToRows(1, values[l], out);
      }
      tangent = out;
    }
  }

  /** The tangent of the values of layer l, from that of what is fed to it; null is zero. */
  private void tangentOfSums(
      int l, Mat fed, MlpParameters theta, MlpParameters direction, Mat x, Batch b, Mat out) {
    boolean normalized = normalizations[l] == SUMS;
    boolean sloped = b.slopes[l] != null;
    Epilogue epilogue = sloped && !normalized ? activations[l].derivative() : Epilogue.NONE;
    Mat slopes = sloped && !normalized ? b.slopes[l] : out;
    Vec bias = direction.biases[l];
    Mat weights = direction.weights[l];
    Mat inputs = b.inputs(l, x);
    if (fed != null) {
      if (weights != null) {
        Blas.gemm(NO, NO, 1, inputs, weights, 0, out);
      }
      double add = weights == null ? 0 : 1;
      Blas.gemm(NO, NO, 1, fed, theta.weights[l], add, out, epilogue, bias, slopes);
    } else if (weights != null) {
      Blas.gemm(NO, NO, 1, inputs, weights, 0, out, epilogue, bias, slopes);
    } else {
      Blas.gemm(NO, NO, 0, inputs, theta.weights[l], 0, out, epilogue, bias, slopes);
    }
    if (normalized) {
      normalTangent(l, theta, direction, b, out, out);
      if (sloped) {
        activations[l].multiplyByDerivative(b.slopes[l], out);
      }
    }
  }

  /** How the normalised inputs of a layer move; null stands for inputs that do not. */
  private Mat fedTangent(
      int l, Mat tangent, MlpParameters theta, MlpParameters direction, Batch b) {
    Mat below = b.below(l);
    if (tangent == null) {
      LayerNormalization.affine(b.normal[l], direction.gains[l], direction.shifts[l], below);
    } else {
      normalTangent(l, theta, direction, b, tangent, below);
    }
    return below;
  }

  private static void normalTangent(
      int l, MlpParameters theta, MlpParameters direction, Batch b, Mat tangent, Mat out) {
    LayerNormalization.tangent(
        b.normal[l],
        b.scales[l],
        theta.gains[l],
        direction.gains[l],
        direction.shifts[l],
        tangent,
        out);
  }
}
