package dev.natgrad.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a target into what a model's outputs are compared with, and back: a one-hot row over the k
 * classes (categorical), 0 or 1 or a probability (Bernoulli), the count (Poisson, negative
 * binomial), the value over the mean of the training rows (gamma), or (value − mean) / deviation of
 * the training rows (Gaussian), so that a unit of the output means the same for every data set.
 *
 * @param name the target column's name
 * @param kind never {@link TargetKind#AUTO}
 * @param classes labels in order; none for a quantity or probabilities
 * @param mean in the target's units; 0 unless Gaussian
 * @param deviation in the target's units, above 0; 1 unless Gaussian or gamma
 * @param parameter the dispersion of a negative binomial target, the shape of a gamma one, above 0;
 *     1 for the others
 */
public record TargetEncoder(
    String name,
    TargetKind kind,
    List<String> classes,
    double mean,
    double deviation,
    double parameter) {

  /**
   * Checks the parts against each other.
   *
   * @throws DataException if the kind is AUTO, the number of classes does not suit it, or mean and
   *     deviation are not finite with deviation &gt; 0
   */
  public TargetEncoder {
    classes = List.copyOf(classes);
    boolean sound =
        switch (kind) {
          case CATEGORICAL -> classes.size() >= 2;
          case BERNOULLI -> classes.isEmpty() || classes.size() == 2;
          case AUTO -> false;
          default -> classes.isEmpty();
        };
    if (!(parameter > 0 && parameter <= 1e9) || !kind.hasParameter() && parameter != 1) {
      throw new DataException(
          "target: the parameter of kind "
              + kind
              + " is "
              + parameter
              + "; it must be "
              + (kind.hasParameter() ? "above 0 and at most 1e9" : "1, since it has none"));
    }
    if (!sound || !Double.isFinite(mean) || !(deviation > 0) || Double.isInfinite(deviation)) {
      throw new DataException(
          "target: kind "
              + kind
              + " with "
              + classes.size()
              + " classes, mean "
              + mean
              + " and deviation "
              + deviation
              + " does not fit together");
    }
  }

  /**
   * The encoder of a target whose distribution has no number of its own, or has 1.
   *
   * @param name the target column's name
   * @param kind never {@link TargetKind#AUTO}
   * @param classes labels in order
   * @param mean in the target's units
   * @param deviation in the target's units, above 0
   */
  public TargetEncoder(
      String name, TargetKind kind, List<String> classes, double mean, double deviation) {
    this(name, kind, classes, mean, deviation, 1);
  }

  /**
   * Returns this encoder for another dispersion or shape.
   *
   * @param newParameter above 0
   * @return the encoder
   * @throws DataException if the kind has none or it is out of range
   */
  public TargetEncoder withParameter(double newParameter) {
    return new TargetEncoder(name, kind, classes, mean, deviation, newParameter);
  }

  /**
   * Fits to the training rows.
   *
   * @param target the target
   * @param training row indices of its table, all with a target
   * @return the encoder
   * @throws DataException if the training rows hold a single value, class, or a spread that a
   *     double cannot hold
   */
  public static TargetEncoder fit(Target target, int[] training) {
    Moments moments = Moments.of(training, target::valueOf);
    if (moments.isConstant()) {
      throw new DataException(
          "the "
              + training.length
              + " training rows have a single value of the target "
              + DataException.quote(target.name())
              + "; training needs more rows");
    }
    boolean standardised = target.kind().standardises();
    double unit = target.kind() == TargetKind.GAMMA ? moments.mean() : 1;
    return new TargetEncoder(
        target.name(),
        target.kind(),
        target.classes(),
        standardised ? moments.mean() : 0,
        standardised ? moments.deviation() : unit);
  }

  /**
   * Number of outputs the model needs.
   *
   * @return the number of classes if categorical, 2 for a mean with a variance, else 1
   */
  public int outputs() {
    return kind == TargetKind.DIAGONAL_GAUSSIAN ? 2 : width();
  }

  /**
   * Number of columns of an encoded target.
   *
   * @return the number of classes if categorical, else 1
   */
  public int width() {
    return kind == TargetKind.CATEGORICAL ? classes.size() : 1;
  }

  /**
   * Encodes one row's target. Allocates nothing.
   *
   * @param target the target this was fitted to
   * @param row index into its table, of a row with a target
   * @param out receives {@link #width} numbers from index 0
   */
  public void encode(Target target, int row, double[] out) {
    if (kind == TargetKind.CATEGORICAL) {
      java.util.Arrays.fill(out, 0, classes.size(), 0);
      out[target.classOf(row)] = 1;
    } else {
      out[0] = (target.valueOf(row) - mean) / deviation;
    }
  }

  /**
   * Undoes the standardisation of a quantity; the identity for the others.
   *
   * @param standardised a number in units of the deviation, from the mean
   * @return the number in the target's units
   */
  public double toUnits(double standardised) {
    return mean + deviation * standardised;
  }

  /**
   * The complete state as JSON values.
   *
   * @return a map that {@link #fromJson} reads back to equal bits
   */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("kind", kind.name());
    json.put("classes", classes);
    json.put("mean", mean);
    json.put("deviation", deviation);
    if (kind.hasParameter()) {
      json.put("parameter", parameter);
    }
    return json;
  }

  /**
   * Reads the state back.
   *
   * @param json what {@link #toJson} gave
   * @return the encoder
   * @throws DataException if a part is absent, of another type or out of range
   */
  public static TargetEncoder fromJson(Object json) {
    Fields fields = Fields.of(json, "target");
    TargetKind kind = fields.choice("kind", TargetKind.class);
    return new TargetEncoder(
        fields.text("name"),
        kind,
        fields.texts("classes"),
        fields.number("mean"),
        fields.number("deviation"),
        kind.hasParameter() ? fields.number("parameter") : 1);
  }
}
