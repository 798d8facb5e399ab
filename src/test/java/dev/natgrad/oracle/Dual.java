package dev.natgrad.oracle;

import java.util.function.DoubleUnaryOperator;

/** A number and its derivatives with respect to n variables: derivatives without a formula. */
public record Dual(double value, double[] derivatives) {
  /** The variables themselves. */
  public static Dual[] variables(double... values) {
    Dual[] x = new Dual[values.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = new Dual(values[i], new double[x.length]);
      x[i].derivatives[i] = 1;
    }
    return x;
  }

  public Dual plus(Dual other) {
    return combine(value + other.value, 1, other, 1);
  }

  public Dual plus(double constant) {
    return new Dual(value + constant, derivatives);
  }

  public Dual minus(Dual other) {
    return combine(value - other.value, 1, other, -1);
  }

  public Dual minus(double constant) {
    return plus(-constant);
  }

  public Dual times(Dual other) {
    return combine(value * other.value, other.value, other, value);
  }

  public Dual times(double constant) {
    return combine(value * constant, constant, this, 0);
  }

  public Dual over(Dual other) {
    double quotient = value / other.value;
    return combine(quotient, 1 / other.value, other, -quotient / other.value);
  }

  public Dual squared() {
    return times(this);
  }

  public Dual exp() {
    return map(Math::exp, Math::exp);
  }

  public Dual sin() {
    return map(Math::sin, Math::cos);
  }

  private Dual map(DoubleUnaryOperator f, DoubleUnaryOperator derivative) {
    return combine(f.applyAsDouble(value), derivative.applyAsDouble(value), this, 0);
  }

  private Dual combine(double result, double mine, Dual other, double others) {
    double[] sum = new double[derivatives.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = mine * derivatives[i] + others * other.derivatives[i];
    }
    return new Dual(result, sum);
  }
}
