package dev.natgrad.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a target into what a model's outputs are compared with, and back: a one-hot row over the k
 * classes (categorical), 0 or 1 or a probability (Bernoulli), or (value − mean) / deviation of the
 * training rows (Gaussian), so that a unit of the output means the same for every data set.
 *
 * @param name the target column's name
 * @param kind never {@link TargetKind#AUTO}
 * @param classes labels in order; none for a Gaussian target or one of probabilities
 * @param mean in the target's units; 0 unless Gaussian
 * @param deviation in the target's units, above 0; 1 unless Gaussian
 */
public record TargetEncoder(
    String name, TargetKind kind, List<String> classes, double mean, double deviation) {

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
          case GAUSSIAN -> classes.isEmpty();
          case AUTO -> false;
        };
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
    boolean gaussian = target.kind() == TargetKind.GAUSSIAN;
    return new TargetEncoder(
        target.name(),
        target.kind(),
        target.classes(),
        gaussian ? moments.mean() : 0,
        gaussian ? moments.deviation() : 1);
  }

  /**
   * Number of outputs the model needs.
   *
   * @return the number of classes if categorical, else 1
   */
  public int outputs() {
    return kind == TargetKind.CATEGORICAL ? classes.size() : 1;
  }

  /**
   * Encodes one row's target. Allocates nothing.
   *
   * @param target the target this was fitted to
   * @param row index into its table, of a row with a target
   * @param out receives {@link #outputs} numbers from index 0
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
   * Undoes the standardisation of a Gaussian target; the identity for the others.
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
    return new TargetEncoder(
        fields.text("name"),
        fields.choice("kind", TargetKind.class),
        fields.texts("classes"),
        fields.number("mean"),
        fields.number("deviation"));
  }
}
