package dev.natgrad.training;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.fisher.ExactFisher;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import dev.natgrad.solver.Lanczos;
import dev.natgrad.solver.Spectrum;
import java.util.ArrayList;
import java.util.List;

/**
 * What the exact Fisher matrix F looks like at some parameters, and how far its quadratic model of
 * the KL divergence holds there.
 *
 * <p>Immutable; usable from any thread, but {@link #of} by the owner of θ and the samples.
 *
 * @param rows the samples it is of
 * @param smallest the least eigenvalue that Lanczos' method found, an upper bound of the least
 * @param largest the largest that it found, a lower bound of the largest
 * @param trace an estimate of tr(F)
 * @param spectrum how many eigenvalues lie above sizes from the largest down, by quadrature
 * @param effective the effective dimension tr(F(F + λtr(F)/P·I)⁻¹) and the condition number, by λ
 * @param model the KL divergence against its quadratic model, by length
 */
public record Diagnostics(
    int rows,
    double smallest,
    double largest,
    double trace,
    List<Above> spectrum,
    List<Effective> effective,
    List<Length> model) {

  /** The most samples that are looked at: the first ones. */
  public static final int MOST_ROWS = 1024;

  private static final int PROBES = 4;
  private static final double[] DAMPINGS = {1, 1e-2, 1e-4, 1e-6};
  private static final double[] NATS = {1e-4, 1e-3, 1e-2, 1e-1, 1};

  /** Down to which share of the largest eigenvalue the spectrum is counted. */
  private static final double LEAST_SHARE = 1e-12;

  /** Counts a factor of ten. */
  private static final int A_DECADE = 4;

  /**
   * A point of the spectrum.
   *
   * @param eigenvalue t &gt; 0
   * @param count an estimate of how many eigenvalues are above t, 0 to P
   */
  public record Above(double eigenvalue, double count) {}

  /**
   * What a damping leaves of the matrix.
   *
   * @param lambda λ in units of tr(F)/P
   * @param dimension how many directions it leaves to F
   * @param dimensionError the estimated deviation of that estimate
   * @param condition the condition number of F + λtr(F)/P·I
   */
  public record Effective(
      double lambda, double dimension, double dimensionError, double condition) {}

  /**
   * A step of one length in a random direction.
   *
   * @param foreseen ½sᵀFs in nats
   * @param measured KL(θ‖θ+s) in nats
   */
  public record Length(double foreseen, double measured) {}

  /** Copies the lists. */
  public Diagnostics {
    spectrum = List.copyOf(spectrum);
    effective = List.copyOf(effective);
    model = List.copyOf(model);
  }

  /**
   * Looks at a model; costs some hundred products with F. Takes memory of its own, {@link #bytes},
   * and gives it back.
   *
   * @param described the model
   * @param distribution of its targets
   * @param theta θ, unchanged
   * @param samples at least one; the first {@link #MOST_ROWS} count
   * @param seed the seed of the probes
   * @return what was found
   */
  public static Diagnostics of(
      Model described, OutputDistribution distribution, Vec theta, Samples samples, long seed) {
    int rows = Math.min(MOST_ROWS, samples.count());
    try (Workspace workspace = Workspace.create(bytes(described, rows, theta.precision()))) {
      return new Work(workspace, described, distribution, theta, samples.x().top(rows))
          .run(theta, seed);
    }
  }

  /**
   * Returns the off-heap memory it takes for as long as it runs.
   *
   * @param described the model
   * @param samples how many there are
   * @param precision the format
   * @return bytes
   */
  public static long bytes(Model described, int samples, Precision precision) {
    int rows = Math.min(MOST_ROWS, samples);
    int p = described.parameters();
    return Workspace.OVERHEAD_BYTES
        + Blas.scratchBytes()
        + described.linearizationBytes(rows, precision)
        + 3 * Mat.bytes(rows, described.outputs(), precision)
        + 2 * Vec.bytes(p, precision)
        + ExactFisher.bytes(rows, described.outputs(), precision)
        + Spectrum.bytes(p, precision, steps(p));
  }

  private static int steps(int parameters) {
    return Math.min(parameters, Lanczos.MOST_STEPS);
  }

  /** The buffers of one look. */
  private static final class Work {
    private final OutputDistribution distribution;
    private final Linearization linearization;
    private final Mat x;
    private final Mat z;
    private final Mat mean;
    private final Mat moved;
    private final Vec v;
    private final Vec there;
    private final ExactFisher fisher;
    private final Spectrum spectrum;

    Work(Workspace workspace, Model described, OutputDistribution distribution, Vec theta, Mat x) {
      Precision precision = theta.precision();
      int p = described.parameters();
      this.distribution = distribution;
      this.x = x;
      this.linearization = described.linearize(workspace, x.rows(), precision);
      this.z = Mat.allocate(workspace, x.rows(), described.outputs(), precision);
      this.mean = Mat.allocate(workspace, x.rows(), described.outputs(), precision);
      this.moved = Mat.allocate(workspace, x.rows(), described.outputs(), precision);
      this.v = Vec.allocate(workspace, p, precision);
      this.there = Vec.allocate(workspace, p, precision);
      this.fisher = new ExactFisher(workspace, linearization, distribution, p, x.rows(), precision);
      this.spectrum = new Spectrum(workspace, p, precision, steps(p), PROBES);
    }

    Diagnostics run(Vec theta, long seed) {
      linearization.evaluate(theta, x, z);
      distribution.mean(z, mean);
      fisher.setPoint(mean);
      spectrum.run(fisher, seed);
      double trace = spectrum.trace();
      List<Effective> effective = new ArrayList<>();
      for (double lambda : DAMPINGS) {
        double shift = lambda * trace / theta.length();
        boolean known = shift > 0 && Double.isFinite(shift);
        effective.add(
            new Effective(
                lambda,
                known ? spectrum.effectiveDimension(shift) : Double.NaN,
                known ? spectrum.effectiveDimensionError(shift) : Double.NaN,
                known ? spectrum.conditionNumber(shift) : Double.NaN));
      }
      return new Diagnostics(
          x.rows(),
          spectrum.smallest(),
          spectrum.largest(),
          trace,
          counts(theta.length()),
          effective,
          lengths(theta, seed));
    }

    private List<Above> counts(int parameters) {
      List<Above> counts = new ArrayList<>();
      double largest = spectrum.largest();
      double least = Math.max(LEAST_SHARE * largest, Double.MIN_NORMAL);
      double ratio = StrictMath.pow(10, -1.0 / A_DECADE);
      for (double t = largest * ratio; t >= least && t < largest; t *= ratio) {
        counts.add(new Above(t, parameters - spectrum.countUpTo(t)));
      }
      return counts;
    }

    private List<Length> lengths(Vec theta, long seed) {
      for (int i = 0; i < v.length(); i++) {
        boolean up = (Philox.bits(seed, Streams.LANCZOS + PROBES, i) & 1) == 0;
        v.set(i, up ? 1 : -1);
      }
      // Before θ moves: the curvature is that of the linearisation's point.
      double curvature = fisher.curvature(v);
      List<Length> lengths = new ArrayList<>();
      for (double nats : NATS) {
        Blas.copy(theta, there);
        Blas.axpy(Math.sqrt(2 * nats / curvature), v, there);
        linearization.evaluate(there, x, moved);
        lengths.add(new Length(nats, distribution.kl(z, moved, KlOver.MEAN)));
      }
      return lengths;
    }
  }
}
