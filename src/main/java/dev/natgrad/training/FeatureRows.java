package dev.natgrad.training;

import dev.natgrad.linalg.Mat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A table's rows as a model's inputs. Immutable; any thread may read it. */
public final class FeatureRows {
  /** Unknown categories named in a note. */
  private static final int SHOWN = 3;

  private final CsvTable table;
  private final Feature[] features;
  private final int[] source;
  private final int[][] ofCode;
  private final int width;

  FeatureRows(CsvTable table, List<Feature> features, int[] source, int width) {
    this.table = table;
    this.features = features.toArray(new Feature[0]);
    this.source = source;
    this.width = width;
    this.ofCode = new int[source.length][];
    for (int f = 0; f < source.length; f++) {
      ofCode[f] = this.features[f].isText() ? places(table, source[f], this.features[f]) : null;
    }
  }

  /** Which of the feature's inputs is 1 for each code of the table's column; −1: none. */
  private static int[] places(CsvTable table, int column, Feature feature) {
    Map<String, Integer> place = new HashMap<>();
    for (String level : feature.levels()) {
      place.put(level, place.size());
    }
    int unseen = missing(feature);
    return table.levels(column).stream().mapToInt(l -> place.getOrDefault(l, unseen)).toArray();
  }

  private static int missing(Feature feature) {
    return feature.other() ? feature.levels().size() : -1;
  }

  /**
   * Number of rows.
   *
   * @return that of the table
   */
  public int rows() {
    return table.rows();
  }

  /**
   * Number of inputs.
   *
   * @return that of the encoder
   */
  public int width() {
    return width;
  }

  /**
   * Sentences about categories of the table that the encoder does not know, which count as missing.
   *
   * @return one-line sentences, one for each column with such categories
   */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (int f = 0; f < features.length; f++) {
      List<String> unknown = unknown(f);
      if (!unknown.isEmpty()) {
        int more = unknown.size() - SHOWN;
        String shown =
            unknown.stream()
                .limit(SHOWN)
                .map(DataException::quote)
                .collect(Collectors.joining(", "));
        notes.add(
            features[f].name()
                + " has "
                + (unknown.size() == 1 ? "a category" : unknown.size() + " categories")
                + " that the model does not know and takes for missing: "
                + shown
                + (more > 0 ? " and " + more + " more" : ""));
      }
    }
    return List.copyOf(notes);
  }

  private List<String> unknown(int f) {
    if (!features[f].isText()) {
      return List.of();
    }
    Set<String> known = new HashSet<>(features[f].levels());
    return table.levels(source[f]).stream().filter(level -> !known.contains(level)).toList();
  }

  /**
   * Encodes one row. Allocates nothing.
   *
   * @param row index into the table
   * @param out receives {@link #width} numbers from index 0
   * @throws IndexOutOfBoundsException if there is no such row, or out is shorter
   */
  public void encode(int row, double[] out) {
    int at = 0;
    for (int f = 0; f < features.length; f++) {
      if (ofCode[f] == null) {
        out[at++] = features[f].encode(table.number(source[f], row));
      } else {
        int span = features[f].width();
        Arrays.fill(out, at, at + span, 0);
        int code = table.code(source[f], row);
        int place = code < 0 ? missing(features[f]) : ofCode[f][code];
        if (place >= 0) {
          out[at + place] = 1;
        }
        at += span;
      }
    }
  }

  /**
   * Fills a batch: row i of x becomes the encoded row {@code rows[i]}. Allocates one row on the
   * heap.
   *
   * @param rows m row indices of the table
   * @param x m × width, in either precision
   * @throws IllegalArgumentException if x has another shape
   * @throws IndexOutOfBoundsException if there is no such row
   */
  public void encode(int[] rows, Mat x) {
    checkShape("x", x, rows.length, width);
    double[] row = new double[width];
    for (int i = 0; i < rows.length; i++) {
      encode(rows[i], row);
      x.copyRowFrom(i, row, 0);
    }
  }

  static void checkShape(String name, Mat mat, int rows, int cols) {
    if (mat.rows() != rows || mat.cols() != cols) {
      throw new IllegalArgumentException(
          name + " is " + mat.rows() + " × " + mat.cols() + "; it must be " + rows + " × " + cols);
    }
  }
}
