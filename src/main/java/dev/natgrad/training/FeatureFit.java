package dev.natgrad.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Decides, on the training rows alone, what becomes of each column. Used once. */
final class FeatureFit {
  /** A text column keeps this many levels, the most frequent. */
  static final int MAX_LEVELS = 255;

  /** A text column with more rows than this, all different, is a name and not a feature. */
  private static final int NAME_ROWS = 20;

  private static final int MIN_RANGE_COLUMNS = 16;

  private final CsvTable table;

  /** Columns that are no features. */
  private final Set<Integer> others;

  private final int[] rows;
  private final boolean standardize;
  private final Moments[] moments;
  private final List<String> constant = new ArrayList<>();

  final List<Feature> features = new ArrayList<>();
  final List<String> notes = new ArrayList<>();

  FeatureFit(CsvTable table, Set<Integer> others, int[] rows, boolean standardize) {
    this.table = table;
    this.others = others;
    this.rows = rows;
    this.standardize = standardize;
    this.moments = new Moments[table.columns()];
  }

  void run() {
    for (int c = 0; c < table.columns(); c++) {
      if (!others.contains(c) && table.isNumeric(c)) {
        int column = c;
        moments[c] = Moments.of(rows, row -> table.number(column, row));
      }
    }
    double[] range = standardize ? sharedRange() : null;
    for (int c = 0; c < table.columns(); c++) {
      if (others.contains(c)) {
        continue;
      }
      table.note(c).ifPresent(notes::add);
      if (moments[c] == null) {
        text(c);
      } else {
        numeric(c, range);
      }
    }
    if (!constant.isEmpty()) {
      notes.add(
          "left out, the same in every training row: "
              + (constant.size() <= 5
                  ? String.join(", ", constant)
                  : constant.size() + " columns"));
    }
  }

  private void numeric(int c, double[] range) {
    Moments m = moments[c];
    if (m.isConstant()) {
      constant.add(table.name(c));
      return;
    }
    double width = m.greatest() - m.least();
    Feature.Scaling scaling = Feature.Scaling.STANDARDISED;
    double[] numbers = {m.mean(), m.mean(), m.deviation()};
    if (!standardize) {
      scaling = Feature.Scaling.RAW;
      numbers = new double[] {m.mean(), 0, 1};
    } else if (inRange(m, range)) {
      scaling = Feature.Scaling.RANGE;
      numbers = new double[] {m.mean(), range[0], range[1] - range[0]};
    } else if (m.twoValued() && Double.isFinite(width)) {
      scaling = Feature.Scaling.TWO_VALUED;
      numbers = new double[] {m.mean(), m.least(), width};
    }
    features.add(Feature.numeric(c, table.name(c), scaling, numbers));
  }

  /**
   * The range that many columns share, or null. Its lower bound is the minimum most columns have,
   * its upper bound the maximum most of those have; its members are the columns within it. It
   * counts as shared if there are at least 16 members, three quarters of them have the lower bound
   * for their minimum and half come within a tenth of the upper one.
   */
  private double[] sharedRange() {
    List<Moments> varying = new ArrayList<>();
    for (Moments m : moments) {
      if (m != null && !m.isConstant()) {
        varying.add(m);
      }
    }
    if (varying.size() < MIN_RANGE_COLUMNS) {
      return null;
    }
    double low = mostFrequent(varying.stream().map(Moments::least).toList());
    List<Moments> based = varying.stream().filter(m -> m.least() == low).toList();
    double high = mostFrequent(based.stream().map(Moments::greatest).toList());
    double[] range = {low, high};
    if (!Double.isFinite(high - low)) {
      return null;
    }
    List<Moments> members = varying.stream().filter(m -> inRange(m, range)).toList();
    long floor = members.stream().filter(m -> m.least() == low).count();
    long ceiling = members.stream().filter(m -> m.greatest() >= high - 0.1 * (high - low)).count();
    boolean shared =
        members.size() >= MIN_RANGE_COLUMNS
            && 4 * floor >= 3L * members.size()
            && 2 * ceiling >= members.size();
    if (!shared) {
      return null;
    }
    notes.add(
        members.size()
            + " columns share the range "
            + TargetProfile.label(low)
            + " to "
            + TargetProfile.label(high)
            + " and are scaled by it to 0 to 1");
    return range;
  }

  private static boolean inRange(Moments m, double[] range) {
    return range != null && m.least() >= range[0] && m.greatest() <= range[1];
  }

  /** The value that occurs most often; of several the greatest. */
  private static double mostFrequent(List<Double> values) {
    Map<Double, Integer> counts = new HashMap<>();
    values.forEach(v -> counts.merge(v + 0.0, 1, Integer::sum));
    return counts.entrySet().stream()
        .max(
            Map.Entry.<Double, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .orElseThrow()
        .getKey();
  }

  private void text(int c) {
    List<String> levels = table.levels(c);
    int[] counts = new int[levels.size()];
    int missing = 0;
    for (int row : rows) {
      int code = table.code(c, row);
      if (code < 0) {
        missing++;
      } else {
        counts[code]++;
      }
    }
    int[] seen = IntStream.range(0, counts.length).filter(i -> counts[i] > 0).toArray();
    int cells = rows.length - missing;
    if (seen.length == 0 || (seen.length == 1 && missing == 0)) {
      constant.add(table.name(c));
      return;
    }
    if (seen.length == cells && cells > NAME_ROWS) {
      notes.add(
          table.name(c)
              + " is left out: each of its "
              + cells
              + " texts in the training rows is different ("
              + table.firstText(c)
              + ")");
      return;
    }
    List<String> kept =
        IntStream.of(seen)
            .boxed()
            .sorted(
                Comparator.comparing((Integer i) -> -counts[i]).thenComparing(i -> levels.get(i)))
            .limit(MAX_LEVELS)
            .map(i -> levels.get(i))
            .sorted()
            .toList();
    if (kept.size() < seen.length) {
      notes.add(
          table.name(c)
              + " has "
              + seen.length
              + " different texts; the "
              + MAX_LEVELS
              + " most frequent are kept, the others count as missing");
    }
    boolean other = missing > 0 || kept.size() < seen.length;
    features.add(Feature.oneHot(c, table.name(c), kept, other));
  }
}
