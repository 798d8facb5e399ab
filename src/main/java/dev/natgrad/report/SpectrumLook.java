package dev.natgrad.report;

/**
 * What a curvature matrix looked like at one step. Immutable but for the arrays, which are not
 * copied and read only by the call that draws them; any thread may read it.
 *
 * @param step the number of steps made before
 * @param eigenvalue sizes t &gt; 0, n elements
 * @param above how many eigenvalues are above t, n elements
 * @param damping λ in units of the mean eigenvalue, m elements
 * @param dimension the effective dimension at λ, m elements
 * @param foreseen ½sᵀFs of steps s in nats, k elements
 * @param measured KL of the same steps in nats, k elements
 */
public record SpectrumLook(
    long step,
    double[] eigenvalue,
    double[] above,
    double[] damping,
    double[] dimension,
    double[] foreseen,
    double[] measured) {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if lengths differ that must be equal
   */
  public SpectrumLook {
    Check.length("above", above.length, "eigenvalue.length", eigenvalue.length);
    Check.length("dimension", dimension.length, "damping.length", damping.length);
    Check.length("measured", measured.length, "foreseen.length", foreseen.length);
  }

  /** How the look is called in the figure. */
  String name() {
    return step == 0 ? "at the start" : "after step " + step;
  }
}
