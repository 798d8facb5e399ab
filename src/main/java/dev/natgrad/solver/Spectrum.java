package dev.natgrad.solver;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;

/**
 * Estimates of sums over the spectrum of a symmetric positive semi-definite A, tr f(A) = Σ f(λᵢ),
 * by stochastic Lanczos quadrature: the mean over random signs z of zᵀf(A)z, each by {@link
 * Lanczos} (Ubaru, Chen and Saad, Fast estimation of tr(f(A)) via stochastic Lanczos quadrature,
 * SIAM J. Matrix Anal. Appl. 38, 2017). Among them the effective dimension tr(A(A + λI)⁻¹): how
 * many directions the damping λ leaves to A.
 *
 * <p>For diagnostics. Costs probes·steps products. The quadrature is exact where a probe's Krylov
 * space is exhausted; the probes' own error has the estimated deviation that {@link
 * #effectiveDimensionError} returns. Probes are a function of the seed and their number alone.
 *
 * <p>Memory: that of a {@link Lanczos} and one vector, {@link #bytes}. Thread rule: the owner of
 * its workspace. Allocates nothing after construction.
 */
public final class Spectrum {
  private final Lanczos lanczos;
  private final Vec start;
  private final int probes;
  private final int steps;
  private final double[] nodes;
  private final double[] weights;
  private final int[] made;
  private int used;

  /**
   * Takes the vectors.
   *
   * @param workspace the owner of the vectors
   * @param n the length of the vectors, in elements, at least 1
   * @param precision the format of the vectors
   * @param steps products a probe, 1 to {@value Lanczos#MOST_STEPS}
   * @param probes the number of probes, at least 1
   * @throws IllegalArgumentException if a number is out of range
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Spectrum(Workspace workspace, int n, Precision precision, int steps, int probes) {
    if (probes < 1) {
      throw new IllegalArgumentException("probes is " + probes + "; it must be at least 1");
    }
    this.lanczos = new Lanczos(workspace, n, precision, steps);
    this.start = Vec.allocate(workspace, n, precision);
    this.probes = probes;
    this.steps = steps;
    this.nodes = new double[Math.multiplyExact(probes, steps)];
    this.weights = new double[nodes.length];
    this.made = new int[probes];
  }

  /**
   * Returns the off-heap memory it takes, whatever the number of probes.
   *
   * @param n the length of the vectors, in elements
   * @param precision the format of the vectors
   * @param steps products a probe
   * @return bytes
   */
  public static long bytes(int n, Precision precision, int steps) {
    return Lanczos.bytes(n, precision, steps) + Vec.bytes(n, precision);
  }

  /**
   * Limits the products of the runs from now on. A probe cut short counts with the steps it made.
   *
   * @param budget asked before each product with A; null for no limit
   */
  public void setBudget(ProductBudget budget) {
    lanczos.setBudget(budget);
  }

  /**
   * Probes an operator, forgetting the one before.
   *
   * @param a A
   * @param seed the seed of the probes
   * @return the number of probes that gave something: fewer than asked for if the budget was spent
   *     or a product not finite
   * @throws IllegalArgumentException if its size or precision does not fit
   */
  public int run(LinearOperator a, long seed) {
    used = 0;
    for (int probe = 0; probe < probes; probe++) {
      long bits = 0;
      for (int i = 0; i < start.length(); i++) {
        if (i % Long.SIZE == 0) {
          bits = Philox.bits(seed, Streams.LANCZOS + probe, i / Long.SIZE);
        }
        start.set(i, (bits & 1) == 0 ? 1 : -1);
        bits >>>= 1;
      }
      if (!lanczos.run(a, start)) {
        break;
      }
      made[used] = lanczos.steps();
      for (int i = 0; i < made[used]; i++) {
        nodes[used * steps + i] = lanczos.ritzValue(i);
        weights[used * steps + i] = lanczos.weight(i);
      }
      used++;
    }
    return used;
  }

