package dev.natgrad.training;

import dev.natgrad.training.CsvScan.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A CSV file in memory, column by column: numbers as {@code double[]}, text as codes into the
 * column's distinct values.
 *
 * <p>The file is UTF-8 text (a byte order mark is dropped), plain or gzip (told by its first two
 * bytes), with comma, semicolon or tab between cells (told from the first records), LF, CRLF or CR
 * between rows. Spaces around a cell do not belong to it. A quoted cell may hold delimiters, line
 * ends and doubled quotes. Lines without any content, or of delimiters alone, are skipped; so is a
 * last column that is empty everywhere, which a delimiter at the end of each line makes. A first
 * line {@code sep=;}, as spreadsheets write it, tells the delimiter ({@code ,}, {@code ;}, {@code
 * |} or a tab) and is no row.
 *
 * <p>A cell is missing if it is empty, {@code ?}, {@code NA}, {@code N/A}, {@code n/a}, {@code
 * <NA>}, {@code #NA}, {@code #N/A}, {@code NULL}, {@code null}, {@code NaN}, {@code nan}, either of
 * these two with a minus sign, or what C printed for them on Windows ({@code 1.#IND}, {@code
 * 1.#QNAN}, signed or not): what pandas takes for missing. {@code None} is missing where all other
 * cells of its column are numbers. Elsewhere it is a text like others, unlike in pandas: among
 * words it is more often a category (no allergy, no garage) than an absent value, and as a class of
 * the target its rows would be lost. A column is numeric if every other cell of it is a finite
 * decimal number; otherwise it is text. Numbers have a decimal point. Between semicolons those of a
 * column may have a decimal comma instead, if a comma of some number in the file cannot be one that
 * stands between thousands.
 *
 * <p>Unless the caller knows, the first row is a header if some column is numeric below it, and in
 * no such column the first row holds a number, and in one of them it holds a name. In a table of
 * text alone it is a header if its cells are distinct and none comes again below it. A header's
 * repeated or empty names get their column's number.
 *
 * <p>The file is read twice, first for the types and the number of rows n, then into arrays of that
 * length: 8n bytes for a numeric column, 4n and one string for each distinct value for a text
 * column. The text itself is never held. Immutable; any thread may read it.
 */
public final class CsvTable {
  private final String file;
  private final int rows;
  private final boolean header;
  private final List<Column> columns;
  private final List<String> notes;

  /** Of each column, null where there is nothing to say. */
  private final List<String> columnNotes = new ArrayList<>();

  /** Null if no line was. */
  private final String skipped;

  private CsvTable(String file, CsvScan scan, List<Column> columns) {
    this.file = file;
    this.rows = scan.rows;
    this.header = scan.header;
    this.columns = List.copyOf(columns);
    this.skipped = scan.skipped();
    this.notes = CsvNotes.of(scan, names());
    for (int c = 0; c < columns.size(); c++) {
      columnNotes.add(CsvNotes.of(scan, columns.get(c).name(), c).orElse(null));
    }
  }

  /** One column: either numbers, or codes (−1: missing) into levels in order of appearance. */
  private record Column(
      String name, double[] numbers, int[] codes, List<String> levels, CsvScan.Cells cells) {}

  /**
   * Reads a file.
   *
   * @param file a CSV file; what can be read only once (a pipe) is first copied to a temporary file
   * @return the table, with at least one row and one column
   * @throws DataException if the file is missing, unreadable, empty, a header alone, no UTF-8 text,
   *     or damaged; if a row has more or fewer cells than the first, a quote is not closed, or a
   *     number of a numeric column is not finite
   */
  public static CsvTable read(Path file) {
    return read(file, Header.AUTO);
  }

  /**
   * Reads a file whose first row the caller may know.
   *
   * @param file as for {@link #read(Path)}
   * @param header what its first row is
   * @return the table, with at least one row and one column
   * @throws DataException as {@link #read(Path)} does
   */
  public static CsvTable read(Path file, Header header) {
    return read(file, header, null);
  }

  static CsvTable read(Path file, Header header, CsvScan.Expected expected) {
    try (CsvSource source = CsvSource.open(file)) {
      char delimiter = source.delimiter();
      CsvScan scan;
      try (CsvParser parser = source.parser(delimiter)) {
        scan = new CsvScan(source, parser);
        scan.run(header, expected);
      }
      try (CsvParser parser = source.parser(delimiter)) {
        return load(source.name(), scan, parser, expected);
      }
    } catch (OutOfMemoryError e) {
      throw new DataException(
          file + ": does not fit into the memory of this JVM; give it more (-Xmx) or fewer rows",
          e);
    }
  }

  private static CsvTable load(
      String file, CsvScan scan, CsvParser parser, CsvScan.Expected expected) {
    List<String> names = names(scan);
    Reading[] readings = new Reading[scan.columns];
    Arrays.fill(readings, Reading.AS_FOUND);
    if (expected != null) {
      readings = expected.readings(scan.header ? names : null, scan.columns);
    }
    List<Column> columns = new ArrayList<>();
    List<Map<String, Integer>> codes = new ArrayList<>();
    for (int c = 0; c < scan.columns; c++) {
      boolean numeric = scan.cells(c).isNumeric(readings[c]);
      columns.add(
          new Column(
              names.get(c),
              numeric ? new double[scan.rows] : null,
              numeric ? null : new int[scan.rows],
              new ArrayList<>(),
              scan.cells(c)));
      codes.add(new HashMap<>());
    }
    int skipped = scan.header ? 1 : 0;
    int row = -skipped;
    for (; parser.next(); row++) {
      if (row >= scan.rows || parser.cells() < scan.columns) {
        break;
      }
      for (int c = 0; row >= 0 && c < scan.columns; c++) {
        store(columns.get(c), codes.get(c), parser, c, row);
      }
    }
    if (row != scan.rows) {
      throw new DataException(file + ": changed while it was read; try again when it is complete");
    }
    return new CsvTable(file, scan, columns);
  }

  private static void store(
      Column column, Map<String, Integer> codes, CsvParser parser, int c, int row) {
    int start = parser.start(c);
    int end = parser.end(c);
    boolean missing =
        CsvNumber.isMissing(parser.chars(), start, end)
            || column.numbers() != null && CsvNumber.isNone(parser.chars(), start, end);
    if (column.numbers() != null) {
      column.numbers()[row] =
          missing
              ? Double.NaN
              : column.cells().decimal
                  ? CsvNumber.parseWithComma(parser.chars(), start, end)
                  : CsvNumber.parse(parser.chars(), start, end);
    } else if (missing) {
      column.codes()[row] = -1;
    } else {
      String text = parser.text(c);
      Integer code = codes.putIfAbsent(text, codes.size());
      if (code == null) {
        code = column.levels().size();
        column.levels().add(text);
      }
      column.codes()[row] = code;
    }
  }

  private static List<String> names(CsvScan scan) {
    List<String> names = new ArrayList<>();
    Set<String> used = new HashSet<>();
    for (int c = 0; c < scan.columns; c++) {
      String own = scan.header ? scan.firstCell(c) : "";
      String number = "column " + (c + 1);
      String name = own.isEmpty() ? number : own;
      while (!used.add(name)) {
        name = name + " (" + number + ")";
      }
      names.add(name);
    }
    return names;
  }

  /**
   * The file the table came from.
   *
   * @return its path as given, for messages
   */
  public String file() {
    return file;
  }

  /**
   * Number of rows, without the header.
   *
   * @return at least 1
   */
  public int rows() {
    return rows;
  }

  /**
   * Number of columns.
   *
   * @return at least 1
   */
  public int columns() {
    return columns.size();
  }

  /**
   * Whether the first row of the file is a header, found or told.
   *
   * @return false if {@link #name} makes names up from the columns' numbers
   */
  public boolean hasHeader() {
    return header;
  }

  /**
   * A column's name, unlike every other column's.
   *
   * @param column index from 0
   * @return the header's, or {@code column N} counted from 1
   * @throws IndexOutOfBoundsException if there is no such column
   */
  public String name(int column) {
    return columns.get(column).name();
  }

  /**
   * All names in order.
   *
   * @return one for each column
   */
  public List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  /**
   * Whether a column is numeric; otherwise it is text.
   *
   * @param column index from 0
   * @return true if {@link #number} may be asked, false if {@link #code} and {@link #levels} may
   * @throws IndexOutOfBoundsException if there is no such column
   */
  public boolean isNumeric(int column) {
    return columns.get(column).numbers() != null;
  }

  /**
   * A cell of a numeric column.
   *
   * @param column index from 0
   * @param row index from 0
   * @return a finite number, or NaN if the cell is missing
   * @throws IllegalArgumentException if the column is text
   * @throws IndexOutOfBoundsException if there is no such cell
   */
  public double number(int column, int row) {
    double[] numbers = columns.get(column).numbers();
    if (numbers == null) {
      throw new IllegalArgumentException(name(column) + " is a text column; ask for its code");
    }
    return numbers[row];
  }

  /**
   * A cell of a text column.
   *
   * @param column index from 0
   * @param row index from 0
   * @return an index into {@link #levels}, or −1 if the cell is missing
   * @throws IllegalArgumentException if the column is numeric
   * @throws IndexOutOfBoundsException if there is no such cell
   */
  public int code(int column, int row) {
    int[] codes = columns.get(column).codes();
    if (codes == null) {
      throw new IllegalArgumentException(name(column) + " is a numeric column; ask for its number");
    }
    return codes[row];
  }

  /**
   * The distinct values of a text column, in order of appearance.
   *
   * @param column index from 0
   * @return the values; empty for a numeric column
   * @throws IndexOutOfBoundsException if there is no such column
   */
  public List<String> levels(int column) {
    return Collections.unmodifiableList(columns.get(column).levels());
  }

  /**
   * Sentences about what the reader found odd and settled, such as a column of numbers with one
   * word in it.
   *
   * @return one-line sentences, possibly none
   */
  public List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    columnNotes.stream().filter(Objects::nonNull).forEach(all::add);
    return List.copyOf(all);
  }

  /** Those of {@link #notes} that are about no column alone. */
  List<String> generalNotes() {
    return notes;
  }

  /** What {@link #notes} say of how one column is read. */
  Optional<String> note(int column) {
    return Optional.ofNullable(columnNotes.get(column));
  }

  /**
   * A sentence, one of {@link #notes}, about lines between the rows that held delimiters alone:
   * predictions would not stand beside the lines they are of.
   *
   * @return the sentence; empty if there was no such line
   */
  public Optional<String> skipped() {
    return Optional.ofNullable(skipped);
  }

  /** Whether a cell of either type is missing. */
  boolean isMissing(int column, int row) {
    Column c = columns.get(column);
    return c.numbers() != null ? Double.isNaN(c.numbers()[row]) : c.codes()[row] < 0;
  }

  /** Where the first cell that is not a number stands, for messages about a text column. */
  String firstText(int column) {
    CsvScan.Cells cells = columns.get(column).cells();
    if (cells.textCell == null) {
      return "text";
    }
    String place = DataException.quote(cells.textCell) + " on line " + cells.textLine;
    return cells.remedy() == null ? place : place + ": " + cells.remedy();
  }

  /** All rows, 0 to n − 1. */
  int[] allRows() {
    int[] all = new int[rows];
    Arrays.setAll(all, i -> i);
    return all;
  }
}
