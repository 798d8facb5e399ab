package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

class DemoCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return CommandLine.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private static Document parse(String xml) throws Exception {
    byte[] bytes = xml.replaceFirst("<!DOCTYPE html>", "").getBytes(StandardCharsets.UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(bytes));
  }

  @Test
  void aShortDemoWritesAllItsSections(@TempDir Path folder) throws Exception {
    Path report = folder.resolve("r.html");
    Path json = folder.resolve("r.json");
    int code =
        run(
            "demo",
            "--seconds",
            "0.2",
            "--report",
            report.toString(),
            "--json",
            json.toString(),
            "--pictures",
            folder.toString());
    assertEquals("", err.toString(StandardCharsets.UTF_8));
    assertEquals(0, code);
    Document page = parse(Files.readString(report));
    List<String> headings = new ArrayList<>();
    for (int i = 0; i < page.getElementsByTagName("h2").getLength(); i++) {
      headings.add(page.getElementsByTagName("h2").item(i).getTextContent());
    }
    assertEquals(
        List.of(
            "The method, on two parameters",
            "Classification: three spirals",
            "Deep autoencoder: curves through three points",
            "What was measured after every step"),
        headings);
    checkWords(page);
    assertEquals(8, page.getElementsByTagName("figure").getLength() - 3, "figures beside tables");
    String printed = out.toString(StandardCharsets.UTF_8);
    for (String text : List.of("Gaussian", "Spirals", "Curves", report.toUri().toString())) {
      assertTrue(printed.contains(text), text);
    }
    checkJson((Map<?, ?>) Json.parse(Files.readString(json)));
    List<Path> pictures;
    try (Stream<Path> files = Files.list(folder)) {
      pictures = files.filter(file -> file.toString().endsWith(".svg")).toList();
    }
    assertTrue(pictures.size() >= 10, pictures.toString());
    for (Path picture : pictures) {
      assertEquals("svg", parse(Files.readString(picture)).getDocumentElement().getTagName());
    }
  }

  /** Counts without decimals; names as sentences have them, the same in every figure. */
  private static void checkWords(Document page) {
    Element gaussian = (Element) page.getElementsByTagName("tbody").item(0);
    for (int row = 0; row < 2; row++) {
      Element cells = (Element) gaussian.getElementsByTagName("tr").item(row);
      String steps = cells.getElementsByTagName("td").item(4).getTextContent();
      assertTrue(steps.matches("\\d+|–"), steps);
    }
    List<String> sentences = new ArrayList<>();
    for (int i = 0; i < page.getElementsByTagName("p").getLength(); i++) {
      sentences.add(page.getElementsByTagName("p").item(i).getTextContent());
    }
    String text = String.join("\n", sentences);
    assertFalse(text.contains("adam"), text);
    for (String before : List.of(": ", ", ", "then ", "of ", "is ")) {
      assertFalse(text.contains(before + "natural gradient"), text);
    }
    assertFalse(Pattern.compile("(?<![Tt]he )natural gradient’s").matcher(text).find());
    Node path = page.getElementsByTagName("tbody").item(3).getLastChild();
    assertTrue(path.getTextContent().matches("\\s*Gradient descent\\d.*"), path.getTextContent());
  }

  private static void checkJson(Map<?, ?> json) {
    assertEquals(1L, json.get("seed"));
    for (String problem : List.of("gaussian", "spirals", "curves")) {
      Map<?, ?> natural = (Map<?, ?>) ((List<?>) json.get(problem)).get(0);
      assertEquals("Natural gradient", natural.get("optimizer"));
      assertEquals(0L, natural.get("kl_violations"), problem);
    }
    List<?> gaussian = (List<?>) json.get("gaussian");
    Object natural = ((Map<?, ?>) gaussian.get(0)).get("steps_to_minimum");
    Object descent = ((Map<?, ?>) gaussian.get(1)).get("steps_to_minimum");
    assertTrue((long) natural > 0 && (long) natural < (long) descent, natural + " " + descent);
  }

  @ParameterizedTest
  @CsvSource({
    "--seconds, 0",
    "--seconds, many",
    "--seed, 1.5",
    "--reprot, x",
    "--report, none/such/r.html",
    "--json, none/such/r.json",
    "--pictures, none/such"
  })
  void whatCannotBeUsedIsRefusedInOneLine(String option, String value) {
    assertEquals(2, run("demo", option, value));
    String message = err.toString(StandardCharsets.UTF_8);
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.contains(option), message);
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void twoResultsInOneFileAreRefusedBeforeTheRun(@TempDir Path folder) {
    String same = folder.resolve("same.html").toString();
    assertEquals(2, run("demo", "--seconds", "0.1", "--report", same, "--json", same));
    String message = err.toString(StandardCharsets.UTF_8);
    assertTrue(message.contains("is the file of --report too"), message);
    assertEquals("", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void helpNamesEveryOption() {
    assertEquals(0, run("demo", "--help"));
    String help = out.toString(StandardCharsets.UTF_8);
    for (String option : List.of("--report", "--json", "--pictures", "--seed", "--seconds")) {
      assertTrue(help.contains(option), option);
    }
    assertFalse(help.lines().anyMatch(line -> line.length() > 100), help);
  }
}
