package dev.natgrad.model;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A model whose parameters are tied: θ = Sφ + c, where every parameter θᵢ of the base is either a
 * constant or a scale times one free parameter, and only the free ones φ are trained. So J becomes
 * JS, and the Fisher matrix SᵀFS: a natural gradient step is that of the model with these
 * parameters, not the base's step cut down.
 *
 * <p>θ is Sφ rounded to the precision in use: the outputs, their bound and their derivatives are
 * those of the base there. A scale that is a power of two is exact.
 *
 * <p>Immutable; usable from any thread. It shows no dense layers, since a shared parameter lies in
 * several.
 */
public final class TiedParameters implements Model {
  /**
   * Neighbouring parameters of the base that are tied alike.
   *
   * @param offset the first one's index in θ
   * @param length how many, at least 1
   * @param free the index in φ that the first one takes, the others those behind; {@link #CONSTANT}
   *     for constants
   * @param scale what φ is multiplied by; 0 for constants
   */
  public record Run(int offset, int length, int free, double scale) {
    /** The {@link #free} of constants. */
    public static final int CONSTANT = -1;

    /**
     * Tells whether these parameters are constants.
     *
     * @return whether {@link #free} is {@link #CONSTANT}
     */
    public boolean constant() {
      return free == CONSTANT;
    }
  }

  private final Model base;
  private final List<Run> runs;
  private final double[] constants;
  private final int[] roots;

  private TiedParameters(Model base, List<Run> runs, double[] constants, int[] roots) {
    this.base = base;
    this.runs = runs;
    this.constants = constants;
    this.roots = roots;
  }

  /**
   * Begins with all parameters of a model free.
   *
   * @param base the model
   * @return a builder; not to be used by two threads at once
   */
  public static Builder of(Model base) {
    return new Builder(Objects.requireNonNull(base, "base"));
  }

  /** Says which parameters are constant and which follow others. */
  public static final class Builder {
    private final Model base;

    /** The parameter that one follows: itself if it is free. */
    private final int[] link;

    /** The scale with which it does; of a constant its value. */
    private final double[] factor;

    private Builder(Model base) {
      this.base = base;
      this.link = new int[base.parameters()];
      this.factor = new double[base.parameters()];
      Arrays.setAll(link, i -> i);
      Arrays.fill(factor, 1);
    }

    /**
     * Makes parameters constant, and with them those that follow them, at their scale.
     *
     * @param offset the first one's index in θ
     * @param values their values, finite
     * @return this
     * @throws IllegalArgumentException if they are outside θ, not finite, or no longer free
     */
    public Builder constant(int offset, double... values) {
      checkFree("constant", offset, values.length);
      for (int i = 0; i < values.length; i++) {
        if (!Double.isFinite(values[i])) {
          throw new IllegalArgumentException(
              "values[" + i + "] is " + values[i] + "; a constant must be finite");
        }
        link[offset + i] = Run.CONSTANT;
        factor[offset + i] = values[i];
      }
      return this;
    }

    /**
     * Makes parameters follow others: θ[offset + i] = scale·θ[to + i].
     *
     * @param offset the first follower's index in θ
     * @param to the first followed one's index in θ
     * @param length how many
     * @param scale the scale, finite and not 0; 1 shares them
     * @return this
     * @throws IllegalArgumentException if an index is outside θ, a follower is no longer free or
     *     would follow itself, or the scale is 0 or not finite
     */
    public Builder tie(int offset, int to, int length, double scale) {
      if (scale == 0 || !Double.isFinite(scale)) {
        throw new IllegalArgumentException(
            "scale is " + scale + "; it must be finite and not 0: use constant() for a constant");
      }
      checkFree("tied", offset, length);
      checkRange(to, length);
      for (int i = 0; i < length; i++) {
        if (end(to + i) == offset + i) {
          throw new IllegalArgumentException(
              "parameter " + (offset + i) + " would follow itself, by way of " + (to + i));
        }
        link[offset + i] = to + i;
        factor[offset + i] = scale;
      }
      return this;
    }

    /** The free parameter or the constant that a parameter follows in the end. */
    private int end(int parameter) {
      int at = parameter;
      while (link[at] != Run.CONSTANT && link[at] != at) {
        at = link[at];
      }
      return at;
    }

    /** What it multiplies that by; of a constant the value it makes. */
    private double scale(int parameter) {
      double scale = factor[parameter];
      int at = parameter;
      while (link[at] != Run.CONSTANT && link[at] != at) {
        at = link[at];
        scale *= factor[at];
      }
      return scale;
    }

    private void checkRange(int offset, int length) {
      if (offset < 0 || length < 1 || (long) offset + length > link.length) {
        throw new IllegalArgumentException(
            "offset is "
                + offset
                + " and length "
                + length
                + "; both must select parameters 0 to "
                + (link.length - 1)
                + " of the model");
      }
    }

    private void checkFree(String what, int offset, int length) {
      checkRange(offset, length);
      for (int i = offset; i < offset + length; i++) {
        if (link[i] != i) {
          throw new IllegalArgumentException(
              "parameter "
                  + i
                  + " cannot be "
                  + what
                  + ": it "
                  + (link[i] == Run.CONSTANT ? "is constant" : "follows parameter " + link[i])
                  + " already");
        }
      }
    }

