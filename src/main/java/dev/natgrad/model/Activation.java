package dev.natgrad.model;

import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import java.util.Locale;

/**
 * The function that a layer applies to each of its units. Its derivative is a function of its value
 * alone, so a layer keeps only its values.
 */
public enum Activation {
  /** x. */
  IDENTITY(1),
  /** tanh x. */
  TANH(1),
  /** 1/(1 + e⁻ˣ). */
  LOGISTIC(0.25),
  /** max(x, 0), with derivative 0 at 0. */
  RELU(1),
  /** ln(1 + eˣ). */
  SOFTPLUS(1);

  /** No map of {@link Maps} that an activation uses is off by more ulp than this. */
  private static final double MAP_ULP = 4;

  private final double lipschitz;

  Activation(double lipschitz) {
    this.lipschitz = lipschitz;
  }

  /**
   * Returns the activation's name as the command line and files spell it.
   *
   * @return the constant's name in lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the activation of a name.
   *
   * @param label a {@link #label()}
   * @return the activation
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Activation of(String label) {
    for (Activation activation : values()) {
      if (activation.label().equals(label)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "activation is '" + label + "'; it must be identity, tanh, logistic, relu or softplus");
  }

  /**
   * A ← φ(A) in every element. Allocates nothing.
   *
   * @param a A, m×n
   */
  public void apply(Mat a) {
    switch (this) {
      case IDENTITY -> {}
      case TANH -> Maps.tanh(a, a);
      case LOGISTIC -> Maps.logistic(a, a);
      case RELU -> Maps.relu(a, a);
      case SOFTPLUS -> Maps.softplus(a, a);
    }
  }

  /**
   * U ← U∘φ′, where φ′ is the derivative at the point whose value is A. Allocates nothing.
   *
   * @param a A = φ(X), m×n
   * @param u U, m×n; not A
   */
  public void multiplyByDerivative(Mat a, Mat u) {
    switch (this) {
      case IDENTITY -> {}
      case TANH -> Maps.tanhDerivative(a, u);
      case LOGISTIC -> Maps.logisticDerivative(a, u);
      case RELU -> Maps.reluDerivative(a, u);
      case SOFTPLUS -> Maps.softplusDerivative(a, u);
    }
  }

  /** The largest |φ′|. */
  double lipschitz() {
    return lipschitz;
  }

  /** The largest error of a computed value, in units of u·|value|: an ulp is at most 2u|value|. */
  double roundings() {
    return this == IDENTITY || this == RELU ? 0 : 2 * MAP_ULP;
  }
}
