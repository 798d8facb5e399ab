package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
    assertEquals(List.of("no", "yes"), two.columns().get(0).classes());
    assertEquals("bernoulli, because the target 'y' has two values", two.reason());
    assertEquals(TargetKind.BERNOULLI, auto(2, 1, 2).kind());
    assertEquals(List.of("-1", "1"), auto(1, -1, 1).columns().get(0).classes());
    assertEquals(TargetKind.CATEGORICAL, auto("c", "a", "b").kind());
    Target digits = auto(repeat(5, 10, 9, 3));
    assertEquals(TargetKind.CATEGORICAL, digits.kind());
    assertEquals(List.of("3", "9", "10"), digits.columns().get(0).classes());
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
    assertEquals(List.of(), probability.columns().get(0).classes());
    assertEquals(0.25, probability.columns().get(0).valueOf(1));
    assertThrows(IllegalStateException.class, () -> probability.columns().get(0).classOf(1));
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
    assertEquals(-1, target.columns().get(0).classOf(1));
  }

  @Test
  void refusesUselessTargets() {
    assertTrue(refusal(TargetKind.AUTO, "a", "a", "?").contains("the one value 'a' in all 2 rows"));
    assertTrue(refusal(TargetKind.AUTO, "?", "?").contains("missing in every row"));
  }

  @Test
  void findsTheColumnByNameNumberOrLast() {
    CsvTable table = table("a", "b");
    assertEquals(1, Target.select(table, "2", TargetKind.AUTO).columns().get(0).index());
    assertEquals(1, Target.select(table, "y", TargetKind.AUTO).columns().get(0).index());
    assertEquals(0, Target.select(table, "x", TargetKind.AUTO).columns().get(0).index());
    for (String wrong : List.of("z", "0", "3", "-1", "")) {
      String message =
          assertThrows(DataException.class, () -> Target.select(table, wrong, TargetKind.AUTO))
              .getMessage();
      assertTrue(message.endsWith("the columns are x, y (or a number from 1 to 2, or last)"));
    }
  }

  private static CsvTable wide() {
    StringBuilder text = new StringBuilder("x,colour,flag,\"a,b\",amount,count\n");
    String[] colours = {"red", "green", "blue"};
    for (int i = 0; i < 30; i++) {
      text.append(i).append(',').append(colours[i % 3]).append(',').append(i % 2).append(',');
      text.append(i / 7.0).append(',').append(i == 4 ? "?" : i * 0.3).append(',').append(i % 12);
      text.append('\n');
    }
    return Tables.of(text.toString());
  }

  private static String refused(String spec, TargetKind kind) {
    return assertThrows(DataException.class, () -> Target.select(wide(), spec, kind)).getMessage();
  }

  @Test
  void severalColumnsAreOfOneKind() {
    Target choices = Target.select(wide(), "flag, 2", TargetKind.AUTO);
    assertEquals(TargetKind.CATEGORICAL, choices.kind());
    assertEquals(List.of("flag", "colour"), choices.names());
    assertEquals(List.of("0", "1"), choices.columns().get(0).classes());
    assertEquals(1, choices.columns().get(1).index());
    assertTrue(choices.reason().contains("'flag' has two values, the target 'colour' has 3"));
    TargetEncoder encoder = TargetEncoder.fit(choices, choices.rows());
    assertEquals(5, encoder.outputs());
    double[] out = new double[5];
    encoder.encode(choices, 4, out);
    assertArrayEquals(new double[] {1, 0, 0, 1, 0}, out);
    assertEquals("Categoricals[2, 3]", TrainedModel.distribution(encoder).toString());

    Target amounts = Target.select(wide(), "amount,x", TargetKind.AUTO);
    assertEquals(TargetKind.GAUSSIAN, amounts.kind());
    assertEquals(29, amounts.rows().length);
    assertEquals(List.of("1 row has no value of some target and is left out"), amounts.notes());
    TargetEncoder units = TargetEncoder.fit(amounts, amounts.rows());
    units.encode(amounts, 10, out);
    for (int c = 0; c < 2; c++) {
      double value = amounts.columns().get(c).valueOf(10);
      assertEquals(value, units.columns().get(c).toUnits(out[c]), 8 * Math.ulp(30.0));
    }
    assertEquals(
        4,
        TargetEncoder.fit(
                Target.select(wide(), "x,count", TargetKind.DIAGONAL_GAUSSIAN), amounts.rows())
            .outputs());
    Target comma = Target.select(wide(), "a,b", TargetKind.AUTO);
    assertEquals(List.of("a,b"), comma.names());
  }

  @Test
  void severalColumnsThatDoNotGoTogetherAreRefused() {
    String mixed = refused("colour,amount", TargetKind.AUTO);
    assertTrue(mixed.contains("'colour' has 3 distinct texts and the target 'amount' has"), mixed);
    assertTrue(mixed.contains("give --distribution, or train a model for each kind"), mixed);
    assertTrue(refused("colour,amount", TargetKind.GAUSSIAN).contains("'colour' is not numeric"));
    assertTrue(refused("x,count", TargetKind.GAMMA).contains("needs numbers above 0"));
    assertTrue(refused("flag,3", TargetKind.AUTO).contains("'flag' is named twice in 'flag,3'"));
    assertTrue(refused("flag,", TargetKind.AUTO).contains("no column ''"));
    assertTrue(refused("1,2,3,4,5,6", TargetKind.AUTO).contains("no column beside its targets"));
    CsvTable apart = Tables.of("x,y,z\n1,2,?\n2,?,3\n3,?,4\n");
    DataException none =
        assertThrows(DataException.class, () -> Target.select(apart, "y,z", TargetKind.AUTO));
    assertTrue(none.getMessage().contains("no row has all of the 2 targets"), none.getMessage());
  }

  /** The first target's classes are shared out evenly; each must be seen in training. */
  @Test
  void splitsByTheFirstOfSeveralColumns() {
    Target target = Target.select(wide(), "colour,flag", TargetKind.AUTO);
    Split split = Split.of(target, 0.2, 0.2, 3);
    for (int c = 0; c < 3; c++) {
      int colour = c;
      assertEquals(
          6,
          java.util.Arrays.stream(split.training())
              .filter(row -> target.columns().get(0).classOf(row) == colour)
              .count());
    }
    StringBuilder rare = new StringBuilder("x,y,z\n");
    for (int i = 0; i < 12; i++) {
      rare.append(i).append(',').append(i % 2).append(',').append(i == 5 ? "b" : "a").append('\n');
    }
    Target seldom = Target.select(Tables.of(rare.toString()), "y,z", TargetKind.AUTO);
    int refused = 0;
    for (long seed = 0; seed < 50; seed++) {
      try {
        Split part = Split.of(seldom, 0.2, 0.2, seed);
        assertTrue(java.util.Arrays.stream(part.training()).anyMatch(row -> row == 5));
      } catch (DataException e) {
        assertTrue(e.getMessage().contains("one class of the target 'z'"), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 0 && refused < 50, "refused " + refused);
  }

  @Test
  void gaussianTargetsComeBackInTheirUnits() {
    Target target = Target.select(table(2, 4, 6, 8, 100.5), "y", TargetKind.GAUSSIAN);
    TargetEncoder encoder = TargetEncoder.fit(target, new int[] {0, 1, 2, 3});
    assertEquals(5, encoder.columns().get(0).mean());
    assertEquals(Math.sqrt(5), encoder.columns().get(0).deviation());
    double[] out = new double[1];
    encoder.encode(target, 3, out);
    assertEquals(3 / Math.sqrt(5), out[0]);
    // Two roundings of a quantity below 16, one of the product below 8.
    assertEquals(8, encoder.columns().get(0).toUnits(out[0]), 3 * Math.ulp(8.0));
    Object json = dev.natgrad.json.Json.parse(dev.natgrad.json.Json.write(encoder.toJson()));
    assertEquals(encoder, TargetEncoder.fromJson(json));
    assertThrows(DataException.class, () -> TargetEncoder.fromJson(List.of()));
    assertThrows(DataException.class, () -> TargetEncoder.fit(target, new int[] {0}));
  }
}
