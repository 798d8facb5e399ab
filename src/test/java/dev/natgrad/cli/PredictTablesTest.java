package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code predict} makes of a table that is not quite that of {@code train}. */
class PredictTablesTest {
  @TempDir Path folder;

  private Map<?, ?> train(Path data, Object... options) throws IOException {
    Path result = folder.resolve("result.json");
    List<Object> args = new ArrayList<>(List.of("train", "--data", data, "--json", result));
    args.addAll(Arrays.asList(options));
    Cli trained = Cli.run(args.toArray());
    assertEquals(0, trained.code(), trained.err());
    return (Map<?, ?>) Json.parse(Files.readString(result));
  }

  /** The first lines say what each column was taken for. */
  @Test
  void trainSaysWhatItTakesColumnsFor() throws IOException {
    Path data = Tables.write(folder, "amount", 80);
    String out = Cli.run("train", "--data", data, "--steps", 1).out();
    String line = "features     2 columns of numbers; categories of 'colour' (4)\n";
    assertTrue(out.contains(line), out);
    Files.writeString(data, "a,y\n" + "p,1.5\nq,2.5\n".repeat(10));
    out = Cli.run("train", "--data", data, "--steps", 1).out();
    assertTrue(out.contains("features     categories of 'a' (2)\n"), out);
    Files.writeString(data, "a,y\n" + "1,1.5\n2,2.5\n".repeat(10));
    out = Cli.run("train", "--data", data, "--steps", 1).out();
    assertTrue(out.contains("features     1 column of numbers\n"), out);
  }

  /** Male where training had male: the row is predicted as if the cell were empty. */
  @Test
  void unknownCategoriesAreToldOf() throws IOException {
    Path data = Tables.write(folder, "amount", 80);
    Path model = folder.resolve("model");
    train(data, "--steps", 1, "--save", model);
    Path other = folder.resolve("other.csv");
    Files.writeString(
        other, "size,colour,noise\n1,Red,1\n1,red,1\n1,\"a\nb\",1\n1,Red,1\n1,c,1\n1,d,1\n");
    Cli told = Cli.run("predict", "--model", model, "--data", other);
    assertEquals(
        "natgrad: colour has 4 categories that the model does not know and takes for missing:"
            + " 'Red', 'a b', 'c' and 1 more\nnatgrad: 6 rows\n",
        told.err());
    Files.writeString(other, "size,colour,noise\n1,,1\n1,Red,1\n");
    told = Cli.run("predict", "--model", model, "--data", other);
    assertTrue(told.err().contains("colour has a category that the model"), told.err());
    List<String> lines = told.out().lines().toList();
    assertEquals(lines.get(1), lines.get(2));
  }

  /** The metric was silently left out, or was of fewer rows than it seemed. */
  @Test
  void targetsThatCannotBeComparedAreToldOf() throws IOException {
    Path model = folder.resolve("model");
    Path data = folder.resolve("data.csv");
    Files.writeString(data, "a,t\n" + "1,1.5\n2,2.5\n3,2\n".repeat(10));
    train(data, "--steps", 1, "--save", model);
    Path other = folder.resolve("other.csv");
    Files.writeString(other, "a,t\n1,low\n2,\n3,2\n");
    assertEquals(
        "natgrad: the target 't' is not compared in 2 rows: the column has words, the model predicts"
            + " numbers\nnatgrad: 3 rows\n",
        Cli.run("predict", "--model", model, "--data", other).err());
    Files.writeString(other, "a,t\n1,\n2,\n");
    assertEquals("natgrad: 2 rows\n", Cli.run("predict", "--model", model, "--data", other).err());
    Files.writeString(data, "a,t\n" + "1,low\n2,high\n3,low\n".repeat(10));
    train(data, "--steps", 1, "--save", model);
    Files.writeString(other, "a,t\n1,Low\n2,\n3,low\n");
    String told = Cli.run("predict", "--model", model, "--data", other).err();
    assertTrue(
        told.startsWith(
            "natgrad: the target 't' is not compared in 1 row: no class of the model, which knows"
                + " high, low\nnatgrad: 3 rows, accuracy "),
        told);
    assertTrue(told.endsWith(" on the 1 with a target\n"), told);
  }

