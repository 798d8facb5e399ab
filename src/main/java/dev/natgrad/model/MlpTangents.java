package dev.natgrad.model;

import static dev.natgrad.linalg.Transpose.NO;
import static dev.natgrad.model.Normalization.INPUTS;
import static dev.natgrad.model.Normalization.SUMS;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Epilogue;
import dev.natgrad.linalg.LayerNormalization;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.model.MlpBuffers.Batch;
import dev.natgrad.model.MlpErrorBound.Stage;

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

  /** What the stages of layers add by themselves, to the tangents of all samples. */
  interface Noise {
    void addTo(Mat tangent, Stage stage, int l);
  }

  /** T ← how the outputs move when the parameters move along a direction. */
  void run(MlpParameters theta, MlpParameters direction, Mat x, Batch b, Mat t) {
    run(theta, direction, null, x, b, t);
  }

  /**
   * T ← how the outputs move when what the layers make moves by noise.
   *
   * @param still a direction of zero gains and shifts; nothing else of it is looked at
   * @return the largest movement on the way: of what is normalised, in standard deviations; of
   *     arguments of activations, for relu over the largest value
   */
  double noise(MlpParameters theta, MlpParameters still, Noise noise, Mat x, Batch b, Mat t) {
    return run(theta, still, noise, x, b, t);
  }

  private double run(
      MlpParameters theta, MlpParameters direction, Noise noise, Mat x, Batch b, Mat t) {
    double largest = 0;
    Mat tangent = null;
    for (int l = 0; l <= last; l++) {
      if (noise != null && normalizations[l] == INPUTS && tangent != null) {
        largest = Math.max(largest, deviations(tangent, l, b));
      }
      Mat fed = normalizations[l] == INPUTS ? fedTangent(l, tangent, theta, direction, b) : tangent;
      if (noise != null && normalizations[l] == INPUTS) {
        noise.addTo(fed, Stage.NORMALIZED_INPUTS, l);
      }
      boolean carried = opens[l + 1] && !closes[l];
      Mat out =
          l == last ? t : carried && (l == 0 || fed != b.carry[l - 1]) ? b.carry[l] : b.work[l];
      if (noise == null) {
        tangentOfSums(l, fed, theta, direction, x, b, out);
      } else {
        largest = Math.max(largest, noiseOfSums(l, fed, theta, direction, noise, x, b, out));
      }
      if (closes[l]) {
        Mat sum = l == last ? t : b.carry[l];
        RowProducts.add(1, l == last ? b.carry[l] : out, sum);
        out = sum;
      } else if (carried && out != b.carry[l]) {
        Blas.copy(out, b.carry[l]);
        out = b.carry[l];
      }
      if (noise != null) {
        noise.addTo(out, Stage.VALUES, l);
      }
      tangent = out;
    }
    return largest;
  }

  /** The tangent of the values of layer l, from that of what is fed to it; null is zero. */
  private void tangentOfSums(
      int l, Mat fed, MlpParameters theta, MlpParameters direction, Mat x, Batch b, Mat out) {
    boolean normalized = normalizations[l] == SUMS;
    boolean sloped = b.slopes[l] != null;
    Epilogue epilogue = sloped && !normalized ? activations[l].derivative() : Epilogue.NONE;
    Mat slopes = sloped && !normalized ? b.slopes[l] : out;
    Vec bias = direction.biases[l];
    if (fed == null) {
      Blas.gemm(NO, NO, 1, b.inputs(l, x), direction.weights[l], 0, out, epilogue, bias, slopes);
    } else {
      Blas.gemm(NO, NO, 1, b.inputs(l, x), direction.weights[l], 0, out);
      Blas.gemm(NO, NO, 1, fed, theta.weights[l], 1, out, epilogue, bias, slopes);
    }
    if (normalized) {
      normalTangent(l, theta, direction, b, out, out);
      if (sloped) {
        activations[l].multiplyByDerivative(b.slopes[l], out);
      }
    }
  }

  private double noiseOfSums(
      int l,
      Mat fed,
      MlpParameters theta,
      MlpParameters still,
      Noise noise,
      Mat x,
      Batch b,
      Mat out) {
    double alpha = fed == null ? 0 : 1;
    Blas.gemm(NO, NO, alpha, fed == null ? b.inputs(l, x) : fed, theta.weights[l], 0, out);
    noise.addTo(out, Stage.SUMS, l);
    double deviations = 0;
    if (normalizations[l] == SUMS) {
      deviations = deviations(out, l, b);
      normalTangent(l, theta, still, b, out, out);
      noise.addTo(out, Stage.NORMALIZED_SUMS, l);
    }
    Mat slopes = b.slopes[l];
    if (slopes == null) {
      return deviations;
    }
    double moved = Norms.largestAbsolute(out);
    if (activations[l] == Activation.RELU) {
      // Some kinks are always near: as if there were none, it passes on all.
      return Math.max(deviations, moved / Norms.largestAbsolute(slopes));
    }
    activations[l].multiplyByDerivative(slopes, out);
    return Math.max(deviations, moved);
  }

  private static double deviations(Mat tangent, int l, Batch b) {
    return Norms.largestScaled(b.scales[l], tangent);
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
