package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.training.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code natgrad train --ignore}. */
class IgnoredColumnsTest {
  @TempDir Path folder;
  private Path all;
  private Path features;

  /** The same rows with and without a number of each row and a column that knows the target. */
  @BeforeEach
  void write() throws IOException {
    Random random = new Random(2);
    StringBuilder wide = new StringBuilder("id,a,b,\"told, early\",t\n");
    StringBuilder narrow = new StringBuilder("a,b,t\n");
    for (int i = 0; i < 120; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      String t = a + b + random.nextGaussian() > 0 ? "y" : "n";
      wide.append(i).append(',').append(a).append(',').append(b);
      wide.append(t.equals("y") ? ",1," : ",0,").append(t).append('\n');
      narrow.append(a).append(',').append(b).append(',').append(t).append('\n');
    }
    all = Files.writeString(folder.resolve("all.csv"), wide);
    features = Files.writeString(folder.resolve("features.csv"), narrow);
  }

  private double[] parameters(Path data, String... more) {
    Path model = folder.resolve("model");
    Object[] args = new Object[7 + more.length];
    System.arraycopy(new Object[] {"train", "--data", data, "--steps", 4, "--save"}, 0, args, 0, 6);
    args[6] = model;
    System.arraycopy(more, 0, args, 7, more.length);
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    return ModelFile.read(model).parameters();
  }

  @Test
  void ignoredColumnsChangeNothing() {
    double[] alone = parameters(features);
    assertArrayEquals(alone, parameters(all, "--ignore", "id,4"));
    Cli predicted = Cli.run("predict", "--model", folder.resolve("model"), "--data", features);
    assertEquals(0, predicted.code(), predicted.err());
  }

  @Test
  void theFirstLinesSayWhatIsIgnored() {
    Cli trained = Cli.run("train", "--data", all, "--steps", 1, "--ignore", "id, 4");
    assertTrue(trained.out().contains("\nignored      'id', 'told, early'\n"), trained.out());
  }

  /** How they are read decides nothing. */
  @Test
  void nothingIsSaidOfHowTheyAreRead() throws IOException {
    StringBuilder text = new StringBuilder("id,a,b,t\n");
    for (int i = 0; i < 60; i++) {
      text.append(i == 7 ? "x" : i).append(',').append(i == 9 ? "y" : i % 5).append(',');
      text.append(i % 7).append(',').append(i == 8 ? "" : i % 3 + 0.5).append('\n');
    }
    Path mixed = Files.writeString(folder.resolve("mixed.csv"), text);
    String note = "note         id is read as text";
    String other = "note         a is read as text: 59 of its 60 cells are numbers";
    Cli all = Cli.run("train", "--data", mixed, "--steps", 1);
    assertTrue(all.out().contains(note) && all.out().contains(other), all.out());
    Cli without = Cli.run("train", "--data", mixed, "--steps", 1, "--ignore", "id");
    assertTrue(without.out().contains(other), without.out());
    assertFalse(without.out().contains(note), without.out());
    Cli target = Cli.run("train", "--data", mixed, "--steps", 1, "--target=a", "--ignore=1");
    assertTrue(target.out().contains(other), target.out());
  }

  /** A name that has a comma can be given alone, as that of a target. */
  @Test
  void aNameWithCommaIsOne() {
    assertArrayEquals(parameters(all, "--ignore", "4"), parameters(all, "--ignore", "told, early"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "t | the column 't' is the target",
        "nope | no column 'nope'; the columns are id",
        "1,2,3,4 | no column is left as a feature; give columns"
      })
  void whatCannotBeIgnoredIsRefused(String ignored, String message) {
    Cli refused = Cli.run("train", "--data", all, "--ignore", ignored);
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains(message), refused.err());
  }
}
