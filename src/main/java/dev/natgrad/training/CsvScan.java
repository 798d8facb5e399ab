package dev.natgrad.training;

import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The first of two passes over a CSV file: checks that every record has as many cells as the first,
 * counts the rows, and finds out whether the first record is a header and which columns are
 * numeric.
 */
final class CsvScan {
  /** What is known beforehand about a table, from a model fitted to an earlier one. */
  interface Expected {
    /** Whether this first record must be a header. */
    boolean isHeader(List<String> firstRecord);

    /** Whether the cells below may tell that a record which need not be a header is one. */
    boolean mayHaveHeader();

    /** How to read each column; names null: no header. */
    Reading[] readings(List<String> names, int columns);
  }

  /** How a column is read. */
  enum Reading {
    /** As its cells suggest. */
    AS_FOUND,
    /** As numbers, if no cell of it is text. */
    NUMBERS,
    /** As text, even if all its cells are numbers. */
    TEXT
  }

  /** Counts of one column's cells, and the first cell of each kind that matters. */
  static final class Cells {
    long numbers;
    long texts;

    /** Of {@code None}: missing among numbers, a text among texts. */
    long nones;

    /** Of texts that a comma keeps from being numbers. */
    long commas;

    /** Whether one of its numbers has a decimal point. */
    boolean points;

    /** Whether those commas are decimal ones, and its texts numbers. */
    boolean decimal;

    /** Whether its texts are not all the same. */
    boolean varied;

    boolean filled;
    boolean firstRecurs;
    long textLine;
    String textCell;
    long infiniteLine;
    String infiniteCell;

    /** Whether decimal commas would make numbers of all its texts. */
    boolean commasAlone() {
      return texts > 0 && commas == texts;
    }

    /** How its cells should be written, where the same would help them all; else null. */
    String remedy() {
      return commasAlone() && !decimal
          ? "write numbers with a decimal point and nothing between thousands"
          : null;
    }

    boolean isNumeric(Reading reading) {
      boolean found = decimal || texts == 0 && (numbers > 0 || nones == 0);
      boolean needed = decimal || texts == 0;
      return reading == Reading.AS_FOUND ? found : reading == Reading.NUMBERS && needed;
    }
  }

  private final CsvSource source;
  private final CsvParser parser;
  private List<String> first;
  private long firstLine;
  private Cells[] cells;
  private long records;

  /** Whether a number's comma stands where only a decimal one can. */
  private boolean decimalCommas;

  /** Number of columns, without a last one that is empty in every record. */
  int columns;

  int rows;
  boolean header;

  /** Whether the first record is a row because nothing speaks for a header. */
  boolean guessedRow;

  CsvScan(CsvSource source, CsvParser parser) {
    this.source = source;
    this.parser = parser;
  }

  void run(Header asked, Expected expected) {
    if (!parser.next()) {
      throw new DataException(source.name() + ": the file has no data; give a CSV file with rows");
    }
    readFirst();
    while (parser.next()) {
      if (parser.cells() != first.size()) {
        throw ragged();
      }
      records++;
      for (int c = 0; c < cells.length; c++) {
        count(c);
      }
    }
    columns = cells.length - (cells.length > 1 && !cells[cells.length - 1].filled ? 1 : 0);
    header = asked == Header.YES || asked == Header.AUTO && findsHeader(expected);
    guessedRow = !header && asked == Header.AUTO;
    if (header && records == 0) {
      throw new DataException(
          source.name() + ": the file has only a header (line " + firstLine + "); add rows");
    }
    if (!header) {
      addFirst();
    }
    if (records > Integer.MAX_VALUE - 8) {
      throw new DataException(source.name() + ": has " + records + " rows; at most 2147483639");
    }
    rows = (int) records;
    for (Cells column : cells) {
      column.decimal = isDecimal(column);
    }
    checkFinite();
  }

  /** Lines that were no rows and may have been meant as such, in a sentence; null if none. */
  String skipped() {
    return parser.hollow() == 0
        ? null
        : parser.hollow() == 1
            ? "line " + parser.hollowLine() + " holds delimiters alone and is skipped"
            : parser.hollow()
                + " lines, the first of them line "
                + parser.hollowLine()
                + ", hold delimiters alone and are skipped";
  }

  Cells cells(int column) {
    return cells[column];
  }

  long firstLine() {
    return firstLine;
  }

  String firstCell(int column) {
    return first.get(column);
  }

  /** Whether a name of the header is that of an earlier column. */
  boolean isRepeated(int column) {
    return !first.get(column).isEmpty() && first.indexOf(first.get(column)) < column;
  }

  private void readFirst() {
    first = new ArrayList<>();
    firstLine = parser.line();
    cells = new Cells[parser.cells()];
    for (int c = 0; c < cells.length; c++) {
      first.add(parser.text(c));
      cells[c] = new Cells();
      cells[c].filled = !first.get(c).isEmpty();
      isWithComma(parser.chars(), parser.start(c), parser.end(c));
    }
  }

