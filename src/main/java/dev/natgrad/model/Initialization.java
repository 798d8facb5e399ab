package dev.natgrad.model;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import java.util.Locale;

/**
 * Where a network's parameters start: weights at random from a seed, gains 1, biases and shifts 0.
 *
 * <p>A weight is a function of (seed, layer, its index in the layer) alone, computed in double and
 * rounded once, so both precisions start at the same point up to rounding.
 *
 * <p>Immutable; usable from any thread on vectors that thread owns.
 */
public enum Initialization {
  /**
   * {@link #HE} for a hidden layer of RELU, GELU or SILU, {@link #GLOROT} for all others; a network
   * without hidden layers has weights of 0, where no unit of a feature can saturate it.
   */
  AUTO,
  /** Uniform in ±√(6/(fan in + fan out)) (Glorot and Bengio 2010). */
  GLOROT,
  /** Normal with deviation √(2/fan in) (He, Zhang, Ren and Sun 2015). */
  HE;

  /**
   * Returns the name as the command line and files spell it.
   *
   * @return the constant's name in lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Sets θ to the start of a network. Allocates no off-heap memory.
   *
   * @param model the network
   * @param seed any value
   * @param theta θ, of length P, of either precision, overwritten
   * @throws IllegalArgumentException if θ has another length
   */
  public void fill(Mlp model, long seed, Vec theta) {
    if (theta.length() != model.parameters()) {
      throw new IllegalArgumentException(
          "theta has length "
              + theta.length()
              + "; "
              + model
              + " has "
              + model.parameters()
              + " parameters");
    }
    Blas.fill(0, theta);
    int last = model.layers().size() - 1;
    for (int l = 0; l <= last; l++) {
      if (model.gain(l) != null) {
        Blas.fill(1, model.gain(l).vec(theta));
      }
    }
    if (this == AUTO && last == 0) {
      return;
    }
    for (int l = 0; l <= last; l++) {
      ParameterLayout.Block weight = model.weight(l);
      boolean rectified = l < last && model.layers().get(l).activation().rectifies();
      boolean normal = this == HE || (this == AUTO && rectified);
      double scale =
          normal
              ? Math.sqrt(2.0 / weight.rows())
              : Math.sqrt(6.0 / ((double) weight.rows() + weight.cols()));
      for (int i = 0; i < weight.length(); i++) {
        double draw =
            normal
                ? Philox.normal(seed, Streams.INITIALIZATION + l, i)
                : 2 * Philox.uniform(seed, Streams.INITIALIZATION + l, i) - 1;
        theta.set(weight.offset() + i, scale * draw);
      }
    }
  }
}
