package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CsvTableProperties {
  /** How a table is put into a file. */
  record Style(char delimiter, String end, boolean gzip, boolean mark, boolean header, int pad) {}

  @Provide
  Arbitrary<Style> styles() {
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    return Combinators.combine(
            Arbitraries.of(',', ';', '\t'),
            Arbitraries.of("\n", "\r\n", "\r"),
            flag,
            flag,
            flag,
            Arbitraries.integers().between(0, 2))
        .as(Style::new);
  }

  /** Rows of one text, one number, and a text again; null is missing. */
  @Provide
  Arbitrary<List<List<String>>> tables() {
    Arbitrary<String> texts =
        Arbitraries.strings()
            .withChars('a', 'Z', ' ', '"', ',', ';', '\t', '\n', '\r', 'é', '?', '1')
            .ofMaxLength(6)
            .filter(t -> !t.isEmpty() && !t.equals("?"))
            .injectNull(0.1);
    Arbitrary<String> numbers = Arbitraries.doubles().map(d -> Double.toString(d)).injectNull(0.1);
    return Combinators.combine(texts, numbers, texts)
        .as((a, b, c) -> java.util.Arrays.asList(a, b, c))
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Property(tries = 1000)
  void whatIsWrittenReadsBack(
      @ForAll("tables") List<List<String>> rows, @ForAll("styles") Style style) throws IOException {
    StringBuilder text = new StringBuilder(style.mark ? "\uFEFF" : "");
    if (style.header) {
      text.append(String.join("" + style.delimiter, "x", "y", "z")).append(style.end);
    }
    // Two rows fix the types, text, number, text, below a header and below a first row alike.
    text.append(row(List.of("<a>", "0.5", "<b>"), style));
    text.append(row(List.of("<c>", "1.5", "<d>"), style));
    rows.forEach(r -> text.append(row(r, style)));
    Path file = Files.createTempFile("natgrad", ".csv");
    try {
      try (OutputStream plain = Files.newOutputStream(file);
          OutputStream out = style.gzip ? new GZIPOutputStream(plain) : plain) {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
      check(rows, style, CsvTable.read(file));
    } finally {
      Files.delete(file);
    }
  }

  private static void check(List<List<String>> rows, Style style, CsvTable table) {
    List<List<String>> kept =
        rows.stream().filter(r -> r.stream().anyMatch(c -> c != null)).toList();
    assertEquals(style.header, table.hasHeader());
    assertEquals(kept.size() + 2, table.rows());
    for (int r = 0; r < kept.size(); r++) {
      for (int c = 0; c < 3; c++) {
        String cell = kept.get(r).get(c);
        if (c == 1) {
          double number = table.number(c, r + 2);
          assertTrue(cell == null ? Double.isNaN(number) : number == Double.parseDouble(cell));
        } else {
          int code = table.code(c, r + 2);
          assertEquals(cell, code < 0 ? null : table.levels(c).get(code));
        }
      }
    }
  }

  private static String row(List<String> cells, Style style) {
    StringBuilder row = new StringBuilder();
    for (int c = 0; c < cells.size(); c++) {
      String cell = cells.get(c);
      String pad = " ".repeat(style.pad);
      row.append(c > 0 ? "" + style.delimiter : "").append(pad);
      row.append(cell == null ? "" : c == 1 ? cell : '"' + cell.replace("\"", "\"\"") + '"');
      row.append(pad);
    }
    return row.append(style.end).toString();
  }
}