    /**
     * Builds the model. Free parameters keep their order.
     *
     * @return the model
     * @throws IllegalArgumentException if no parameter is free, or a scale or a constant by way of
     *     several ties is beyond the range of double
     */
    public TiedParameters build() {
      int[] roots = IntStream.range(0, link.length).filter(i -> link[i] == i).toArray();
      if (roots.length == 0) {
        throw new IllegalArgumentException("every parameter is constant; leave at least 1 free");
      }
      int[] index = new int[link.length];
      for (int k = 0; k < roots.length; k++) {
        index[roots[k]] = k;
      }
      double[] constants = new double[link.length];
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < link.length; i++) {
        int end = end(i);
        boolean constant = link[end] == Run.CONSTANT;
        constants[i] = constant ? scale(i) : 0;
        extend(runs, i, constant ? Run.CONSTANT : index[end], constant ? 0 : scale(i));
      }
      TiedParameters model =
          new TiedParameters(base, Collections.unmodifiableList(runs), constants, roots);
      model.checkRange(Precision.F64);
      return model;
    }

    private static void extend(List<Run> runs, int parameter, int free, double scale) {
      Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
      boolean next = last != null && last.constant() && free == Run.CONSTANT;
      if (last != null && !last.constant() && free != Run.CONSTANT) {
        next = free == last.free() + last.length() && scale == last.scale();
      }
      if (next) {
        runs.set(
            runs.size() - 1, new Run(last.offset(), last.length() + 1, last.free(), last.scale()));
      } else {
        runs.add(new Run(parameter, 1, free, scale));
      }
    }
  }

  /**
   * Returns what each parameter of the base is, in the order of θ, without gaps.
   *
   * @return an unmodifiable list
   */
  public List<Run> runs() {
    return runs;
  }

  /**
   * Returns θ = Sφ + c, in double.
   *
   * @param phi φ, of length P
   * @return θ, as long as the base's
   * @throws IllegalArgumentException if φ has another length
   */
  public double[] expand(double[] phi) {
    checkLength("phi", phi.length, roots.length);
    double[] theta = constants.clone();
    for (Run run : runs) {
      for (int i = 0; i < run.length() && !run.constant(); i++) {
        theta[run.offset() + i] = run.scale() * phi[run.free() + i];
      }
    }
    return theta;
  }

  /**
   * Returns the free parameters of a θ, such as a start of the base: those that follow them and the
   * constants are not looked at.
   *
   * @param theta θ, as long as the base's
   * @return φ, of length P
   * @throws IllegalArgumentException if θ has another length
   */
  public double[] free(double[] theta) {
    checkLength("theta", theta.length, constants.length);
    double[] phi = new double[roots.length];
    Arrays.setAll(phi, k -> theta[roots[k]]);
    return phi;
  }

  private static void checkLength(String name, int length, int expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " has length " + length + "; it must be " + expected);
    }
  }

  /** Checks that the scales and constants, each made of all ties on the way, are numbers of use. */
  private void checkRange(Precision precision) {
    for (Run run : runs) {
      if (!run.constant()
          && (rounded(run.scale(), precision) == 0 || !fits(run.scale(), precision))) {
        throw new IllegalArgumentException(
            "parameter "
                + run.offset()
                + " would be parameter "
                + roots[run.free()]
                + " times "
                + run.scale()
                + ", by all ties on the way; in "
                + precision
                + " a scale must be finite and not 0: tie with scales nearer to 1");
      }
    }
    for (int i = 0; i < constants.length; i++) {
      if (!fits(constants[i], precision)) {
        throw new IllegalArgumentException(
            "parameter "
                + i
                + " would be the constant "
                + constants[i]
                + "; in "
                + precision
                + " a constant must be finite: give a smaller one, or a smaller scale of its tie");
      }
    }
  }

  private static double rounded(double value, Precision precision) {
    return precision == Precision.F64 ? value : (float) value;
  }

  private static boolean fits(double value, Precision precision) {
    return Double.isFinite(rounded(value, precision));
  }

  double constantAt(int parameter) {
    return constants[parameter];
  }

  /**
   * Returns the model whose parameters are tied.
   *
   * @return the base
   */
  public Model base() {
    return base;
  }

  /** {@inheritDoc} That of the free parameters. */
  @Override
  public int parameters() {
    return roots.length;
  }

  @Override
  public int inputs() {
    return base.inputs();
  }

  @Override
  public int outputs() {
    return base.outputs();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if a scale or a constant is beyond the range of the precision
   */
  @Override
  public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
    checkRange(precision);
    return new TiedLinearization(this, workspace, maxBatch, precision);
  }

  /** {@inheritDoc} The base's, and three vectors as long as its θ. */
  @Override
  public long linearizationBytes(int maxBatch, Precision precision) {
    return Math.addExact(
        base.linearizationBytes(maxBatch, precision), 3 * Vec.bytes(base.parameters(), precision));
  }

  /**
   * Returns the model in words.
   *
   * @return the base's words and the number of free parameters
   */
  @Override
  public String toString() {
    return base + " with " + roots.length + " free of " + constants.length + " parameters";
  }
}
