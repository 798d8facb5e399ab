package dev.natgrad.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Turns a table's columns into a model's inputs, in the columns' order, with everything it needs
 * taken from the training rows.
 *
 * <ul>
 *   <li>A text column becomes one 0/1 input for each level seen in training, levels sorted, and one
 *       more for a missing cell if training had one. A level not seen in training counts as
 *       missing; where training had no missing cell, all its inputs are 0, since an input that
 *       never varied has a weight that was never trained. At most 255 levels are kept, the most
 *       frequent. A column with more than 20 texts, all different, is a name and is left out.
 *   <li>Columns of one common range (at least 16 within it, three quarters with its lower bound for
 *       their minimum, half reaching its top tenth: pixels) become (v − low) / (high − low).
 *       Scaling each by its own deviation would blow up the pixels that are almost always black.
 *   <li>Any other column with two values becomes 0/1, as a text column would: scaling by its
 *       deviation would blow a rare value up.
 *   <li>Any other numeric column becomes (v − mean) / deviation.
 *   <li>A missing number is the column's mean; a constant column is left out.
 *   <li>Scaled numbers are clamped to ±10, in training and later alike, so that neither a rare
 *       large value nor a later one outside what training saw dominates a prediction. Of n rows, at
 *       most n / 100 of a column lie outside (Chebyshev).
 *   <li>Without standardisation numbers stay as they are, without a bound; the other rules hold.
 * </ul>
 *
 * <p>Immutable; any thread may use it.
 */
public final class FeatureEncoder {
  private final boolean header;
  private final int columns;

  /** Indices of the targets' columns. */
  private final List<Integer> targets;

  private final List<Feature> features;
  private final List<String> notes;
  private final int width;

  private FeatureEncoder(
      boolean header,
      int columns,
      List<Integer> targets,
      List<Feature> features,
      List<String> notes) {
    this.header = header;
    this.columns = columns;
    this.targets = List.copyOf(targets);
    this.features = List.copyOf(features);
    this.notes = List.copyOf(notes);
    this.width = features.stream().mapToInt(Feature::width).sum();
    if (features.isEmpty()) {
      throw new DataException(
          "no column is left as a feature"
              + (notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")")
              + "; give columns that vary over the rows");
    }
  }

  /**
   * Fits to the training rows of a table.
   *
   * @param table the data
   * @param targets indices of the columns to predict
   * @param others indices of further columns to leave out
   * @param training row indices
   * @param standardize false to keep numbers as they are
   * @return the encoder
   * @throws DataException if no column is left
   */
  public static FeatureEncoder fit(
      CsvTable table,
      List<Integer> targets,
      Set<Integer> others,
      int[] training,
      boolean standardize) {
    Set<Integer> left = new HashSet<>(others);
    left.addAll(targets);
    FeatureFit fit = new FeatureFit(table, left, training, standardize);
    fit.run();
    return new FeatureEncoder(table.hasHeader(), table.columns(), targets, fit.features, fit.notes);
  }

  /**
   * Number of inputs the model needs.
   *
   * @return at least 1
   */
  public int width() {
    return width;
  }

  /**
   * Whether the training table had a header, by whose names columns are found.
   *
   * @return false if they are found by their places
   */
  public boolean hasHeader() {
    return header;
  }

  /** Number of target columns that the training table had. */
  int targets() {
    return targets.size();
  }