  /** Whether a column is read as numbers depends on all of its cells, in training and later. */
  @Test
  void classesThatAreNumbersAreComparedByValue() throws IOException {
    Path model = folder.resolve("model");
    Path data = folder.resolve("data.csv");
    Path other = folder.resolve("other.csv");
    Files.writeString(data, "a,t\n" + "1,1.0\n2,2.0\n".repeat(15));
    train(data, "--steps", 1, "--save", model);
    Files.writeString(other, "a,t\n1,1.0\n2,2.0\n1,x\n");
    String told = Cli.run("predict", "--model", model, "--data", other).err();
    assertTrue(told.contains("is not compared in 1 row: "), told);
    assertTrue(told.endsWith(" on the 2 with a target\n"), told);
    Files.writeString(data, "a,t\n" + "1,01\n2,02\n3,x\n".repeat(15));
    train(data, "--steps", 1, "--save", model);
    Files.writeString(other, "a,t\n1,01\n2,02\n");
    told = Cli.run("predict", "--model", model, "--data", other).err();
    assertTrue(told.startsWith("natgrad: 2 rows, accuracy "), told);
  }

  /** As on a full disk: a PrintStream tells nobody, and half a file looked like success. */
  @Test
  void predictionsThatCannotBePrintedAreAFailure() throws IOException {
    Path data = Tables.write(folder, "amount", 80);
    Path model = folder.resolve("model");
    train(data, "--steps", 1, "--save", model);
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] args = {"predict", "--model", model.toString(), "--data", data.toString()};
    assertEquals(2, CommandLine.run(args, new PrintStream(full), new PrintStream(err, true)));
    assertTrue(err.toString().contains("natgrad: the predictions are incomplete"), err.toString());
  }

  /** Columns named by years: without --header they are one row more, and another model. */
  @Test
  void predictReadsTheHeaderThatTrainWasTold() throws IOException {
    StringBuilder text = new StringBuilder("2019,2020,2021\n");
    for (int i = 0; i < 60; i++) {
      text.append(i % 7).append(',').append(i % 5).append(',').append(i % 7 + 0.5).append('\n');
    }
    Path data = Files.writeString(folder.resolve("years.csv"), text);
    Path model = folder.resolve("model");
    Map<?, ?> json = train(data, "--header", "yes", "--steps", 2, "--save", model);
    assertEquals("2021", json.get("target"));
    assertEquals("yes", ((Map<?, ?>) json.get("settings")).get("header"));
    // It knows its own names again, and by them columns in another order.
    Path other = Files.writeString(folder.resolve("other.csv"), "2020,2019\n4,3\n");
    Path plain = Files.writeString(folder.resolve("plain.csv"), "3,4\n");
    String known = Cli.run("predict", "--model", model, "--data", other).out();
    assertEquals(2, known.lines().count());
    Cli placed = Cli.run("predict", "--model", model, "--data", plain);
    assertEquals(known, placed.out());
    assertTrue(placed.err().contains("is read without a header"), placed.err());
    Cli told = Cli.run("predict", "--model", model, "--data", plain, "--header", "no");
    assertEquals(known, told.out());
    assertEquals("natgrad: 1 row\n", told.err());
    // Names that it does not know are a row, unless it is told.
    Path renamed = Files.writeString(folder.resolve("renamed.csv"), "2022,2023\n3,4\n");
    assertEquals(3, Cli.run("predict", "--model", model, "--data", renamed).out().lines().count());
    Cli refused = Cli.run("predict", "--model", model, "--data", renamed, "--header", "yes");
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("no column 2019, 2020, which the model"), refused.err());
    Cli wrong = Cli.run("predict", "--model", model, "--data", plain, "--header", "maybe");
    assertTrue(
        wrong.err().contains("--header is 'maybe'; it must be one of auto, yes, no"), wrong.err());
  }

  /** A model of a table without a header passes one over that it is told of. */
  @Test
  void aToldHeaderIsPassedOverByPlace() throws IOException {
    Path data = Tables.write(folder, "amount", 80);
    Path bare = folder.resolve("bare.csv");
    List<String> lines = Files.readAllLines(data);
    Files.write(bare, lines.subList(1, lines.size()));
    Path model = folder.resolve("model");
    assertEquals(
        "no",
        ((Map<?, ?>) train(bare, "--steps", 2, "--save", model).get("settings")).get("header"));
    Path numbered = folder.resolve("numbered.csv");
    lines.set(0, "1,2,3,4");
    Files.write(numbered, lines);
    Cli all = Cli.run("predict", "--model", model, "--data", bare);
    Cli told = Cli.run("predict", "--model", model, "--data", numbered, "--header", "yes");
    assertEquals(all.out(), told.out());
    assertEquals(80, told.out().lines().count() - 1);
  }
}
