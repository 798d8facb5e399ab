package dev.natgrad.oracle;

/** The output distributions from their formulas, one row at a time, in double with error bounds. */
public enum NaiveLikelihood {
  CATEGORICAL,
  BERNOULLI,
  GAUSSIAN;

  public static final double VARIANCE = 0.5;
  private static final double U = 0x1p-53;

  public static double logSumExp(double... z) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : z) {
      max = Math.max(max, value);
    }
    double sum = 0;
    for (double value : z) {
      sum += Math.exp(value - max);
    }
    return max + Math.log(sum);
  }

  public double[] mean(double[] z) {
    double[] m = new double[z.length];
    for (int j = 0; j < z.length; j++) {
      m[j] =
          switch (this) {
            case CATEGORICAL -> Math.exp(z[j] - logSumExp(z));
            case BERNOULLI -> 1 / (1 + Math.exp(-z[j]));
            case GAUSSIAN -> z[j];
          };
    }
    return m;
  }

  /** −log P(y | z). */
  public double loss(double[] z, double[] y) {
    double loss = this == GAUSSIAN ? 0.5 * z.length * Math.log(2 * Math.PI * VARIANCE) : 0;
    for (int j = 0; j < z.length; j++) {
      loss +=
          switch (this) {
            case CATEGORICAL -> y[j] * (logSumExp(z) - z[j]);
            case BERNOULLI -> logSumExp(0, z[j]) - y[j] * z[j];
            case GAUSSIAN -> (z[j] - y[j]) * (z[j] - y[j]) / (2 * VARIANCE);
          };
    }
    return loss;
  }

  /** By how much the loss can change when every output moves by at most its error. */
  public double lossError(Bounded[] z, double[] y) {
    double total = 0;
    double largest = 0;
    for (int j = 0; j < z.length; j++) {
      double e = z[j].error();
      double slope = this == GAUSSIAN ? (Math.abs(z[j].value() - y[j]) + e) / VARIANCE : 1;
      total += slope * e;
      largest = Math.max(largest, e);
    }
    // The score of a softmax is p − y, whose absolute sum is at most 2.
    return this == CATEGORICAL ? 2 * largest : total;
  }

  /** KL(from‖to) with a bound on its error, given that of the outputs. */
  public Bounded kl(Bounded[] from, Bounded[] to) {
    double value = 0;
    double error = 0;
    if (this == CATEGORICAL) {
      return softmaxKl(from, to);
    }
    for (int j = 0; j < from.length; j++) {
      Bounded part =
          this == GAUSSIAN
              ? normalKl(from[j], to[j])
              : softmaxKl(
                  new Bounded[] {Bounded.ZERO, from[j]}, new Bounded[] {Bounded.ZERO, to[j]});
      value += part.value();
      error += part.error() + 2 * from.length * U * part.value();
    }
    return new Bounded(value, error);
  }

  private static Bounded normalKl(Bounded from, Bounded to) {
    double d = to.value() - from.value();
    double e = from.error() + to.error() + 2 * U * Math.abs(d);
    return new Bounded(d * d / (2 * VARIANCE), (2 * Math.abs(d) + e) * e / (2 * VARIANCE));
  }

  /**
   * With d = to − from less its mean under p: ln Σpeᵈ − Σpd = log1p(Σp·expm1(d)) − Σpd, which does
   * not cancel where d is small.
   */
  private static Bounded softmaxKl(Bounded[] from, Bounded[] to) {
    int n = from.length;
    double[] p = CATEGORICAL.mean(values(from));
    double[] q = CATEGORICAL.mean(values(to));
    double shift = 0;
    for (int j = 0; j < n; j++) {
      shift += p[j] * (to[j].value() - from[j].value());
    }
    double grown = 0;
    double mean = 0;
    double sizes = 0;
    double e = 0;
    double slope = 0;
    for (int j = 0; j < n; j++) {
      double d = to[j].value() - from[j].value() - shift;
      grown += p[j] * Math.expm1(d);
      mean += p[j] * d;
      sizes += p[j] * (Math.abs(Math.expm1(d)) + Math.abs(d) + 4 * Math.abs(shift) * U);
      e = Math.max(e, from[j].error() + to[j].error());
      // ∂KL/∂to = q − p; ∂KL/∂from = p·(L − KL) with L = KL − d + … bounded by its size.
      slope += Math.abs(q[j] - p[j]) + 2 * p[j] * (Math.abs(d) + Math.abs(Math.expm1(d)));
    }
    if (!(grown <= Double.MAX_VALUE)) {
      return farSoftmaxKl(from, to, p, q, e);
    }
    double kl = Math.log1p(grown) - mean;
    double rounding = 8 * (n + 4) * U * (sizes + Math.abs(kl));
    return new Bounded(kl, rounding + e * slope + 4 * e * e);
  }

  /** ln Σe^to − ln Σe^from − Σp(to − from): where the other form overflows nothing cancels. */
  private static Bounded farSoftmaxKl(
      Bounded[] from, Bounded[] to, double[] p, double[] q, double e) {
    double kl = logSumExp(values(to)) - logSumExp(values(from));
    double sizes = Math.abs(logSumExp(values(to))) + Math.abs(logSumExp(values(from)));
    double slope = 0;
    for (int j = 0; j < from.length; j++) {
      double d = to[j].value() - from[j].value();
      kl -= p[j] * d;
      sizes += p[j] * Math.abs(d);
      slope += Math.abs(q[j] - p[j]) + 2 * p[j] * Math.abs(d);
    }
    slope += 2 * Math.abs(kl);
    double rounding = 8 * (from.length + 4) * U * (sizes + Math.abs(kl));
    return new Bounded(kl, rounding + e * slope + 4 * e * e);
  }

  private static double[] values(Bounded[] z) {
    double[] values = new double[z.length];
    for (int j = 0; j < z.length; j++) {
      values[j] = z[j].value();
    }
    return values;
  }
}
