package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureEncoderTest {
  private static double[] row(FeatureRows rows, int row) {
    double[] out = new double[rows.width()];
    Arrays.fill(out, Double.NaN);
    rows.encode(row, out);
    return out;
  }

  private static double[] row(CsvTable table, FeatureEncoder encoder, int row) {
    return row(encoder.bind(table), row);
  }

  private static FeatureEncoder fit(CsvTable table, boolean standardize, int... rows) {
    int[] training = rows.length == 0 ? table.allRows() : rows;
    return FeatureEncoder.fit(table, List.of(table.columns() - 1), Set.of(), training, standardize);
  }

  @Test
  void standardisesByTheTrainingRowsAlone() {
    CsvTable table = Tables.of("a,y\n2,0\n4,0\n,0\n6,0\n8,1\n1e6,1\n");
    FeatureEncoder encoder = fit(table, true, 0, 1, 2, 3, 4);
    assertArrayEquals(new double[] {-3 / Math.sqrt(5)}, row(table, encoder, 0));
    assertArrayEquals(new double[] {0}, row(table, encoder, 2));
    assertArrayEquals(new double[] {10}, row(table, encoder, 5));
    FeatureEncoder raw = fit(table, false, 0, 1, 2, 3, 4);
    assertArrayEquals(new double[] {2}, row(table, raw, 0));
    assertArrayEquals(new double[] {5}, row(table, raw, 2));
    assertArrayEquals(new double[] {1e6}, row(table, raw, 5));
  }

  @Test
  void textBecomesOneInputForEachLevel() {
    CsvTable table = Tables.of("t,u,y\nb,p,0\na,q,0\n?,p,1\nz,r,1\nb,?,1\n");
    FeatureEncoder encoder = fit(table, true, 0, 1, 2);
    assertEquals(List.of("t=a", "t=b", "t=?", "u=p", "u=q"), encoder.names());
    assertArrayEquals(new double[] {0, 1, 0, 1, 0}, row(table, encoder, 0));
    assertArrayEquals(new double[] {0, 0, 1, 1, 0}, row(table, encoder, 2));
    assertArrayEquals(new double[] {0, 0, 1, 0, 0}, row(table, encoder, 3));
    assertArrayEquals(new double[] {0, 1, 0, 0, 0}, row(table, encoder, 4));
  }

  /** Whatever None was in training it is later, though the later table alone could not tell. */
  @Test
  void noneIsReadAsInTraining(@TempDir Path folder) throws IOException {
    FeatureEncoder encoder = fit(Tables.of("a,t,y\n2,None,0\nNone,mild,0\n4,None,1\n"), false);
    assertEquals(List.of("a", "t=None", "t=mild"), encoder.names());
    Path file = folder.resolve("p.csv");
    CsvTable alone = encoder.read(Files.writeString(file, "a,t\nNone,None\n"));
    assertArrayEquals(new double[] {3, 1, 0}, row(alone, encoder, 0));
    CsvTable numbers = encoder.read(Files.writeString(file, "a,t\n1,7\n2,None\n"));
    assertArrayEquals(new double[] {2, 1, 0}, row(numbers, encoder, 1));
    // A row of it is no header for a model of a table without one.
    FeatureEncoder bare = fit(Tables.of("2,None,0\n,mild,0\n4,None,1\n"), false);
    CsvTable first = bare.read(Files.writeString(file, "None,mild\n5,None\n"));
    assertEquals(2, first.rows());
    assertArrayEquals(new double[] {3, 0, 1}, row(first, bare, 0));
  }

  @Test
  void constantColumnsAndNamesAreLeftOut() {
    StringBuilder text = new StringBuilder("a,b,c,name,empty,y\n");
    for (int i = 0; i < 30; i++) {
      text.append(i).append(",7,k,n").append(i).append(",?,0\n");
    }
    FeatureEncoder encoder = fit(Tables.of(text.toString()), true);
    assertEquals(List.of("a"), encoder.names());
    assertTrue(encoder.notes().get(0).startsWith("name is left out: each of its 30 texts"));
    assertEquals("left out, the same in every training row: b, c, empty", encoder.notes().get(1));
    CsvTable nothing = Tables.of("1,2\n1,3\n");
    assertThrows(DataException.class, () -> fit(nothing, true));
  }

  @Test
  void theMostFrequentLevelsAreKept() {
    StringBuilder text = new StringBuilder("t,y\n");
    for (int i = 0; i < 300; i++) {
      text.append(String.format("k%03d,0%n", i))
          .append(i < 255 ? "" : String.format("k%03d,0%n", i));
    }
    CsvTable table = Tables.of(text.toString());
    FeatureEncoder encoder = fit(table, true);
    assertEquals(256, encoder.width());
    List<String> names = encoder.names();
    assertTrue(names.contains("t=k299") && names.contains("t=k209") && !names.contains("t=k210"));
  }

  @Test
  void aRareValueIsNotBlownUp() {
    StringBuilder text = new StringBuilder("rare,three,y\n");
    for (int i = 0; i < 10_000; i++) {
      text.append(i == 5 ? 3 : 1).append(',').append(i == 5 ? 2 : i == 6 ? 1 : 0).append(",0\n");
    }
    CsvTable table = Tables.of(text.toString());
    FeatureEncoder encoder = fit(table, true);
    assertArrayEquals(new double[] {1, 10}, row(table, encoder, 5));
    assertEquals(0, row(table, encoder, 0)[0]);
  }

  private static CsvTable grid(int columns, int rows, IntGrid values) {
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        text.append(values.at(r, c)).append(',');
      }
      text.append(r % 2).append('\n');
    }
    return Tables.of(text.toString());
  }

  private interface IntGrid {
    double at(int row, int column);
  }

  @Test
  void aSharedRangeIsFoundAndUnequalOnesAreNot() {
    Random random = new Random(1);
    CsvTable pixels = grid(20, 200, (r, c) -> Math.clamp(random.nextInt(600) - 150, 0, 255));
    FeatureEncoder encoder = fit(pixels, true);
    assertEquals(1, encoder.notes().stream().filter(n -> n.contains("range 0 to 255")).count());
    double value = pixels.number(3, 7);
    assertEquals(value / 255, row(pixels, encoder, 7)[3]);

    CsvTable few = grid(15, 200, (r, c) -> Math.clamp(random.nextInt(600) - 150, 0, 255));
    assertEquals(List.of(), fit(few, true).notes());
    CsvTable counts = grid(20, 200, (r, c) -> random.nextInt(10 * (c + 1)));
    assertEquals(List.of(), fit(counts, true).notes());
    CsvTable real = grid(20, 200, (r, c) -> random.nextDouble());
    assertEquals(List.of(), fit(real, true).notes());
  }

  @Test
  void hugeAndTinyNumbersKeepTheirMoments() {
    for (double scale : new double[] {0x1p1000, 1, 0x1p-1000}) {
      CsvTable table =
          Tables.of("a,y\n" + 2 * scale + ",0\n" + 4 * scale + ",0\n" + 6 * scale + ",1\n");
      double[] expected = {-2 / Math.sqrt(8.0 / 3)};
      // The deviation's rounding: a sum, a quotient and a root.
      assertEquals(expected[0], row(table, fit(table, true), 0)[0], 4 * Math.ulp(2.0));
    }
  }

  @Test
  void columnsAreMatchedByNameOrPlace(@TempDir Path folder) throws IOException {
    CsvTable named = Tables.of("a,t,b,y\n1,1,5,0\n2,x,6,1\n3,1,8,1\n");
    FeatureEncoder encoder = fit(named, false);
    CsvTable other = Tables.of("b,extra,t,a\n6,0,x,2\n7,0,1,4\n");
    assertArrayEquals(new double[] {2, 0, 1, 6}, row(other, encoder, 0));
    assertArrayEquals(new double[] {4, 1, 0, 7}, row(Tables.of("4,1,7\n2,x,9\n"), encoder, 0));
    assertArrayEquals(new double[] {4, 1, 0, 7}, row(Tables.of("4,1,7,0\n2,x,9,1\n"), encoder, 0));
    CsvTable absent = Tables.of("b,t\n6,x\n");
    String message = assertThrows(DataException.class, () -> encoder.bind(absent)).getMessage();
    assertTrue(message.contains("no column a, which the model needs"), message);
    CsvTable narrow = Tables.of("1,x\n2,y\n");
    assertThrows(DataException.class, () -> encoder.bind(narrow));
    CsvTable wrong = Tables.of("a,t,b,y\n1,x,5,0\noops,x,6,1\n2,x,6,1\n");
    message = assertThrows(DataException.class, () -> encoder.bind(wrong)).getMessage();
    assertTrue(message.contains("holds 'oops' on line 3"), message);
    // Cells of a text column that are all numbers, and a header over a single row of text.
    Path file = Files.writeString(folder.resolve("p.csv"), "a,t,b\n4,1,7\n");
    assertArrayEquals(new double[] {4, 1, 0, 7}, row(encoder.read(file), encoder, 0));
  }

  @Test
  void itFillsBatchesInEitherPrecision() {
    CsvTable table =
        Tables.of("a,y\n1,p\n2,q\n3,p\n4,r\n5,q\n6,r\n7,p\n8,q\n9,r\n10,p\n11,q\n12,r\n");
    DataSet data = DataSet.prepare(table, "y", TargetKind.AUTO, 0.25, 0.25, false, 1);
    int[] rows = data.split().training();
    for (Precision precision : Precision.values()) {
      try (Workspace workspace = Workspace.create()) {
        Mat x = Mat.allocate(workspace, rows.length, 1, precision);
        Mat y = Mat.allocate(workspace, rows.length, 3, precision);
        data.encode(rows, x, y);
        for (int i = 0; i < rows.length; i++) {
          assertEquals(rows[i] + 1, x.get(i, 0));
          for (int c = 0; c < 3; c++) {
            assertEquals(data.target().columns().get(0).classOf(rows[i]) == c ? 1 : 0, y.get(i, c));
          }
        }
        assertThrows(IllegalArgumentException.class, () -> data.encode(rows, y, x));
      }
    }
  }

  /** Random tables of both types with missing cells: the same bits after a turn through JSON. */
  @Property
  void theStateSurvivesJson(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "n,m,t,y\n" : "");
    int rows = 2 + random.nextInt(30);
    for (int r = 0; r < rows; r++) {
      double n = random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
      text.append(r > 1 && random.nextInt(5) == 0 ? "" : n).append(',');
      text.append(random.nextInt(3) + r).append(',');
      text.append(random.nextInt(4) == 0 ? "?" : "t\"" + random.nextInt(6)).append(",0\n");
    }
    CsvTable table = Tables.of(text.toString());
    int[] training = IntStream.range(0, 2 + random.nextInt(rows - 1)).toArray();
    FeatureEncoder encoder =
        FeatureEncoder.fit(table, List.of(3), Set.of(), training, random.nextBoolean());
    FeatureEncoder copy = FeatureEncoder.fromJson(Json.parse(Json.write(encoder.toJson())));
    assertEquals(encoder, copy);
    for (int r = 0; r < rows; r++) {
      double[] expected = row(table, encoder, r);
      assertArrayEquals(expected, row(table, copy, r));
      assertTrue(Arrays.stream(expected).allMatch(Double::isFinite));
    }
  }

  @Test
  void damagedStatesAreRefused() {
    FeatureEncoder encoder = fit(Tables.of("a,t,y\n1,x,0\n3,z,1\n5,z,1\n"), true);
    String text = Json.write(encoder.toJson());
    for (String[] change :
        new String[][] {
          {"\"scale\":", "\"scale\":-"},
          {"\"column\":0", "\"column\":1"},
          {"\"column\":0", "\"column\":2"},
          {"\"column\":0", "\"column\":9"},
          {"STANDARDISED", "SOME"},
          {"\"levels\":", "\"level\":"},
          {"\"x\"", "7"},
          {"\"target\":2", "\"target\":-1"}
        }) {
      String changed = text.replace(change[0], change[1]);
      Object json = Json.parse(changed);
      assertThrows(DataException.class, () -> FeatureEncoder.fromJson(json), changed);
    }
  }
}
