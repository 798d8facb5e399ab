package dev.natgrad.model;

import java.util.Locale;

/**
 * Whether a layer normalises and where: y = h∘g + b of every sample, where h = (x − mean x)/√(var x
 * + ε) over the sample's features and ε = {@value #EPSILON} (Ba, Kiros and Hinton, 2016), with a
 * gain g and a shift b for each feature.
 *
 * <p>Immutable; usable from any thread.
 */
public enum Normalization {
  /** It does not. */
  NONE,
  /** The layer's inputs, before the product with its weights. */
  INPUTS,
  /** The layer's sums, before its activation. */
  SUMS;

  /** ε. */
  public static final double EPSILON = 1e-5;

  /**
   * Returns the name as files spell it.
   *
   * @return the constant's name in lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the normalisation of a name.
   *
   * @param label a {@link #label()}
   * @return the normalisation
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Normalization of(String label) {
    for (Normalization normalization : values()) {
      if (normalization.label().equals(label)) {
        return normalization;
      }
    }
    throw new IllegalArgumentException(
        "normalization is '" + label + "'; it must be none, inputs or sums");
  }
}
