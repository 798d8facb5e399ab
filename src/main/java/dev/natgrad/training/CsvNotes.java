package dev.natgrad.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Sentences about what a scan found odd in a table and settled by itself. */
final class CsvNotes {
  /** Fewer numbers often rise evenly by chance. */
  private static final int EVEN_NUMBERS = 3;

  private CsvNotes() {}

  static List<String> of(CsvScan scan, List<String> names) {
    List<String> notes = new ArrayList<>();
    if (scan.skipped() != null) {
      notes.add(scan.skipped());
    }
    if (!scan.header && firstRisesEvenly(scan)) {
      notes.add(
          "line "
              + scan.firstLine()
              + " holds "
              + scan.firstCell(0)
              + ", "
              + scan.firstCell(1)
              + ", "
              + scan.firstCell(2)
              + (scan.columns > EVEN_NUMBERS ? ", ..." : "")
              + " and is read as a row; if these are the columns' names, give --header yes");
    }
    repeatedName(scan, names).ifPresent(notes::add);
    for (int c = 0; c < scan.columns; c++) {
      CsvScan.Cells cells = scan.cells(c);
      boolean mixed = cells.texts > 0 && cells.numbers > (cells.varied ? cells.texts : 0);
      if (mixed || cells.remedy() != null) {
        boolean heading = !scan.header && cells.texts == 1 && cells.textLine == scan.firstLine();
        String numbers =
            cells.numbers == 0
                ? "line "
                : cells.numbers + " of its " + scan.rows + " cells are numbers, but line ";
        String remedy =
            cells.remedy() != null
                ? cells.remedy()
                : heading
                    ? "if that is the column's name, give --header yes"
                    : "correct the cell, or leave it empty to mark it missing";
        notes.add(
            names.get(c)
                + " is read as text: "
                + numbers
                + cells.textLine
                + " holds "
                + DataException.quote(cells.textCell)
                + "; "
                + remedy);
      }
    }
    return List.copyOf(notes);
  }

  private static Optional<String> repeatedName(CsvScan scan, List<String> names) {
    int[] repeated =
        IntStream.range(0, scan.header ? scan.columns : 0).filter(scan::isRepeated).toArray();
    if (repeated.length == 0) {
      return Optional.empty();
    }
    int c = repeated[0];
    return Optional.of(
        "the name "
            + DataException.quote(scan.firstCell(c))
            + " comes again; column "
            + (c + 1)
            + " is called "
            + DataException.quote(names.get(c))
            + (repeated.length == 1 ? "" : ", and " + (repeated.length - 1) + " more likewise"));
  }

  /** As years and the numbers of columns do, which are names more often than measurements. */
  private static boolean firstRisesEvenly(CsvScan scan) {
    if (scan.columns < EVEN_NUMBERS) {
      return false;
    }
    double[] numbers = new double[scan.columns];
    for (int c = 0; c < numbers.length; c++) {
      char[] cell = scan.firstCell(c).toCharArray();
      numbers[c] = CsvNumber.parse(cell, 0, cell.length);
      double rise = c == 0 ? 1 : numbers[c] - numbers[c - 1];
      if (numbers[c] != Math.rint(numbers[c])
          || !(rise > 0)
          || c > 1 && rise != numbers[1] - numbers[0]) {
        return false;
      }
    }
    return true;
  }
}
