package dev.natgrad.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns targets into what a model's outputs are compared with, and back: for each column a one-hot
 * row over its k classes (categorical), 0 or 1 or a probability (Bernoulli), the count (Poisson,
 * negative binomial), the value over the mean of the training rows (gamma), or (value − mean) /
 * deviation of the training rows (Gaussian), so that a unit of the output means the same for every
 * data set.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param kind never {@link TargetKind#AUTO}
 * @param columns one for each target column, at least one
 * @param parameter the dispersion of negative binomial targets, the shape of gamma ones, above 0; 1
 *     for the others
 */
public record TargetEncoder(TargetKind kind, List<Column> columns, double parameter) {
  /**
   * How one target column is encoded.
   *
   * @param name the column's name
   * @param classes labels in order; none for a quantity or probabilities
   * @param mean in the target's units; 0 unless Gaussian
   * @param deviation in the target's units, above 0; 1 unless Gaussian or gamma
   */
  public record Column(String name, List<String> classes, double mean, double deviation) {
    /** Keeps its own list of classes. */
    public Column {
      classes = List.copyOf(classes);
    }

    private static Column fit(TargetColumn column, TargetKind kind, int[] training) {
      Moments moments = Moments.of(training, column::valueOf);
      if (moments.isConstant()) {
        throw new DataException(
            "the "
                + training.length
                + " training rows have a single value of the target "
                + DataException.quote(column.name())
                + "; training needs more rows");
      }
      boolean standardised = kind.standardises();
      double unit = kind == TargetKind.GAMMA ? moments.mean() : 1;
      return new Column(
          column.name(),
          column.classes(),
          standardised ? moments.mean() : 0,
          standardised ? moments.deviation() : unit);
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

    private void check(TargetKind kind) {
      boolean sound =
          switch (kind) {
            case CATEGORICAL -> classes.size() >= 2;
            case BERNOULLI -> classes.isEmpty() || classes.size() == 2;
            case AUTO -> false;
            default -> classes.isEmpty();
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

    private Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", name);
      json.put("classes", classes);
      json.put("mean", mean);
      json.put("deviation", deviation);
      return json;
    }

    private static Column fromJson(Fields fields) {
      return new Column(
          fields.text("name"),
          fields.texts("classes"),
          fields.number("mean"),
          fields.number("deviation"));
    }
  }

  /**
   * Checks the parts against each other.
   *
   * @throws DataException if there is no column, the kind is AUTO, a column's number of classes
   *     does not suit it, mean and deviation are not finite with deviation &gt; 0, or the parameter
   *     is out of range
   */
  public TargetEncoder {
    columns = List.copyOf(columns);
    if (!(parameter > 0 && parameter <= 1e9) || !kind.hasParameter() && parameter != 1) {
      throw new DataException(
          "target: the parameter of kind "
              + kind
              + " is "
              + parameter
              + "; it must be "
              + (kind.hasParameter() ? "above 0 and at most 1e9" : "1, since it has none"));
    }
    if (columns.isEmpty()) {
      throw new DataException("target: there is no column; at least one is needed");
    }
    for (Column column : columns) {
      column.check(kind);
    }
  }

  /**
   * The encoder of targets whose distribution has no number of its own, or has 1.
   *
   * @param kind never {@link TargetKind#AUTO}
   * @param columns one for each target column, at least one
   */
  public TargetEncoder(TargetKind kind, Column... columns) {
    this(kind, List.of(columns), 1);
  }

  /**
   * Returns this encoder for another dispersion or shape.
   *
   * @param newParameter above 0
   * @return the encoder
   * @throws DataException if the kind has none or it is out of range
   */
  public TargetEncoder withParameter(double newParameter) {
    return new TargetEncoder(kind, columns, newParameter);
  }

  /**
   * Fits to the training rows.
   *
   * @param target the target
   * @param training row indices of its table, all with a target
   * @return the encoder
   * @throws DataException if the training rows hold a single value or class of a column, or a
   *     spread that a double cannot hold
   */
  public static TargetEncoder fit(Target target, int[] training) {
    List<Column> columns = new ArrayList<>();
    for (TargetColumn column : target.columns()) {
      columns.add(Column.fit(column, target.kind(), training));
    }
    return new TargetEncoder(target.kind(), columns, 1);
  }

  /**
   * Number of outputs the model needs.
   *
   * @return the number of classes if categorical, 2 for a mean with a variance, else 1; summed over
   *     the columns
   */
  public int outputs() {
    return kind.predictsVariance() ? 2 * width() : width();
  }

  /**
   * Number of the outputs, the last ones, that are parameters rather than functions of the inputs:
   * the log-variances that all rows share.
   *
   * @return 1 for each column if the kind is {@link TargetKind#SHARED_GAUSSIAN}, else 0
   */
  public int freeOutputs() {
    return kind == TargetKind.SHARED_GAUSSIAN ? width() : 0;
  }

  /**
   * Tells whether predictions can be right or wrong, rather than near or far: of probabilities, and
   * of classes beside them, the error tells how far.
   *
   * @return whether every column has classes
   */
  public boolean predictsClasses() {
    return columns.stream().noneMatch(column -> column.classes().isEmpty());
  }

  /**
   * Number of columns of encoded targets.
   *
   * @return the number of classes if categorical, else 1; summed over the columns
   */
  public int width() {
    return Arrays.stream(widths()).sum();
  }

  /**
   * Number of columns of each encoded target.
   *
   * @return the number of classes if categorical, else 1
   */
  public int[] widths() {
    return columns.stream()
        .mapToInt(column -> kind == TargetKind.CATEGORICAL ? column.classes().size() : 1)
        .toArray();
  }

  /**
   * Encodes one row's targets. Allocates nothing.
   *
   * @param target the target this was fitted to
   * @param row index into its table, of a row with a target
   * @param out receives {@link #width} numbers from index 0
   */
  public void encode(Target target, int row, double[] out) {
    int from = 0;
    for (int c = 0; c < columns.size(); c++) {
      Column column = columns.get(c);
      if (kind == TargetKind.CATEGORICAL) {
        int end = from + column.classes().size();
        Arrays.fill(out, from, end, 0);
        out[from + target.columns().get(c).classOf(row)] = 1;
        from = end;
      } else {
        out[from] = (target.columns().get(c).valueOf(row) - column.mean()) / column.deviation();
        from++;
      }
    }
  }

  /**
   * The complete state as JSON values: a column's own entries beside the kind where it is the only
   * one, a list of columns where there are several.
   *
   * @return a map that {@link #fromJson} reads back to equal bits
   */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", kind.name());
    if (columns.size() == 1) {
      json.putAll(columns.get(0).toJson());
    } else {
      json.put("columns", columns.stream().map(Column::toJson).toList());
    }
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
    List<Column> columns = new ArrayList<>();
    if (fields.has("columns")) {
      for (Object item : fields.list("columns")) {
        columns.add(Column.fromJson(Fields.of(item, "target: a column")));
      }
    } else {
      columns.add(Column.fromJson(fields));
    }
    double parameter = kind.hasParameter() ? fields.number("parameter") : 1;
    return new TargetEncoder(kind, columns, parameter);
  }
}
