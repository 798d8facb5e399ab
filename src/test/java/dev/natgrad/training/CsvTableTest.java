package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTableTest {
  @TempDir Path folder;

  private CsvTable read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private CsvTable read(byte[] bytes) {
    try {
      return CsvTable.read(Files.write(folder.resolve("t.csv"), bytes));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String refusal(String text) {
    String message = assertThrows(DataException.class, () -> read(text)).getMessage();
    assertFalse(message.contains("\n"), message);
    assertTrue(message.startsWith(folder.resolve("t.csv").toString()), message);
    return message.substring(folder.resolve("t.csv").toString().length());
  }

  private static String text(CsvTable table, int column, int row) {
    int code = table.code(column, row);
    return code < 0 ? null : table.levels(column).get(code);
  }

  @Test
  void readsAHeaderAndBothTypes() {
    CsvTable table = read("age,name\n1.5,ann\n-2e3,bob\n");
    assertTrue(table.hasHeader());
    assertEquals(List.of("age", "name"), table.names());
    assertEquals(2, table.rows());
    assertEquals(1.5, table.number(0, 0));
    assertEquals(-2000, table.number(0, 1));
    assertFalse(table.isNumeric(1));
    assertEquals("bob", text(table, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> table.number(1, 0));
    assertThrows(IllegalArgumentException.class, () -> table.code(0, 0));
  }

  /** A column may be called inf, which is a number elsewhere. */
  @Test
  void aColumnMayBeCalledInf() {
    CsvTable table = read("inf,x,y\n1,2,3.5\n2,3,4.5\n");
    assertEquals(List.of("inf", "x", "y"), table.names());
    assertEquals(2, table.rows());
    assertEquals(1, table.number(0, 0));
    assertTrue(read("name,Infinity\nann,red\nbob,blue\n").hasHeader());
    // Beside a number, or alone above numbers, it is one.
    assertTrue(refusal("inf,2\n1,2\n").contains("inf"));
    assertTrue(refusal("-inf\n1\n2\n").contains("inf"));
  }

  @Test
  void readsWithoutAHeader() {
    CsvTable table = read("1,a\n2,b");
    assertFalse(table.hasHeader());
    assertEquals(List.of("column 1", "column 2"), table.names());
    assertEquals(2, table.rows());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'a,b;1,2'|true", // names over numbers
        "'a,1;1,2'|false", // a numeric column's first cell is a number
        "'1,x;2,y'|false",
        "'?,?;1,2'|false", // missing is no name
        "'a,?;1,2'|true", // an index column may have no name
        "'a,b;x,y;z,y'|true", // text alone, distinct, never again
        "'a,b;a,y'|false", // comes again
        "'a,a;x,y'|false", // not distinct
        "'1,2'|false",
        "'a,1'|false"
      })
  void tellsAHeader(String rows, boolean header) {
    assertEquals(header, read(rows.replace(';', '\n')).hasHeader());
  }

  @Test
  void aHeaderMayBeTold() throws IOException {
    Path years = Files.writeString(folder.resolve("years.csv"), "2019,2020,2021\n1,2,3\n4,5,6\n");
    CsvTable named = CsvTable.read(years, Header.YES);
    assertEquals(List.of("2019", "2020", "2021"), named.names());
    assertEquals(2, named.rows());
    assertEquals(List.of(), CsvTable.read(years, Header.NO).notes());
    assertEquals(1, named.number(0, 0));
    Path words = Files.writeString(folder.resolve("words.csv"), "a,b\nx,y\nz,y\n");
    CsvTable row = CsvTable.read(words, Header.NO);
    assertEquals(3, row.rows());
    assertEquals("a", text(row, 0, 0));
    Path alone = Files.writeString(folder.resolve("alone.csv"), "1,2\n");
    String message =
        assertThrows(DataException.class, () -> CsvTable.read(alone, Header.YES)).getMessage();
    assertEquals(alone + ": the file has only a header (line 1); add rows", message);
  }

  /** What is read as a row and may have been meant as names is told of. */
  @Test
  void aHeaderOfNumbersIsSuspected() {
    String rest = " and is read as a row; if these are the columns' names, give --header yes";
    assertEquals(
        List.of("line 1 holds 2019, 2020, 2021" + rest), read("2019,2020,2021\n1,2,3\n").notes());
    assertEquals(List.of("line 2 holds 0, 1, 2, ..." + rest), read("\n0,1,2,3\n7,2,3,1\n").notes());
    assertEquals(
        List.of("line 1 holds 1999, 2001, 2003" + rest),
        read("state,1999,2001,2003\nOhio,1.5,2,3\nUtah,1,2,3\n").notes());
    assertEquals(List.of("line 1 holds 0, 1, 2" + rest), read(",0,1,2\na,5,2,3\n").notes());
    assertEquals(List.of(), read("red,1,2,3\nred,4,2,3\n").notes());
    for (String usual :
        List.of("3,2,1\n1,2,3\n", "0.1,0.2,0.3\n1,2,3\n", "1,2,4\n1,2,3\n", "1,2\n")) {
      assertEquals(List.of(), read(usual).notes());
    }
    assertEquals(List.of(), read("a,b,c\n1,2,3\n").notes());
    assertEquals(
        List.of(
            "column 3 is read as text: 2 of its 3 cells are numbers, but line 1 holds 'y'; if that"
                + " is the column's name, give --header yes"),
        read("0,1,y\n5,6,1\n7,6,0\n").notes());
  }

  @Test
  void makesNamesUnique() {
    assertEquals(List.of("a", "column 2", "a (column 3)"), read("a,,a\n1,2,3\n").names());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void takesEveryLineEnd(String end) {
    CsvTable table = read("x,y" + end + "1,\"a" + end + "b\"" + end + end + "2,c" + end);
    assertEquals(2, table.rows());
    assertEquals("a" + end + "b", text(table, 1, 0));
    assertEquals(
        " line 5: the row has 1 cell, the first row (line 1) has 2; every row needs as many "
            + "(quote a cell that contains the delimiter)",
        refusal("x,y" + end + "1,\"a" + end + "b\"" + end + end + "2" + end));
  }

  @Test
  void takesQuotesAndSpaces() {
    CsvTable table =
        read("n , t\n 1 , \"a \"\"b\"\", c\" \n\t2\t,  d e  \n3,f\"g\n4,\"\"\n\"5\",x\n");
    assertEquals(List.of("n", "t"), table.names());
    assertEquals("a \"b\", c", text(table, 1, 0));
    assertEquals("d e", text(table, 1, 1));
    assertEquals("f\"g", text(table, 1, 2));
    assertEquals(null, text(table, 1, 3));
    assertEquals(5, table.number(0, 4));
  }

  @Test
  void takesAByteOrderMarkAndUtf8() {
    CsvTable table = read("\uFEFFé,b\n1,ü😀\n");
    assertEquals("é", table.name(0));
    assertEquals("ü😀", text(table, 1, 0));
  }

  @Test
  void tellsGzipByItsFirstBytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("a,b\n1,2\n3,4\n".getBytes(StandardCharsets.UTF_8));
    }
    byte[] whole = bytes.toByteArray();
    assertEquals(4, read(whole).number(1, 1));
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 12);
    assertThrows(DataException.class, () -> read(cut));
    byte[] magic = {0x1f, (byte) 0x8b};
    assertThrows(DataException.class, () -> read(magic));
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t"})
  void tellsTheDelimiter(String d) {
    CsvTable table = read(("a|b|c\n1|\"x,;\t,;\t\"|\n2|y z|4\n").replace("|", d));
    assertEquals(3, table.columns());
    assertEquals("x,;\t,;\t", text(table, 1, 0));
    assertTrue(Double.isNaN(table.number(2, 0)));
  }

  @Test
  void delimitersInOneColumnOfTextDoNotMislead() {
    CsvTable table = read("id\ttext\n1\ta,b,c\n2\td,e\n");
    assertEquals(List.of("id", "text"), table.names());
  }

  @Test
  void skipsBlankLinesAndAnEmptyLastColumn() {
    CsvTable table = read("\n\na,b,\n1,2,\n,,\n ,  \n3,4,\n\n,,,,\n");
    assertEquals(2, table.columns());
    assertEquals(2, table.rows());
    assertEquals(4, table.number(1, 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "NA",
        "N/A",
        "n/a",
        "<NA>",
        "#NA",
        "#N/A",
        "NULL",
        "null",
        "NaN",
        "nan",
        "-NaN",
        "-nan",
        "1.#IND",
        "-1.#IND",
        "1.#QNAN",
        "-1.#QNAN",
        " ? ",
        "\"\"",
        "\"n/a\""
      })
  void knowsMissingCells(String missing) {
    CsvTable table = read("a,b\n" + missing + ",1\n2," + missing + "\n3,x\n");
    assertTrue(Double.isNaN(table.number(0, 0)));
    assertEquals(-1, table.code(1, 1));
  }

  /** Among numbers it is Python's word for nothing, among words one of them. */
  @Test
  void noneIsMissingAmongNumbersAlone() {
    CsvTable table = read("a,b,c\nNone,None,None\n2,mild,None\n,None,\n");
    assertTrue(table.isNumeric(0));
    assertTrue(Double.isNaN(table.number(0, 0)));
    assertEquals(2, table.number(0, 1));
    assertEquals(List.of("None", "mild"), table.levels(1));
    assertEquals("None", text(table, 2, 1));
    assertEquals(null, text(table, 2, 2));
    assertEquals(List.of(), table.notes());
    // As the first cell over numbers it is no name, as one that comes again it is none either.
    assertFalse(read("None\n1\n2\n").hasHeader());
    assertTrue(Double.isNaN(read("None\n1\n2\n").number(0, 0)));
    assertFalse(read("None,x\nNone,y\n").hasHeader());
  }

  @ParameterizedTest
  @ValueSource(strings = {"na", "NONE", "-", "--", ".", "missing", "1.#INF"})
  void otherMarksOfMissingCellsAreToldOf(String mark) {
    String rows = "a,b\n1,x\n" + mark + ",y\n" + mark + ",z\n" + mark + ",x\n";
    assertEquals(
        List.of(
            "a is read as text: 1 of its 4 cells are numbers, but line 3 holds '"
                + mark
                + "'; correct the cell, or leave it empty to mark it missing"),
        read(rows).notes());
    assertEquals(List.of(), read("a,b\n1,x\nw,y\n2,x\n" + mark + ",z\n").notes());
  }

  /** In German and French tables they are decimal points, in English ones between thousands. */
  @Test
  void numbersWithCommasAreToldOf() {
    String rest = "; write numbers with a decimal point and nothing between thousands";
    CsvTable table = read("a\tb\tc\n1,5\tx\t-2,25e3\n\n2,5\ty\t7\n\tz\t7\n");
    assertEquals(
        List.of(
            "a is read as text: line 2 holds '1,5'" + rest,
            "c is read as text: 2 of its 3 cells are numbers, but line 2 holds '-2,25e3'" + rest),
        table.notes());
    assertTrue(table.firstText(0).endsWith("'1,5' on line 2: " + rest.substring(2)));
    assertEquals(
        List.of("column 1 is read as text: line 1 holds '1,100'" + rest),
        read("\"1,100\",1\n\"2,200\",2\n").notes());
    assertEquals(List.of(), read("a;b\n1,5;1\nmany;2\n2,5;3\n").notes());
    assertEquals(List.of(), read("a;b\n1,2,3;1\n,5;2\n2,;3\n").notes());
  }

  @Test
  void namesThatComeAgainAreToldOf() {
    assertEquals(
        List.of("the name 'a' comes again; column 3 is called 'a (column 3)'"),
        read("a,,a,\n1,2,3,4\n").notes());
    assertTrue(read("a,b,a,b\n1,2,3,4\n").notes().get(0).endsWith(", and 1 more likewise"));
    assertEquals(List.of(), read("1,1\n1,2\n").notes());
  }

  @Test
  void whatStandsAboveAHeaderIsSaidToBeInTheWay() {
    for (String title : List.of("My table\n\n", "# made by hand\n")) {
      String message = refusal(title + "a,b\n1,2\n");
      assertTrue(message.endsWith("(remove what stands above the header)"), message);
    }
    String ragged = refusal("a,b\n1,2,3\n");
    assertTrue(ragged.endsWith("(quote a cell that contains the delimiter)"), ragged);
  }

  @Test
  void aColumnWithOneWordIsTextAndSaysSo() {
    CsvTable table = read("a,b\n1,1\n1,2\nx,3\n");
    assertFalse(table.isNumeric(0));
    assertEquals(
        List.of(
            "a is read as text: 2 of its 3 cells are numbers, but line 4 holds 'x'; correct the"
                + " cell, or leave it empty to mark it missing"),
        table.notes());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1d", "0x10", "1_000", "1,5", "--1", "1e", "e5", ".", "1.2.3", "+", "1 2", "١"})
  void whatOnlyLooksLikeANumberIsText(String cell) {
    assertFalse(read("a,b\n\"" + cell + "\",1\n\"" + cell + "\",2\n").isNumeric(0));
  }

  @Test
  void refusesWhatCannotBeUsed() {
    assertEquals(": the file has no data; give a CSV file with rows", refusal(""));
    assertEquals(": the file has no data; give a CSV file with rows", refusal("\n,,\n\n"));
    assertEquals(": the file has only a header (line 2); add rows", refusal("\na,b\n"));
    assertTrue(refusal("a,b\n1,2,3\n").startsWith(" line 2: the row has 3 cells, the first"));
    assertTrue(refusal("a,b\n1,\"2\n").startsWith(" line 2: a quote is opened and never closed"));
    assertTrue(refusal("a,b\n1,\"2\"3\n").startsWith(" line 2: a quoted cell is followed by"));
    assertTrue(refusal("a,b\n1,2\n1e999,2\n").startsWith(" line 3: column 1 holds '1e999'"));
    assertTrue(refusal("a,b\n1,-inf\n3,2\n").startsWith(" line 2: column 2 holds '-inf'"));
    assertTrue(refusal("a,b\n1,\0\n").contains("NUL"));
  }

  @Test
  void refusesFilesThatAreNotText() {
    byte[] latin1 = "a,b\n1,\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    String message = assertThrows(DataException.class, () -> read(latin1)).getMessage();
    assertTrue(message.contains("not UTF-8"), message);
    byte[] utf16 = "a,b\n1,2\n".getBytes(StandardCharsets.UTF_16);
    message = assertThrows(DataException.class, () -> read(utf16)).getMessage();
    assertTrue(message.contains("iconv -f utf-16 -t utf-8"), message);
    byte[] little = "\ufeffa,b\n1,2\n".getBytes(StandardCharsets.UTF_16LE);
    message = assertThrows(DataException.class, () -> read(little)).getMessage();
    assertTrue(message.contains("iconv -f utf-16 -t utf-8"), message);
    Path absent = folder.resolve("absent.csv");
    message = assertThrows(DataException.class, () -> CsvTable.read(absent)).getMessage();
    assertEquals(absent + ": no such file; check the path", message);
    message = assertThrows(DataException.class, () -> CsvTable.read(Path.of("-"))).getMessage();
    assertEquals("-: no such file; standard input is /dev/stdin", message);
    message = assertThrows(DataException.class, () -> CsvTable.read(folder)).getMessage();
    assertEquals(folder + ": is a directory; give a CSV file", message);
  }
}
