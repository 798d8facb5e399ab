package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.Operands;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.foreign.MemorySegment;

/** A matrix or vector in one block of off-heap memory that natgrad and the native peers share. */
final class Data {
  final MemorySegment segment;
  final Mat mat;
  final int elements;
  private final double[] initial;

  /** Numbers in (−1, 1). */
  Data(Workspace workspace, int rows, int cols, Precision precision, long seed) {
    this(workspace, rows, cols, precision, Operands.uniform(rows * cols, seed));
  }

  Data(Workspace workspace, int rows, int cols, Precision precision, double[] initial) {
    this.elements = rows * cols;
    this.initial = initial;
    this.segment = workspace.allocate("operand", (long) elements * precision.bytes());
    this.mat = Mat.of(workspace, segment, rows, cols, cols, precision);
    reset();
  }

  /** A vector of all elements. */
  Vec vec() {
    return Vec.of(mat.workspace(), segment, elements, mat.precision());
  }

  void reset() {
    mat.copyFrom(initial);
  }

  double[] initial() {
    return initial.clone();
  }

  float[] initialFloats() {
    float[] floats = new float[elements];
    for (int i = 0; i < elements; i++) {
      floats[i] = (float) initial[i];
    }
    return floats;
  }

  double[] values() {
    return mat.toArray();
  }

  /** Lower triangle, zero above. */
  double[] lowerTriangle() {
    double[] values = values();
    int n = mat.cols();
    for (int i = 0; i < n; i++) {
      java.util.Arrays.fill(values, i * n + i + 1, (i + 1) * n, 0);
    }
    return values;
  }
}
