package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RealDataTest {
  @ParameterizedTest
  @CsvSource({
    "adult-train.csv, 32561, 15, BERNOULLI, 1",
    "iris.csv, 150, 5, CATEGORICAL, 3",
    "mnist5k.csv.gz, 5000, 785, CATEGORICAL, 10",
    "pima-indians-diabetes.csv, 768, 9, BERNOULLI, 1",
    "sonar.csv, 208, 61, BERNOULLI, 1",
    "winequality-red.csv, 1599, 12, CATEGORICAL, 6"
  })
  void areReadAsTheyAre(String name, int rows, int columns, TargetKind kind, int outputs) {
    CsvTable table = CsvTable.read(Tables.real(name));
    assertEquals(rows, table.rows());
    assertEquals(columns, table.columns());
    assertEquals(false, table.hasHeader());
    assertEquals(java.util.List.of(), table.notes());
    DataSet data = DataSet.prepare(table, "last", TargetKind.AUTO, 0.1, 0.2, true, 1);
    assertEquals(kind, data.target().kind());
    assertEquals(outputs, data.targets().outputs());
    double[] row = new double[data.features().width()];
    for (int r = 0; r < rows; r++) {
      data.inputs().encode(r, row);
      assertTrue(Arrays.stream(row).allMatch(v -> Math.abs(v) <= 10));
    }
  }

  /** Six numeric columns, and 99 levels plus 3 columns' own category for missing cells. */
  @Test
  void adultHasItsKnownLevels() {
    CsvTable table = CsvTable.read(Tables.real("adult-train.csv"));
    FeatureEncoder encoder =
        FeatureEncoder.fit(table, List.of(14), Set.of(), table.allRows(), true);
    assertEquals(108, encoder.width());
    assertEquals(3, encoder.names().stream().filter(name -> name.endsWith("=?")).count());
  }

  @Test
  void thePixelsOfMnistShareTheirRange() {
    CsvTable table = CsvTable.read(Tables.real("mnist5k.csv.gz"));
    DataSet data = DataSet.prepare(table, "last", TargetKind.AUTO, 0.1, 0.2, true, 1);
    assertTrue(data.notes().get(0).contains("share the range 0 to 255"), data.notes().get(0));
    double[] row = new double[data.features().width()];
    double greatest = 0;
    for (int r : data.split().training()) {
      data.inputs().encode(r, row);
      greatest = Math.max(greatest, Arrays.stream(row).max().orElseThrow());
      assertTrue(Arrays.stream(row).min().orElseThrow() >= 0);
    }
    assertEquals(1, greatest);
  }

  @Test
  void theColumnsOfSonarDoNot() {
    CsvTable table = CsvTable.read(Tables.real("sonar.csv"));
    DataSet data = DataSet.prepare(table, "last", TargetKind.AUTO, 0.1, 0.2, true, 1);
    assertEquals(java.util.List.of(), data.notes());
  }
}
