package dev.natgrad.optimizer;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;

/**
 * v ← √v for a vector of positive entries, as exp(½·log v): an error of a few ulp, which is no
 * matter for units. Allocates nothing.
 */
final class RootOf {
  private final Vec v;
  private final Mat row;

  RootOf(Vec v) {
    this.v = v;
    this.row = v.asMat(1, v.length());
  }

  void take() {
    Maps.log(row, row);
    Blas.scal(0.5, v);
    Maps.exp(row, row);
  }
}
