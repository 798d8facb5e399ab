package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as spreadsheets write them where the decimal sign is a comma. */
class SpreadsheetTableTest {
  @TempDir Path folder;

  private CsvTable read(String text) {
    try {
      return CsvTable.read(Files.writeString(folder.resolve("t.csv"), text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String refusal(String text) {
    String message = assertThrows(DataException.class, () -> read(text)).getMessage();
    return message.substring(folder.resolve("t.csv").toString().length());
  }

  @Test
  void commasBetweenSemicolonsAreDecimal() {
    CsvTable table = read("a;b;c\n-1,250;x;2,25e3\n12,345;y;7\n;z;None\n");
    assertEquals(List.of("a", "b", "c"), table.names());
    assertEquals(-1.25, table.number(0, 0));
    assertEquals(12.345, table.number(0, 1));
    assertTrue(Double.isNaN(table.number(0, 2)));
    assertEquals(2250, table.number(2, 0));
    assertEquals(7, table.number(2, 1));
    assertTrue(Double.isNaN(table.number(2, 2)));
    assertEquals(
        List.of(
            "commas in numbers are decimal ones between semicolons: '-1,250' on line 2 is -1.250,"
                + " and so in 2 columns"),
        table.notes());
  }

  @Test
  void decimalCommasAreNumbersWhereAHeaderIsLookedFor() {
    for (String rows : List.of("1,5;2,5\n2,5;3,5\n", "1,5;2\n", "1,5;a\n2,5;b\n1;c\n")) {
      CsvTable table = read(rows);
      assertFalse(table.hasHeader(), rows);
      assertEquals(1.5, table.number(0, 0));
    }
    assertTrue(read("a;b\n1,5;x\n2,5;x\n").hasHeader());
  }

  @Test
  void commasThatMayStandBetweenThousandsAreNotDecimal() {
    assertFalse(read("a;b\n1,100;x\n-22,200;y\n+333,000;z\n").isNumeric(0));
    // Beside a point a comma is not decimal, and one column does not speak for the cells of
    // another.
    CsvTable table = read("a;b;c\n1,5;1,5;1,5\n2.5;2,5;many\n");
    assertFalse(table.isNumeric(0));
    assertTrue(table.isNumeric(1));
    assertFalse(table.isNumeric(2));
    assertTrue(refusal("a;b\n1,5;inf\n2,5;1,5\n").contains("inf"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sep=;", "SEP=;", "\"sep=;\"", "\uFEFFsep=;"})
  void theLineOfSpreadsheetsTellsTheDelimiter(String line) {
    CsvTable table = read(line + "\r\na,b,c;d\r\n1;x\r\n2;y\r\n");
    assertEquals(List.of("a,b,c", "d"), table.names());
    assertEquals(2, table.rows());
    assertTrue(refusal(line + "\na;b\n1;2;3\n").startsWith(" line 3: the row has 3 cells"));
    assertEquals(": the file has no data; give a CSV file with rows", refusal(line));
  }

  @Test
  void onlyADelimiterIsTold() {
    assertEquals(2, read("sep=|\na|b\n1|2\n").columns());
    assertEquals(List.of("sep=x", "b"), read("sep=x,b\n1,2\n").names());
    assertEquals(List.of("sep=", "b"), read("sep=,b\n1,2\n").names());
  }

  @Test
  void semicolonsWinOverDecimalCommas() {
    CsvTable table = read("1,5; 2,5 ;3\n\n2,5;3,5;4\n");
    assertEquals(3, table.columns());
    assertEquals(2.5, table.number(1, 0));
    assertEquals(List.of(1, 3), List.of(read("1,2,3;4\n").rows(), read("1,2,3;4\n").columns()));
    assertEquals(2, read("a,1;2\nb,1;2\n").columns());
    String line = "1,25;".repeat(20_000) + "2,5\n";
    assertEquals(20_001, read(line + line).columns());
  }
}