  /**
   * Returns the smallest Ritz value of all probes: an estimate of the smallest eigenvalue, from
   * above.
   *
   * @return an estimate; +∞ if no probe gave anything
   */
  public double smallest() {
    double least = Double.POSITIVE_INFINITY;
    for (int probe = 0; probe < used; probe++) {
      least = Math.min(least, nodes[probe * steps]);
    }
    return least;
  }

  /**
   * Returns the largest Ritz value of all probes: an estimate of the largest eigenvalue, from
   * below.
   *
   * @return an estimate; −∞ if no probe gave anything
   */
  public double largest() {
    double most = Double.NEGATIVE_INFINITY;
    for (int probe = 0; probe < used; probe++) {
      most = Math.max(most, nodes[probe * steps + made[probe] - 1]);
    }
    return most;
  }

  /**
   * Returns an estimate of the condition number of A + λI: (largest + λ)/(max(smallest, 0) + λ).
   *
   * @param lambda λ ≥ 0
   * @return at least 1; infinite where A + λI is singular; NaN if no probe gave anything
   * @throws IllegalArgumentException if λ is negative or not finite
   */
  public double conditionNumber(double lambda) {
    checkLambda(lambda);
    return used == 0
        ? Double.NaN
        : (Math.max(largest(), 0) + lambda) / (Math.max(smallest(), 0) + lambda);
  }

  /**
   * Returns an estimate of tr A.
   *
   * @return the mean over the probes; NaN if none gave anything
   */
  public double trace() {
    double sum = 0;
    for (int probe = 0; probe < used; probe++) {
      for (int i = probe * steps; i < probe * steps + made[probe]; i++) {
        sum += weights[i] * nodes[i];
      }
    }
    return start.length() * sum / used;
  }

  /**
   * Returns an estimate of how many eigenvalues are at most t: n times the spectrum's distribution
   * function, a step at each node. Its differences are the spectrum's density.
   *
   * @param t any number
   * @return between 0 and n; NaN if no probe gave anything
   */
  public double countUpTo(double t) {
    double sum = 0;
    for (int probe = 0; probe < used; probe++) {
      for (int i = probe * steps; i < probe * steps + made[probe]; i++) {
        sum += nodes[i] <= t ? weights[i] : 0;
      }
    }
    return start.length() * sum / used;
  }

  /**
   * Returns an estimate of the effective dimension tr(A(A + λI)⁻¹) = Σ λᵢ/(λᵢ + λ).
   *
   * @param lambda λ &gt; 0
   * @return between 0 and n; NaN if no probe gave anything
   * @throws IllegalArgumentException if λ is not positive and finite
   */
  public double effectiveDimension(double lambda) {
    checkPositive(lambda);
    double sum = 0;
    for (int probe = 0; probe < used; probe++) {
      sum += ofProbe(probe, lambda);
    }
    return sum / used;
  }

  /**
   * Returns the standard error of {@link #effectiveDimension} by the spread of the probes.
   *
   * @param lambda λ &gt; 0
   * @return at least 0; NaN with fewer than two probes
   * @throws IllegalArgumentException if λ is not positive and finite
   */
  public double effectiveDimensionError(double lambda) {
    double mean = effectiveDimension(lambda);
    double squares = 0;
    for (int probe = 0; probe < used; probe++) {
      double difference = ofProbe(probe, lambda) - mean;
      squares += difference * difference;
    }
    return used < 2 ? Double.NaN : Math.sqrt(squares / (used - 1) / used);
  }

  /** zᵀA(A + λI)⁻¹z of one probe; a Ritz value below 0 is a rounded 0. */
  private double ofProbe(int probe, double lambda) {
    double sum = 0;
    for (int i = probe * steps; i < probe * steps + made[probe]; i++) {
      double node = Math.max(nodes[i], 0);
      sum += weights[i] * (node / (node + lambda));
    }
    return start.length() * sum;
  }

  private static void checkPositive(double lambda) {
    checkLambda(lambda);
    if (lambda == 0) {
      throw new IllegalArgumentException("lambda is 0; it must be above 0");
    }
  }

  private static void checkLambda(double lambda) {
    if (!(lambda >= 0 && Double.isFinite(lambda))) {
      throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite and ≥ 0");
    }
  }
}
