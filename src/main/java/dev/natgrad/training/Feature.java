package dev.natgrad.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How one column becomes numbers: a numeric column one, clamp((v − offset) / scale) with the mean
 * for a missing v; a text column one 0/1 for each level, and one for missing if {@code other}.
 */
record Feature(
    int column,
    String name,
    Scaling scaling,
    double mean,
    double offset,
    double scale,
    List<String> levels,
    boolean other) {

  /** Scaled numbers stay within ± this. */
  static final double BOUND = 10;

  /** What decided offset and scale. */
  enum Scaling {
    /** Mean and deviation of the training rows. */
    STANDARDISED,
    /** Bounds of the range that many columns share. */
    RANGE,
    /** The two values the column has, which become 0 and 1. */
    TWO_VALUED,
    /** None: numbers as they are. */
    RAW,
    /** None: 0 and 1 for each level. */
    ONE_HOT
  }

  Feature {
    levels = List.copyOf(levels);
    boolean numbers = Double.isFinite(mean) && Double.isFinite(offset) && Double.isFinite(scale);
    if (!numbers || !(scale > 0)) {
      throw new DataException(
          "feature "
              + DataException.quote(name)
              + ": mean "
              + mean
              + ", offset "
              + offset
              + " and scale "
              + scale
              + " must be finite, the scale above 0");
    }
    if ((scaling == Scaling.ONE_HOT) != (levels.size() + (other ? 1 : 0) > 0)) {
      throw new DataException(
          "feature "
              + DataException.quote(name)
              + ": levels are for text columns alone, which "
              + "need at least one");
    }
  }

  static Feature numeric(int column, String name, Scaling scaling, double[] meanOffsetScale) {
    return new Feature(
        column,
        name,
        scaling,
        meanOffsetScale[0],
        meanOffsetScale[1],
        meanOffsetScale[2],
        List.of(),
        false);
  }

  static Feature oneHot(int column, String name, List<String> levels, boolean other) {
    return new Feature(column, name, Scaling.ONE_HOT, 0, 0, 1, levels, other);
  }

  boolean isText() {
    return scaling == Scaling.ONE_HOT;
  }

  int width() {
    return isText() ? levels.size() + (other ? 1 : 0) : 1;
  }

  double encode(double value) {
    double known = Double.isNaN(value) ? mean : value;
    if (scaling == Scaling.RAW) {
      return known;
    }
    return Math.max(-BOUND, Math.min(BOUND, (known - offset) / scale));
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("column", column);
    json.put("name", name);
    json.put("scaling", scaling.name());
    if (isText()) {
      json.put("levels", levels);
      json.put("other", other);
    } else {
      json.put("mean", mean);
      json.put("offset", offset);
      json.put("scale", scale);
    }
    return json;
  }

  static Feature fromJson(Object value, int columns) {
    Fields fields = Fields.of(value, "feature");
    int column = fields.index("column", columns);
    String name = fields.text("name");
    Scaling scaling = fields.choice("scaling", Scaling.class);
    if (scaling == Scaling.ONE_HOT) {
      return oneHot(column, name, fields.texts("levels"), fields.flag("other"));
    }
    double[] numbers = {fields.number("mean"), fields.number("offset"), fields.number("scale")};
    return numeric(column, name, scaling, numbers);
  }
}