  private void count(int c) {
    Cells column = cells[c];
    int start = parser.start(c);
    int end = parser.end(c);
    column.filled |= end > start;
    if (CsvNumber.isMissing(parser.chars(), start, end)) {
      return;
    }
    double value = CsvNumber.parse(parser.chars(), start, end);
    if (!Double.isNaN(value) && !Double.isInfinite(value)) {
      column.numbers++;
      column.points = column.points || CsvNumber.hasPoint(parser.chars(), start, end);
      return;
    }
    if (Double.isInfinite(value) && column.infiniteCell == null) {
      column.infiniteLine = parser.line();
      column.infiniteCell = parser.text(c);
    }
    if (Double.isNaN(value)) {
      CharBuffer cell = CharBuffer.wrap(parser.chars(), start, end - start);
      column.firstRecurs |= first.get(c).contentEquals(cell);
      boolean comma = column.commas == column.texts && isWithComma(parser.chars(), start, end);
      column.commas += comma ? 1 : 0;
      if (CsvNumber.isNone(parser.chars(), start, end)) {
        column.nones++;
      } else if (column.texts++ == 0) {
        column.textLine = parser.line();
        column.textCell = cell.toString();
      } else {
        column.varied = column.varied || !column.textCell.contentEquals(cell);
      }
    }
  }

  private void addFirst() {
    records++;
    for (int c = 0; c < cells.length; c++) {
      char[] chars = first.get(c).toCharArray();
      if (CsvNumber.isMissing(chars, 0, chars.length)) {
        continue;
      }
      double value = CsvNumber.parse(chars, 0, chars.length);
      if (CsvNumber.isNone(chars, 0, chars.length)) {
        cells[c].nones++;
      } else if (Double.isNaN(value)) {
        cells[c].commas += CsvNumber.hasComma(chars, 0, chars.length) ? 1 : 0;
        cells[c].varied |= cells[c].texts++ > 0 && !first.get(c).equals(cells[c].textCell);
        cells[c].textLine = firstLine;
        cells[c].textCell = first.get(c);
      } else if (Double.isInfinite(value)) {
        cells[c].infiniteLine = firstLine;
        cells[c].infiniteCell = first.get(c);
      } else {
        cells[c].numbers++;
        cells[c].points |= CsvNumber.hasPoint(chars, 0, chars.length);
      }
    }
  }

  /** Also notes a comma that stands between no thousands. */
  private boolean isWithComma(char[] chars, int start, int end) {
    boolean comma = CsvNumber.hasComma(chars, start, end);
    decimalCommas |= comma && !CsvNumber.mayHaveThousands(chars, start, end);
    return comma;
  }

  /**
   * Commas are decimal ones between semicolons, which stand where the comma is not free, unless all
   * of the table may stand between thousands, and but for columns with a decimal point too.
   */
  private boolean isDecimal(Cells column) {
    boolean decimal = decimalCommas && parser.delimiter() == ';';
    return decimal && column.commasAlone() && !column.points;
  }

  private boolean findsHeader(Expected expected) {
    boolean named = expected != null && expected.isHeader(first.subList(0, columns));
    boolean judged = expected == null || records > 0 && expected.mayHaveHeader();
    return named || judged && looksLikeHeader();
  }

  private boolean looksLikeHeader() {
    boolean anyNumeric = false;
    boolean named = false;
    boolean[] kinds = new boolean[3];
    for (int c = 0; c < columns; c++) {
      char[] chars = first.get(c).toCharArray();
      boolean missing = CsvNumber.isMissing(chars, 0, chars.length);
      double value = missing ? Double.NaN : CsvNumber.parse(chars, 0, chars.length);
      // A name such as "inf" may be a column's as well as a number: the other cells decide.
      boolean word = Double.isInfinite(value) && Character.isLetter(chars[chars.length - 1]);
      boolean comma = decimalCommas && CsvNumber.hasComma(chars, 0, chars.length);
      boolean number = !Double.isNaN(value) && !word || comma;
      kinds[missing ? 0 : number ? 1 : 2] = true;
      if (cells[c].numbers > 0 && cells[c].texts == 0 || isDecimal(cells[c])) {
        anyNumeric = true;
        named |= !missing && !number && !word && !CsvNumber.isNone(chars, 0, chars.length);
        if (number) {
          return false;
        }
      }
    }
    if (records == 0) {
      return !kinds[1];
    }
    return anyNumeric ? named : !kinds[0] && !kinds[1] && firstStandsOut();
  }

  /** In a table of text alone: the first record's cells are distinct and never come again. */
  private boolean firstStandsOut() {
    for (int c = 0; c < columns; c++) {
      if (cells[c].firstRecurs) {
        return false;
      }
    }
    return first.stream().limit(columns).distinct().count() == columns;
  }

  private void checkFinite() {
    for (int c = 0; c < columns; c++) {
      if ((cells[c].texts == 0 || cells[c].decimal) && cells[c].infiniteCell != null) {
        throw new DataException(
            source.name()
                + " line "
                + cells[c].infiniteLine
                + ": column "
                + (c + 1)
                + " holds "
                + DataException.quote(cells[c].infiniteCell)
                + ", which is no finite number; leave the cell empty to mark it missing");
      }
    }
  }

  private DataException ragged() {
    return new DataException(
        source.name()
            + " line "
            + parser.line()
            + ": the row has "
            + parser.cells()
            + (parser.cells() == 1 ? " cell" : " cells")
            + ", the first row (line "
            + firstLine
            + ") has "
            + first.size()
            + "; every row needs as many ("
            + (records == 0 && first.size() == 1
                ? "remove what stands above the header)"
                : "quote a cell that contains the delimiter)"));
  }
}
