package dev.natgrad.linalg;

import dev.natgrad.kernel.ElementKernel;
import dev.natgrad.kernel.f64.Elementwise;

/**
 * What a product does with each block of C once its sums are complete and still in cache: a
 * function of them, or a derivative that multiplies them; {@link Blas#gemm(Transpose, Transpose,
 * double, Mat, Mat, double, Mat, Epilogue, Vec, Mat)} takes it, after a bias. The bits are those of
 * the product, {@link Blas#addToRows} and the method of {@link Maps} that a constant names, one
 * after the other; so are the errors.
 *
 * <p>Immutable; usable from any thread.
 */
public enum Epilogue {
  /** Nothing: Y must be C. */
  NONE(false, null, null),
  /** Y ← tanh C. */
  TANH(false, Elementwise::tanh, dev.natgrad.kernel.f32.Elementwise::tanh),
  /** Y ← 1/(1 + exp(−C)). */
  LOGISTIC(false, Elementwise::logistic, dev.natgrad.kernel.f32.Elementwise::logistic),
  /** Y ← max(C, 0). */
  RELU(
      false,
      (n, c, y, s) -> Elementwise.relu(n, c, y),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.relu(n, c, y)),
  /** Y ← ln(1 + exp C). */
  SOFTPLUS(false, Elementwise::softplus, dev.natgrad.kernel.f32.Elementwise::softplus),
  /** Y ← C∘Φ(C). */
  GELU(false, Elementwise::gelu, dev.natgrad.kernel.f32.Elementwise::gelu),
  /** Y ← C∘logistic(C). */
  SILU(false, Elementwise::silu, dev.natgrad.kernel.f32.Elementwise::silu),
  /** C ← C∘(1 − Y∘Y): Y holds values of tanh. */
  TANH_DERIVATIVE(
      true,
      (n, c, y, s) -> Elementwise.tanhDerivative(n, y, c),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.tanhDerivative(n, y, c)),
  /** C ← C∘Y∘(1 − Y): Y holds values of the logistic function. */
  LOGISTIC_DERIVATIVE(
      true,
      (n, c, y, s) -> Elementwise.logisticDerivative(n, y, c),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.logisticDerivative(n, y, c)),
  /** C ← +0 where Y ≤ 0, else C: Y holds values of relu. */
  RELU_DERIVATIVE(
      true,
      (n, c, y, s) -> Elementwise.reluDerivative(n, y, c),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.reluDerivative(n, y, c)),
  /** C ← C∘(1 − exp(−Y)): Y holds values of softplus. */
  SOFTPLUS_DERIVATIVE(
      true,
      (n, c, y, s) -> Elementwise.softplusDerivative(n, y, c, s),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.softplusDerivative(n, y, c, s)),
  /** C ← C∘gelu′(Y): Y holds arguments. */
  GELU_DERIVATIVE(
      true,
      (n, c, y, s) -> Elementwise.geluDerivative(n, y, c, s),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.geluDerivative(n, y, c, s)),
  /** C ← C∘silu′(Y): Y holds arguments. */
  SILU_DERIVATIVE(
      true,
      (n, c, y, s) -> Elementwise.siluDerivative(n, y, c, s),
      (n, c, y, s) -> dev.natgrad.kernel.f32.Elementwise.siluDerivative(n, y, c, s));

  private final boolean derivative;

  /** Of C and Y; null where there is nothing to do. */
  final ElementKernel f64;

  final ElementKernel f32;

  Epilogue(boolean derivative, ElementKernel f64, ElementKernel f32) {
    this.derivative = derivative;
    this.f64 = f64;
    this.f32 = f32;
  }

  /**
   * Tells what Y is.
   *
   * @return true if Y is an input and C the result, false if Y is the result
   */
  public boolean isDerivative() {
    return derivative;
  }
}
