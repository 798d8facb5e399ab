package dev.natgrad.training;

import dev.natgrad.random.Philox;
import dev.natgrad.random.Streams;
import java.util.Arrays;

/**
 * Rows shared out to training, validation and test: disjoint, together all rows given, each part
 * ascending.
 *
 * <p>Where the target has classes the split is stratified: of a class with n rows, test and
 * validation get n·fraction within one row, and at least one each if n ≥ 3; training always gets at
 * least one. Of several targets the first one's classes count. Otherwise the rows are drawn at
 * random. The same seed gives the same split.
 *
 * <p>Immutable but for the arrays, which are not copied; any thread may read it.
 *
 * @param training row indices to fit on
 * @param validation row indices to stop early on; empty if its fraction is 0
 * @param test row indices never looked at in training; empty if its fraction is 0
 */
public record Split(int[] training, int[] validation, int[] test) {
  /** Rows below this number are too few to hold any out. */
  public static final int MIN_ROWS_TO_HOLD_OUT = 10;

  /**
   * Splits the rows that have a target.
   *
   * @param target the target
   * @param validationFraction share of all rows, in [0, 1)
   * @param testFraction share of all rows, in [0, 1); below 1 with the other
   * @param seed any value
   * @return the parts
   * @throws IllegalArgumentException if a fraction is out of range
   * @throws DataException if there are fewer than 2 rows, fewer than 10 to hold some out from, too
   *     few to give a part at least one, or if training would see fewer than two classes
   */
  public static Split of(Target target, double validationFraction, double testFraction, long seed) {
    checkFraction("validationFraction", validationFraction);
    checkFraction("testFraction", testFraction);
    if (validationFraction + testFraction >= 1) {
      throw new IllegalArgumentException(
          "validationFraction "
              + validationFraction
              + " and testFraction "
              + testFraction
              + " leave nothing to train on; their sum must be below 1");
    }
    int[] rows = target.rows();
    checkRows(rows.length, validationFraction, testFraction);
    TargetColumn first = target.columns().get(0);
    int classes = first.classes().size();
    new Philox(seed, Streams.SPLIT).shuffle(rows);
    int[][] groups = classes == 0 ? new int[][] {rows} : byClass(first, rows, classes);
    int[] test = new int[groups.length];
    int[] validation = new int[groups.length];
    long before = 0;
    for (int c = 0; c < groups.length; c++) {
      int n = groups[c].length;
      test[c] = share(before, n, testFraction);
      validation[c] = share(before, n, validationFraction);
      before += n;
      while (test[c] + validation[c] >= n && n > 0) {
        int[] larger = test[c] >= validation[c] ? test : validation;
        larger[c]--;
      }
    }
    Split split = gather(groups, validation, test);
    split.check(target, validationFraction, testFraction);
    return split;
  }

  /** Rows of a class: its share of the running total, rounded, so that the sum is right too. */
  private static int share(long before, int n, double fraction) {
    long count = Math.round((before + n) * fraction) - Math.round(before * fraction);
    return (int) (fraction > 0 && n >= 3 ? Math.max(1, count) : count);
  }

  private static int[][] byClass(TargetColumn target, int[] rows, int classes) {
    int[] counts = new int[classes];
    for (int row : rows) {
      counts[target.classOf(row)]++;
    }
    int[][] groups = new int[classes][];
    Arrays.setAll(groups, c -> new int[counts[c]]);
    for (int row : rows) {
      int c = target.classOf(row);
      groups[c][--counts[c]] = row;
    }
    return groups;
  }

  private static Split gather(int[][] groups, int[] validation, int[] test) {
    int tests = Arrays.stream(test).sum();
    int validations = Arrays.stream(validation).sum();
    int rows = Arrays.stream(groups).mapToInt(group -> group.length).sum();
    int[][] parts = {new int[rows - tests - validations], new int[validations], new int[tests]};
    int[] filled = new int[3];
    for (int c = 0; c < groups.length; c++) {
      for (int i = 0; i < groups[c].length; i++) {
        int part = i < test[c] ? 2 : i < test[c] + validation[c] ? 1 : 0;
        parts[part][filled[part]++] = groups[c][i];
      }
    }
    for (int[] part : parts) {
      Arrays.sort(part);
    }
    return new Split(parts[0], parts[1], parts[2]);
  }

  private static void checkFraction(String name, double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          name + " is " + fraction + "; it must be at least 0 and below 1");
    }
  }

  private static void checkRows(int rows, double validationFraction, double testFraction) {
    if (rows < 2) {
      throw new DataException("too few rows: " + rows + " with a target; give at least 2");
    }
    boolean heldOut = validationFraction > 0 || testFraction > 0;
    if (heldOut && rows < MIN_ROWS_TO_HOLD_OUT) {
      throw new DataException(
          "too few rows: "
              + rows
              + " with a target, and holding some out for test or validation "
              + "needs "
              + MIN_ROWS_TO_HOLD_OUT
              + "; give more rows or set both fractions to 0 (--test-fraction 0 --validation-fraction 0)");
    }
  }

  private void check(Target target, double validationFraction, double testFraction) {
    checkPart("validation", validation.length, validationFraction);
    checkPart("test", test.length, testFraction);
    if (training.length < 2) {
      throw new DataException(
          "too few rows: "
              + training.length
              + " left to train on; give more rows or smaller "
              + "fractions for test and validation");
    }
    for (TargetColumn column : target.columns()) {
      if (!column.classes().isEmpty()
          && Arrays.stream(training).map(column::classOf).distinct().count() < 2) {
        throw new DataException(
            "too few rows: training would see one class of the target "
                + DataException.quote(column.name())
                + "; give more rows of the other");
      }
    }
  }

  private static void checkPart(String name, int rows, double fraction) {
    if (fraction > 0 && rows == 0) {
      throw new DataException(
          "too few rows: a "
              + name
              + " fraction of "
              + fraction
              + " is no row at all; give more "
              + "rows, a larger fraction, or 0");
    }
  }
}
