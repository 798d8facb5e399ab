package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetTest {
  @TempDir Path folder;

  /** A table with header x, y whose y cells are these. */
  private CsvTable table(Object... cells) {
    StringBuilder text = new StringBuilder("x,y\n");
    for (int i = 0; i < cells.length; i++) {
      text.append(i).append(',').append(cells[i]).append('\n');
    }
    try {
      return CsvTable.read(Files.writeString(folder.resolve("t.csv"), text));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Object[] repeat(int times, Object... cells) {
    Object[] all = new Object[times * cells.length];
    java.util.Arrays.setAll(all, i -> cells[i % cells.length]);
    return all;
  }

  private Target auto(Object... cells) {
    return Target.select(table(cells), "last", TargetKind.AUTO);
  }

  private String refusal(TargetKind kind, Object... cells) {
    CsvTable table = table(cells);
    return assertThrows(DataException.class, () -> Target.select(table, "y", kind)).getMessage();
  }

  @Test
  void autoPicksByTheValues() {
    Target two = auto("no", "yes", "no");
    assertEquals(TargetKind.BERNOULLI, two.kind());
    assertEquals(List.of("no", "yes"), two.classes());
    assertEquals("bernoulli, because the target 'y' has two values", two.reason());
    assertEquals(TargetKind.BERNOULLI, auto(2, 1, 2).kind());
    assertEquals(List.of("-1", "1"), auto(1, -1, 1).classes());
    assertEquals(TargetKind.CATEGORICAL, auto("c", "a", "b").kind());
    Target digits = auto(repeat(5, 10, 9, 3));
    assertEquals(TargetKind.CATEGORICAL, digits.kind());
    assertEquals(List.of("3", "9", "10"), digits.classes());
    assertTrue(digits.reason().contains("3 distinct numbers from 3 to 10"), digits.reason());
    assertEquals(TargetKind.GAUSSIAN, auto(repeat(4, 10, 9, 3)).kind());
    assertEquals(TargetKind.GAUSSIAN, auto(0.5, 1, 0.5).kind());
    assertTrue(auto(0.5, 1, 2).reason().endsWith("not all whole"));
  }

  @Test
  void anExplicitKindIsObeyedOrRefused() {
    Object[] quality = repeat(50, 3, 4, 5);
    assertEquals(
        TargetKind.GAUSSIAN, Target.select(table(quality), "y", TargetKind.GAUSSIAN).kind());
    Target probability = Target.select(table(0, 0.25, 1), "y", TargetKind.BERNOULLI);
    assertEquals(List.of(), probability.classes());
    assertEquals(0.25, probability.valueOf(1));
    assertThrows(IllegalStateException.class, () -> probability.classOf(1));
    assertTrue(refusal(TargetKind.GAUSSIAN, "a", 1, 2).contains("'a' on line 2"));
    assertTrue(refusal(TargetKind.BERNOULLI, 0, 1, 2).contains("between 0 and 1"));
    assertTrue(refusal(TargetKind.BERNOULLI, "a", "b", "c").contains("3 distinct texts"));
    Object[] many = new Object[30];
    java.util.Arrays.setAll(many, i -> i + 0.5);
    assertTrue(refusal(TargetKind.CATEGORICAL, many).contains("30 classes in 30 rows"));
    many[7] = "x";
    assertTrue(refusal(TargetKind.AUTO, many).contains("'x' on line 9"));
  }

  @Test
  void missingTargetsAreLeftOutAndCounted() {
    Target target = auto("a", "?", "b", "");
    assertEquals(List.of("2 rows have no target and are left out"), target.notes());
    assertEquals(List.of(0, 2), java.util.Arrays.stream(target.rows()).boxed().toList());
    assertEquals(-1, target.classOf(1));
  }

  @Test
  void refusesUselessTargets() {
    assertTrue(refusal(TargetKind.AUTO, "a", "a", "?").contains("the one value 'a' in all 2 rows"));
    assertTrue(refusal(TargetKind.AUTO, "?", "?").contains("missing in every row"));
  }

  @Test
  void findsTheColumnByNameNumberOrLast() {
    CsvTable table = table("a", "b");
    assertEquals(1, Target.select(table, "2", TargetKind.AUTO).column());
    assertEquals(1, Target.select(table, "y", TargetKind.AUTO).column());
    assertEquals(0, Target.select(table, "x", TargetKind.AUTO).column());
    for (String wrong : List.of("z", "0", "3", "-1", "")) {
      String message =
          assertThrows(DataException.class, () -> Target.select(table, wrong, TargetKind.AUTO))
              .getMessage();
      assertTrue(message.endsWith("the columns are x, y (or a number from 1 to 2, or last)"));
    }
  }

  @Test
  void gaussianTargetsComeBackInTheirUnits() {
    Target target = Target.select(table(2, 4, 6, 8, 100.5), "y", TargetKind.GAUSSIAN);
    TargetEncoder encoder = TargetEncoder.fit(target, new int[] {0, 1, 2, 3});
    assertEquals(5, encoder.mean());
    assertEquals(Math.sqrt(5), encoder.deviation());
    double[] out = new double[1];
    encoder.encode(target, 3, out);
    assertEquals(3 / Math.sqrt(5), out[0]);
    // Two roundings of a quantity below 16, one of the product below 8.
    assertEquals(8, encoder.toUnits(out[0]), 3 * Math.ulp(8.0));
    Object json = dev.natgrad.json.Json.parse(dev.natgrad.json.Json.write(encoder.toJson()));
    assertEquals(encoder, TargetEncoder.fromJson(json));
    assertThrows(DataException.class, () -> TargetEncoder.fromJson(List.of()));
    assertThrows(DataException.class, () -> TargetEncoder.fit(target, new int[] {0}));
  }
}