  /**
   * Names of the inputs: the column's name, with {@code =level} for a level and {@code =?} for the
   * category of missing cells.
   *
   * @return one for each input, in order
   */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Feature feature : features) {
      if (feature.isText()) {
        feature.levels().forEach(level -> names.add(feature.name() + "=" + level));
        if (feature.other()) {
          names.add(feature.name() + "=?");
        }
      } else {
        names.add(feature.name());
      }
    }
    return List.copyOf(names);
  }

  /**
   * Number of columns that are numbers.
   *
   * @return at least 0; the other columns used are texts
   */
  public int numbers() {
    return (int) features.stream().filter(feature -> !feature.isText()).count();
  }

  /**
   * The columns that are texts, each with its number of categories.
   *
   * @return names in the columns' order; the category of missing cells counts where there is one
   */
  public SequencedMap<String, Integer> categories() {
    SequencedMap<String, Integer> categories = new LinkedHashMap<>();
    features.stream().filter(Feature::isText).forEach(f -> categories.put(f.name(), f.width()));
    return categories;
  }

  /**
   * Sentences about what fitting decided: columns left out, a range found, levels merged; and about
   * features that are read as text for some odd cells.
   *
   * @return one-line sentences, possibly none; none after {@link #fromJson}
   */
  public List<String> notes() {
    return notes;
  }

  /**
   * Reads a table to which this encoder will be applied: columns that were text in training are
   * read as text even if all their cells are numbers here, and a first row that holds all names of
   * the training table's features is a header. For an encoder of a table without a header nothing
   * else is one, but a row of words where it has numbers: few rows of text alone look like a header
   * and rows.
   *
   * @param file a CSV file, as for {@link CsvTable#read(Path)}
   * @return the table
   * @throws DataException as {@link CsvTable#read(Path)} does, or as {@link #bind} does for columns
   *     that do not match
   */
  public CsvTable read(Path file) {
    return read(file, Header.AUTO);
  }

  /**
   * Reads a table to which this encoder will be applied, whose first row the caller may know.
   *
   * @param file a CSV file, as for {@link #read(Path)}
   * @param asked what its first row is; a header is passed over where the training table had none
   * @return the table
   * @throws DataException as {@link #read(Path)} does
   */
  public CsvTable read(Path file, Header asked) {
    Set<String> names = new HashSet<>();
    features.forEach(feature -> names.add(feature.name()));
    return CsvTable.read(
        file,
        asked,
        new CsvScan.Expected() {
          @Override
          public boolean isHeader(List<String> firstRecord) {
            return new HashSet<>(firstRecord).containsAll(names)
                || !header && isOfWords(firstRecord);
          }

          @Override
          public boolean mayHaveHeader() {
            return header;
          }

          @Override
          public CsvScan.Reading[] readings(List<String> tableNames, int tableColumns) {
            int[] source = match(file.toString(), tableNames, tableColumns);
            CsvScan.Reading[] readings = new CsvScan.Reading[tableColumns];
            Arrays.fill(readings, CsvScan.Reading.AS_FOUND);
            for (int f = 0; f < source.length; f++) {
              boolean text = features.get(f).isText();
              readings[source[f]] = text ? CsvScan.Reading.TEXT : CsvScan.Reading.NUMBERS;
            }
            return readings;
          }
        });
  }

  /** Whether all cells are words, some of them where this encoder needs numbers. */
  private boolean isOfWords(List<String> record) {
    for (String cell : record) {
      char[] chars = cell.toCharArray();
      boolean missing =
          CsvNumber.isMissing(chars, 0, chars.length) || CsvNumber.isNone(chars, 0, chars.length);
      boolean number =
          !Double.isNaN(CsvNumber.parse(chars, 0, chars.length))
              || CsvNumber.hasComma(chars, 0, chars.length);
      if (missing || number) {
        return false;
      }
    }
    return features.stream().anyMatch(feature -> !feature.isText());
  }

  /**
   * Finds this encoder's columns in a table: by name if both have a header, by position otherwise.
   * A table by position has all columns of the training table, or all but the targets.
   *
   * @param table the table the training rows came from, or any other
   * @return its rows as inputs
   * @throws DataException if a column is absent, the number of columns does not fit, or a numeric
   *     column holds text
   */
  public FeatureRows bind(CsvTable table) {
    List<String> names = table.hasHeader() ? table.names() : null;
    int[] source = match(table.file(), names, table.columns());
    for (int f = 0; f < source.length; f++) {
      Feature feature = features.get(f);
      boolean numeric = table.isNumeric(source[f]);
      if (numeric && feature.isText()) {
        throw new DataException(
            table.file()
                + ": column "
                + DataException.quote(table.name(source[f]))
                + " was text in training and is numeric here; read the file for this model");
      }
      if (!numeric && !feature.isText()) {
        throw new DataException(
            table.file()
                + ": column "
                + DataException.quote(table.name(source[f]))
                + " was numeric in training and holds "
                + table.firstText(source[f])
                + "; correct the cell, or leave it empty to mark it missing");
      }
    }
    return new FeatureRows(table, features, source, width);
  }

  /** Index of each feature's column in a table. */
  private int[] match(String file, List<String> names, int tableColumns) {
    return header && names != null ? matchNames(file, names) : matchPlaces(file, tableColumns);
  }

  private int[] matchNames(String file, List<String> names) {
    Map<String, Integer> places = new HashMap<>();
    for (int c = 0; c < names.size(); c++) {
      places.put(names.get(c), c);
    }
    List<String> absent =
        features.stream().map(Feature::name).filter(name -> !places.containsKey(name)).toList();
    if (!absent.isEmpty()) {
      throw new DataException(
          file
              + ": no column "
              + String.join(", ", absent.subList(0, Math.min(5, absent.size())))
              + (absent.size() > 5 ? " and " + (absent.size() - 5) + " more" : "")
              + ", which the model needs; the header must have the names used in training");
    }
    return features.stream().mapToInt(feature -> places.get(feature.name())).toArray();
  }

  private int[] matchPlaces(String file, int tableColumns) {
    int without = columns - targets.size();
    if (tableColumns != columns && tableColumns != without) {
      throw new DataException(
          file
              + ": has "
              + tableColumns
              + " columns; the model needs the "
              + columns
              + " of the training file, or the "
              + without
              + (targets.size() == 1 ? " without the target" : " without the targets"));
    }
    IntStream places = features.stream().mapToInt(Feature::column);
    return tableColumns == columns
        ? places.toArray()
        : places.map(c -> c - (int) targets.stream().filter(t -> t < c).count()).toArray();
  }

  /**
   * Finds a target of the training table in a table: by name if both have a header, by position if
   * the table has as many columns as that one.
   *
   * @param table a table that {@link #bind} accepts
   * @param number which of the targets, from 0
   * @param name the target's name
   * @return a column's index, or −1 if the table has none
   */
  int targetIn(CsvTable table, int number, String name) {
    if (header && table.hasHeader()) {
      return table.names().indexOf(name);
    }
    return table.columns() == columns ? targets.get(number) : -1;
  }

  /**
   * The complete state as JSON values.
   *
   * @return a map that {@link #fromJson} reads back to equal bits
   */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("header", header);
    json.put("columns", columns);
    if (targets.size() == 1) {
      json.put("target", targets.get(0));
    } else {
      json.put("targets", targets);
    }
    json.put("features", features.stream().map(Feature::toJson).toList());
    return json;
  }

  /**
   * Reads the state back.
   *
   * @param json what {@link #toJson} gave
   * @return an encoder that gives the same bits
   * @throws DataException if a part is absent, of another type or out of range
   */
  public static FeatureEncoder fromJson(Object json) {
    Fields fields = Fields.of(json, "features");
    int columns = fields.index("columns", Integer.MAX_VALUE);
    List<Integer> targets = new ArrayList<>();
    if (fields.has("targets")) {
      for (Object item : fields.list("targets")) {
        targets.add(new Fields(Map.of("target", item), "features").index("target", columns));
      }
    } else {
      targets.add(fields.index("target", columns));
    }
    List<Feature> features = new ArrayList<>();
    for (Object item : fields.list("features")) {
      features.add(Feature.fromJson(item, columns));
    }
    long distinct = features.stream().mapToInt(Feature::column).distinct().count();
    boolean usesTarget = features.stream().map(Feature::column).anyMatch(targets::contains);
    boolean named = targets.size() == new HashSet<>(targets).size();
    if (distinct != features.size() || usesTarget || !named) {
      throw new DataException(
          "features: a column is used twice, or is a target; the model file is damaged");
    }
    return new FeatureEncoder(fields.flag("header"), columns, targets, features, List.of());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FeatureEncoder that
        && header == that.header
        && columns == that.columns
        && targets.equals(that.targets)
        && features.equals(that.features);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new Object[] {header, columns, targets, features});
  }
}
