package dev.natgrad.model;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Epilogue;
import dev.natgrad.linalg.Maps;
import dev.natgrad.linalg.Mat;
import java.util.Locale;

/**
 * The function that a layer applies to each of its units. Where the derivative is a function of the
 * value alone, a layer keeps only its values; GELU and SILU are not monotonous, so that it keeps
 * their arguments besides.
 *
 * <p>Immutable; usable from any thread on matrices that thread owns.
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
  SOFTPLUS(1),
  /** x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016). */
  GELU(1.13),
  /** x/(1 + e⁻ˣ) (Elfwing, Uchibe and Doya, 2018). */
  SILU(1.1);

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
        "activation is '"
            + label
            + "'; it must be identity, tanh, logistic, relu, softplus, gelu or silu");
  }

  /**
   * Tells whether the derivative takes the argument X rather than the value φ(X).
   *
   * @return true for {@link #GELU} and {@link #SILU}
   */
  public boolean derivesFromArgument() {
    return this == GELU || this == SILU;
  }

  /**
   * A ← φ(X) in every element. Allocates nothing.
   *
   * @param x X, m×n
   * @param a A, m×n; may be X
   */
  public void apply(Mat x, Mat a) {
    switch (this) {
      case IDENTITY -> {
        if (x != a) {
          Blas.copy(x, a);
        }
      }
      case TANH -> Maps.tanh(x, a);
      case LOGISTIC -> Maps.logistic(x, a);
      case RELU -> Maps.relu(x, a);
      case SOFTPLUS -> Maps.softplus(x, a);
      case GELU -> Maps.gelu(x, a);
      case SILU -> Maps.silu(x, a);
    }
  }

  /**
   * U ← U∘φ′(X). Allocates nothing.
   *
   * @param a X if {@link #derivesFromArgument()}, else φ(X), m×n
   * @param u U, m×n; not A
   */
  public void multiplyByDerivative(Mat a, Mat u) {
    switch (this) {
      case IDENTITY -> {}
      case TANH -> Maps.tanhDerivative(a, u);
      case LOGISTIC -> Maps.logisticDerivative(a, u);
      case RELU -> Maps.reluDerivative(a, u);
      case SOFTPLUS -> Maps.softplusDerivative(a, u);
      case GELU -> Maps.geluDerivative(a, u);
      case SILU -> Maps.siluDerivative(a, u);
    }
  }

  /**
   * What applies it to a product. Not a field: epilogues load kernels, and names of activations are
   * read before the JVM is known to have vectors.
   */
  Epilogue epilogue() {
    return switch (this) {
      case IDENTITY -> Epilogue.NONE;
      case TANH -> Epilogue.TANH;
      case LOGISTIC -> Epilogue.LOGISTIC;
      case RELU -> Epilogue.RELU;
      case SOFTPLUS -> Epilogue.SOFTPLUS;
      case GELU -> Epilogue.GELU;
      case SILU -> Epilogue.SILU;
    };
  }

  /** What multiplies a product by φ′, as {@link #multiplyByDerivative}. */
  Epilogue derivative() {
    return switch (this) {
      case IDENTITY -> Epilogue.NONE;
      case TANH -> Epilogue.TANH_DERIVATIVE;
      case LOGISTIC -> Epilogue.LOGISTIC_DERIVATIVE;
      case RELU -> Epilogue.RELU_DERIVATIVE;
      case SOFTPLUS -> Epilogue.SOFTPLUS_DERIVATIVE;
      case GELU -> Epilogue.GELU_DERIVATIVE;
      case SILU -> Epilogue.SILU_DERIVATIVE;
    };
  }

  /** Whether it is about max(x, 0). */
  boolean rectifies() {
    return this == RELU || this == GELU || this == SILU;
  }

  /** At least the largest |φ′|: 1.129 for GELU, at √2, and 1.0999 for SILU, at 2.4. */
  double lipschitz() {
    return lipschitz;
  }

  /** At least the largest |φ|; infinite where there is none. */
  double largest() {
    return this == TANH || this == LOGISTIC ? 1 : Double.POSITIVE_INFINITY;
  }

  /** The largest error of a computed value, in units of u·|value|: an ulp is at most 2u|value|. */
  double roundings() {
    return this == IDENTITY || this == RELU ? 0 : 2 * MAP_ULP;
  }
}
