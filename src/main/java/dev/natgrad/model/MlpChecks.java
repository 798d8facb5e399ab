package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;

/** What the passes of an {@link Mlp} ask of their arguments. */
final class MlpChecks {
  private final Mlp model;
  private final int maxBatch;
  private final Precision precision;

  MlpChecks(Mlp model, int maxBatch, Precision precision) {
    this.model = model;
    this.maxBatch = maxBatch;
    this.precision = precision;
  }

  void vector(String name, Vec v) {
    if (v.length() != model.parameters()) {
      throw new IllegalArgumentException(
          name
              + " has length "
              + v.length()
              + "; "
              + model
              + " has "
              + model.parameters()
              + " parameters");
    }
    precision(name, v.precision());
  }

  void batch(String name, Mat a, int cols) {
    if (a.rows() < 1 || a.rows() > maxBatch) {
      throw new IllegalArgumentException(
          name
              + " has "
              + a.rows()
              + " rows; the batch must have 1 to maxBatch = "
              + maxBatch
              + " samples");
    }
    shape(name, a, a.rows(), cols);
  }

  void samples(String name, Mat a, int first, int batch) {
    boolean some = a.rows() >= 1 && a.rows() <= batch - first;
    shape(name, a, some ? a.rows() : batch - first, model.outputs());
  }

  void shape(String name, Mat a, int rows, int cols) {
    if (a.rows() != rows || a.cols() != cols) {
      throw new IllegalArgumentException(
          name
              + " is "
              + a.rows()
              + "×"
              + a.cols()
              + "; for "
              + model
              + " it must be "
              + rows
              + "×"
              + cols);
    }
    precision(name, a.precision());
  }

  /** Layer by layer an output would overwrite what later layers still read. */
  static void apart(String out, boolean overlaps, String in) {
    if (overlaps) {
      throw new IllegalArgumentException(
          out + " overlaps " + in + " in memory; an output must not share memory with an input");
    }
  }

  private void precision(String name, Precision is) {
    if (is != precision) {
      throw new IllegalArgumentException(
          name + " has precision " + is + "; this linearization was made for " + precision);
    }
  }
}
