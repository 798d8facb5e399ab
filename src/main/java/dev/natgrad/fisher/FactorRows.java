package dev.natgrad.fisher;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.RowProducts;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.model.Linearization;
import dev.natgrad.operator.LinearOperator;
import java.util.List;
import java.util.Objects;

/**
 * The rows of S, (R·B)×P with F = SᵀS: for each of the R columns of a sample's factor its vector
 * Jᵢᵀuᵢₖ, sample by sample.
 *
 * <p>Where all parameters are those of dense layers ({@link LayeredLinearization}), the B rows of a
 * column cost one pass back without the gradients, and B·P products; any other linearisation is
 * asked for one {@code vjp} a row.
 *
 * <p>Its memory is a B×P matrix and two B×outputs, {@link #bytes}; several forms may share it.
 * Thread rule: the owner of its workspace. Allocates nothing once a batch size has been seen.
 */
public final class FactorRows {
  private final Linearization linearization;
  private final LayeredLinearization layered;
  private final LayeredLinearization.LayerDeltas deltas = this::accept;
  private final int parameters;
  private final Precision precision;
  private final Mat rows;
  private final BatchViews<Views> views;

  private Target current;

  /** One batch size's rows of the buffers. */
  private record Views(Mat u, Mat single, Target target) {}

  /** A B×P matrix with the views that are written to. */
  final class Target {
    final Mat rows;
    final Vec[] samples;
    private final Mat[] weights;
    private final Mat[] biases;

    Target(Mat rows) {
      this.rows = rows;
      this.samples = new Vec[rows.rows()];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = rows.row(i);
      }
      List<DenseLayer> layers = layered == null ? List.of() : layered.denseLayers();
      this.weights = new Mat[layers.size()];
      this.biases = new Mat[layers.size()];
      for (int l = 0; l < weights.length; l++) {
        DenseLayer layer = layers.get(l);
        int entries = layer.inputs() * layer.outputs();
        weights[l] = rows.block(0, layer.weightOffset(), rows.rows(), entries);
        if (layer.hasBias()) {
          biases[l] = rows.block(0, layer.biasOffset(), rows.rows(), layer.outputs());
        }
      }
    }
  }

  /**
   * Takes the buffers.
   *
   * @param workspace the owner of the buffers
   * @param linearization J, at the point it was last evaluated at
   * @param outputs the number of outputs of a sample
   * @param parameters P
   * @param maxBatch the largest B, at least 1
   * @param precision the format of the linearisation
   * @throws IllegalArgumentException if a number is below 1
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public FactorRows(
      Workspace workspace,
      Linearization linearization,
      int outputs,
      int parameters,
      int maxBatch,
      Precision precision) {
    FisherCheck.atLeastOne("outputs", outputs);
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.atLeastOne("maxBatch", maxBatch);
    this.linearization = Objects.requireNonNull(linearization, "linearization");
    this.layered = layered(linearization, parameters);
    this.parameters = parameters;
    this.precision = precision;
    this.rows = Mat.allocate(workspace, maxBatch, parameters, precision);
    Mat u = Mat.allocate(workspace, maxBatch, outputs, precision);
    Mat single = Mat.allocate(workspace, maxBatch, outputs, precision);
    this.views =
        new BatchViews<>(
            maxBatch, b -> new Views(u.top(b), single.top(b), new Target(rows.top(b))));
  }

  /** The linearisation's layers, or null unless they hold all parameters. */
  private static LayeredLinearization layered(Linearization linearization, int parameters) {
    if (!(linearization instanceof LayeredLinearization layers)) {
      return null;
    }
    long held = 0;
    for (DenseLayer layer : layers.denseLayers()) {
      held += (long) layer.inputs() * layer.outputs() + (layer.hasBias() ? layer.outputs() : 0);
    }
    return held == parameters ? layers : null;
  }

  /**
   * Returns the off-heap memory it takes: a maxBatch×P matrix and two maxBatch×outputs.
   *
   * @param maxBatch the largest B
   * @param outputs the number of outputs of a sample
   * @param parameters P
   * @param precision the format
   * @return bytes
   */
  public static long bytes(int maxBatch, int outputs, int parameters, Precision precision) {
    return Mat.bytes(maxBatch, parameters, precision) + 2 * Mat.bytes(maxBatch, outputs, precision);
  }

  void check(LinearOperator f) {
    if (f.size() != parameters || f.precision() != precision) {
      throw new IllegalArgumentException(
          "f maps vectors of length "
              + f.size()
              + " in "
              + f.precision()
              + "; the rows were made for "
              + parameters
              + " in "
              + precision);
    }
  }

  /** Column k of every sample, in this object's own matrix. */
  Target column(Fisher f, int k) {
    Target target = buffer(f.batch());
    fill(f, k, target);
    return target;
  }

  /** This object's own matrix, cut to a batch size. */
  Target buffer(int batch) {
    return views.of(batch).target;
  }

  /** Writes column k of every sample. */
  void fill(Fisher f, int k, Target target) {
    check(f);
    Views v = views.of(f.batch());
    f.factorColumn(k, v.u);
    if (layered != null) {
      current = target;
      layered.backward(v.u, deltas);
      return;
    }
    RowProducts.difference(1, v.u, v.u, v.single);
    for (int i = 0; i < v.u.rows(); i++) {
      for (int j = 0; j < v.u.cols(); j++) {
        v.single.set(i, j, v.u.get(i, j));
      }
      linearization.vjp(v.single, 0, target.samples[i]);
      for (int j = 0; j < v.u.cols(); j++) {
        v.single.set(i, j, 0);
      }
    }
  }

  private void accept(int layer, Mat delta) {
    RowProducts.outer(layered.layerInputs(layer, delta.rows()), delta, current.weights[layer]);
    if (current.biases[layer] != null) {
      RowProducts.scale(1, delta, current.biases[layer]);
    }
  }
}
