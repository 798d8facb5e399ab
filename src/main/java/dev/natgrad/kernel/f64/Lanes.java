package dev.natgrad.kernel.f64;

import dev.natgrad.kernel.VectorWidth;
import jdk.incubator.vector.VectorSpecies;

/** The one species of this precision; constant, or C2 boxes every vector. */
final class Lanes {
  static final VectorSpecies<Double> S = VectorSpecies.of(double.class, VectorWidth.SHAPE);
  static final int VL = S.length();

  private Lanes() {}
}
