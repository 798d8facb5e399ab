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
    if (scan.guessedRow) {
      suspectedHeader(scan).ifPresent(notes::add);
    }
    repeatedName(scan, names).ifPresent(notes::add);
    decimalCommas(scan).ifPresent(notes::add);
    return List.copyOf(notes);
  }

  /** A sentence about how one column is read. */
  static Optional<String> of(CsvScan scan, String name, int column) {
    CsvScan.Cells cells = scan.cells(column);
    boolean mixed =
        !cells.decimal && cells.texts > 0 && cells.numbers > (cells.varied ? cells.texts : 0);
    if (!mixed && cells.remedy() == null) {
      return Optional.empty();
    }
    boolean heading = scan.guessedRow && cells.texts == 1 && cells.textLine == scan.firstLine();
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
    return Optional.of(
        name
            + " is read as text: "
            + numbers
            + cells.textLine
            + " holds "
            + DataException.quote(cells.textCell)
            + "; "
            + remedy);
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

  private static Optional<String> decimalCommas(CsvScan scan) {
    int[] decimal = IntStream.range(0, scan.columns).filter(c -> scan.cells(c).decimal).toArray();
    if (decimal.length == 0) {
      return Optional.empty();
    }
    CsvScan.Cells cells = scan.cells(decimal[0]);
    return Optional.of(
        "commas in numbers are decimal ones between semicolons: "
            + DataException.quote(cells.textCell)
            + " on line "
            + cells.textLine
            + " is "
            + cells.textCell.replace(',', '.')
            + (decimal.length == 1 ? "" : ", and so in " + decimal.length + " columns"));
  }

  /**
   * Whole numbers that rise evenly, as years and the numbers of columns do, are names more often
   * than measurements; words beside them may be names too, unless they come again below.
   */
  private static Optional<String> suspectedHeader(CsvScan scan) {
    List<String> numbers = new ArrayList<>();
    double last = 0;
    double rise = 0;
    for (int c = 0; c < scan.columns; c++) {
      char[] cell = scan.firstCell(c).toCharArray();
      double number = CsvNumber.parse(cell, 0, cell.length);
      if (Double.isNaN(number) && !scan.cells(c).firstRecurs) {
        continue;
      }
      rise = numbers.size() == 1 ? number - last : rise;
      boolean even = numbers.isEmpty() || rise > 0 && number - last == rise;
      if (number != Math.rint(number) || !even) {
        return Optional.empty();
      }
      last = number;
      numbers.add(scan.firstCell(c));
    }
    if (numbers.size() < EVEN_NUMBERS) {
      return Optional.empty();
    }
    return Optional.of(
        "line "
            + scan.firstLine()
            + " holds "
            + String.join(", ", numbers.subList(0, EVEN_NUMBERS))
            + (numbers.size() > EVEN_NUMBERS ? ", ..." : "")
            + " and is read as a row; if these are the columns' names, give --header yes");
  }
}
