package dev.natgrad.oracle;

import java.math.BigDecimal;
import java.math.MathContext;

/** Functions of one row of finite numbers, to 40 digits and straight from their definitions. */
public final class ExactRows {
  private static final MathContext DIGITS = new MathContext(60);

  private ExactRows() {}

  /**
   * Returns Σ exp aⱼ.
   *
   * @param a the row
   * @return the sum
   */
  public static BigDecimal sumExp(double[] a) {
    BigDecimal sum = BigDecimal.ZERO;
    for (double v : a) {
      sum = sum.add(ExactFunctions.exp(new BigDecimal(v)), DIGITS);
    }
    return sum;
  }

  /**
   * Returns exp aⱼ / Σ exp a.
   *
   * @param a the row
   * @param j an index
   * @param sumExp {@link #sumExp} of the row
   * @return the softmax at the index
   */
  public static BigDecimal softmax(double[] a, int j, BigDecimal sumExp) {
    return ExactFunctions.exp(new BigDecimal(a[j])).divide(sumExp, DIGITS);
  }

  /**
   * Returns Σ xⱼyⱼ.
   *
   * @param x a row
   * @param y a row
   * @return the sum
   */
  public static BigDecimal dot(double[] x, double[] y) {
    BigDecimal sum = BigDecimal.ZERO;
    for (int j = 0; j < x.length; j++) {
      sum = sum.add(new BigDecimal(x[j]).multiply(new BigDecimal(y[j])));
    }
    return sum;
  }
}
