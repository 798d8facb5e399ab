package dev.natgrad.fisher;

import dev.natgrad.memory.Precision;

/**
 * What the forms of the Fisher matrix cost for one damped solve of a shape, in floating-point
 * operations, and which of them is the cheapest.
 *
 * <p>With P parameters, B samples, R columns of a sample's factor, n = R·B and k iterations:
 *
 * <pre>
 * matrix-free   8·P·(B + 8)·k                            two passes a product, and vectors
 * dense         min(n·P² + 4·n·P, 8·P²·B) + c·P³/3       F from rows or from products, Cholesky
 * dual          4·n·P + n²·P + 12·n·P + c·n³/3           rows, SW⁻¹Sᵀ, two solves, Cholesky
 * </pre>
 *
 * where the vectors of length P that an iteration reads and writes count as {@value
 * #VECTORS_AS_SAMPLES} samples (measured: without them small batches run at a tenth of the rate of
 * large ones), c = {@value #F64_FACTOR} for F32, since the factorisation is in double at half the
 * rate, and 1 for F64. It knows neither caches nor short loops, so a factor of two between two
 * forms is within its error; what it gets right is which power of P, B and k wins. It is a
 * proposal: build another form where you know better.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param parameters P, at least 1
 * @param batch B, at least 1
 * @param outputs the number of outputs of a sample, at least 1
 * @param columns R, at least 1: the outputs for the exact Fisher matrix, the draws for the sampled
 *     one, 1 for the empirical one
 * @param iterations k, the iterations of conjugate gradients that are expected, at least 1
 * @param precision the format of the data
 */
public record FormCost(
    int parameters, int batch, int outputs, int columns, int iterations, Precision precision) {
  private static final double F64_FACTOR = 2;
  private static final int VECTORS_AS_SAMPLES = 8;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is below 1
   */
  public FormCost {
    FisherCheck.atLeastOne("parameters", parameters);
    FisherCheck.atLeastOne("batch", batch);
    FisherCheck.atLeastOne("outputs", outputs);
    FisherCheck.atLeastOne("columns", columns);
    FisherCheck.atLeastOne("iterations", iterations);
  }

  private double rows() {
    return (double) columns * batch;
  }

  private double cholesky(double n) {
    return (precision == Precision.F32 ? F64_FACTOR : 1) * n * n * n / 3;
  }

  /**
   * Returns the operations of a solve in a form.
   *
   * @param form the form
   * @return by the formulas above, at least 0
   */
  public double operations(FisherForm form) {
    double p = parameters;
    double b = batch;
    double n = rows();
    switch (form) {
      case DENSE:
        double fromRows = columns > DenseFisher.MOST_COLUMNS ? Double.MAX_VALUE : n * p * (p + 4);
        return Math.min(fromRows, 8 * p * p * b) + cholesky(p);
      case DUAL:
        return 16 * n * p + n * n * p + cholesky(n);
      default:
        return 8 * p * (b + VECTORS_AS_SAMPLES) * iterations;
    }
  }

  /**
   * Returns the off-heap memory that a form takes beyond what every step needs, the {@link
   * FactorRows} included.
   *
   * @param form the form
   * @return bytes; 0 for the matrix-free form, {@link Long#MAX_VALUE} where the shape is beyond the
   *     largest matrix
   */
  public long bytes(FisherForm form) {
    if (form == FisherForm.MATRIX_FREE) {
      return 0;
    }
    long side = form == FisherForm.DENSE ? parameters : (long) columns * batch;
    // Not side², which may be beyond 2⁶³.
    if (side > Integer.MAX_VALUE / side) {
      return Long.MAX_VALUE;
    }
    long factorRows = FactorRows.bytes(batch, outputs, parameters, precision);
    return form == FisherForm.DENSE
        ? DenseFisher.bytes(parameters, precision)
            + (columns > DenseFisher.MOST_COLUMNS ? 0 : factorRows)
        : DualFisher.bytes(columns, parameters, batch, precision) + factorRows;
  }

  /**
   * Proposes the form with the fewest operations among those that fit; between equals, the one that
   * has no tolerance.
   *
   * @param memoryBytes the off-heap memory there is for it, in bytes
   * @return the form; matrix-free fits always
   */
  public FisherForm choose(long memoryBytes) {
    FisherForm best = FisherForm.MATRIX_FREE;
    for (FisherForm form : new FisherForm[] {FisherForm.DUAL, FisherForm.DENSE}) {
      if (bytes(form) <= memoryBytes && operations(form) <= operations(best)) {
        best = form;
      }
    }
    return best;
  }
}
