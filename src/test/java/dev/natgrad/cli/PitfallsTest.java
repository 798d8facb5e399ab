package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import dev.natgrad.training.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data as people have them, each of which once led astray without a word, or to a failure. */
class PitfallsTest {
  @TempDir Path folder;

  /** Columns x, n, last, flag and volume. */
  private Path table(String column) throws IOException {
    Random random = new Random(5);
    StringBuilder text = new StringBuilder("x,n,last,flag,volume\n");
    for (int i = 0; i < 60; i++) {
      double x = random.nextGaussian();
      text.append(x).append(',').append(column).append(',').append(2 * x).append(',');
      text.append(random.nextGaussian() < x ? "no," : "yes,").append(random.nextInt(1000) + 0.5);
      text.append('\n');
    }
    return Files.writeString(folder.resolve("table.csv"), text);
  }

  private Cli train(Path data, String... options) {
    List<Object> args = new ArrayList<>(List.of("train", "--data", data, "--hidden=2"));
    args.addAll(List.of("--steps=2", "--precision=f64"));
    args.addAll(List.of(options));
    return Cli.run(args.toArray());
  }

  /** Prices: open, high, low, last, volume. The volume was taken for the target. */
  @Test
  void aColumnNamedLastIsNotTakenForTheLast() throws IOException {
    Path data = table("1");
    for (Cli refused : List.of(train(data, "--target", "last"), train(data))) {
      assertEquals(2, refused.code(), refused.out());
      assertTrue(refused.err().contains("'last' is both the name of column 3"), refused.err());
    }
    Cli third = train(data, "--target", "3");
    assertEquals(0, third.code(), third.err());
    assertTrue(third.out().contains("target       'last'"), third.out());
  }

  /** Their sum is infinite, which was called a defect of natgrad. */
  @ParameterizedTest
  @ValueSource(strings = {"1e308", "1e-320", "3"})
  void weightsOfAnySizeCount(String weight) throws IOException {
    Path json = folder.resolve("json");
    String[] options = {"--target=flag", "--objective=weighted:n", "--json=" + json};
    Cli trained = train(table(weight), options);
    assertEquals(0, trained.code(), trained.err());
    double loss = loss(json);
    assertEquals(0, train(table("1"), options).code());
    assertEquals(loss(json), loss, 1e-12 * loss);
  }

  private static double loss(Path json) throws IOException {
    Map<?, ?> results = (Map<?, ?>) Json.parse(Files.readString(json));
    return ((Number) results.get("train_loss")).doubleValue();
  }

  /** Probabilities logged as they are were taken for their logarithms. */
  @Test
  void probabilitiesAreNotTakenForTheirLogarithms() throws IOException {
    Cli refused = train(table("0.5"), "--target=flag", "--objective=policy:x,n");
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains("give ln(p), not p"), refused.err());
    // The logarithm of a density may be anything, and that of 1 a rounding above 0.
    assertEquals(0, train(table("0.5"), "--target=5", "--objective=policy:x,n").code(), "density");
    assertEquals(0, train(table("1e-7"), "--target=flag", "--objective=policy:x,n").code());
  }

  /** It said to take double precision, which was taken. */
  @Test
  void aRemedyIsSomethingNew() throws IOException {
    Cli diverged = train(table("-1000"), "--target=flag", "--objective=policy:x,n");
    assertEquals(CommandLine.FAILED, diverged.code(), diverged.out());
    assertTrue(diverged.out().contains("check the log-probabilities"), diverged.out());
    assertFalse(diverged.out().contains("--precision"), diverged.out());
    assertFalse(diverged.out().contains("--no-standardize"), diverged.out());
  }

  /** The automatic scale was one that the dual form cannot take. */
  @ParameterizedTest
  @CsvSource({"--l2=0, identity", "--l2=0.1, diagonal"})
  void theDualFormTakesRawFeatures(String penalty, String scale) throws IOException {
    Path json = folder.resolve("json");
    String[] options = {"--target=flag", "--solver=dual", "--no-standardize", penalty};
    String[] all = Arrays.copyOf(options, 5);
    all[4] = "--json=" + json;
    Cli trained = train(table("1"), all);
    assertEquals(0, trained.code(), trained.err());
    Map<?, ?> results = (Map<?, ?>) Json.parse(Files.readString(json));
    Map<?, ?> natural = (Map<?, ?>) results.get("natural_gradient");
    assertEquals(scale, natural.get("damping_scale"));
  }

  /**
   * A bias and all classes of a column say the same in many ways. At the minimum steps went along
   * those as far as they could: parameters of 1e11, and as much predicted for a class never seen.
   */
  @ParameterizedTest
  @ValueSource(strings = {"f32", "f64"})
  void classesBesideABiasStayWithinReason(String precision) throws IOException {
    Random random = new Random(21);
    StringBuilder text = new StringBuilder("x,colour,size,w,y\n");
    String[] colours = {"red", "green", "blue", ""};
    for (int i = 0; i < 500; i++) {
      double x = 1e4 * random.nextGaussian() + 3e5;
      int colour = random.nextInt(4);
      boolean large = random.nextBoolean();
      double y = x * 1e-4 + colour - (large ? 2 : 0) + random.nextGaussian();
      text.append(x).append(',').append(colours[colour]).append(',');
      text.append(large ? "large," : "small,").append(random.nextDouble()).append(',');
      text.append(y).append('\n');
    }
    Path data = Files.writeString(folder.resolve("classes.csv"), text);
    Path model = folder.resolve("model");
    Object[] args = {
      "train",
      "--data",
      data,
      "--hidden=none",
      "--solver=auto",
      "--objective=weighted:w",
      "--precision",
      precision,
      "--batch=full",
      "--test-fraction=0",
      "--validation-fraction=0",
      "--save",
      model
    };
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    for (double parameter : ModelFile.read(model).parameters()) {
      assertTrue(Math.abs(parameter) < 10, Double.toString(parameter));
    }
    Path unseen = folder.resolve("unseen.csv");
    Files.writeString(unseen, "x,colour,size,w\n300000,red,tiny,0.5\n");
    Cli predicted = Cli.run("predict", "--model", model, "--data", unseen);
    double mean = Double.parseDouble(predicted.out().lines().skip(1).findFirst().orElseThrow());
    assertEquals(30, mean, 30, predicted.out());
  }

  @Test
  void theDualFormNamesTheOptionItCannotTake() throws IOException {
    String[] options = {"--target=flag", "--solver=dual", "--damping-scale=diagonal"};
    Cli refused = train(table("1"), options);
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains("--damping-scale diagonal damps no"), refused.err());
  }

  /** A row without a single cell has no line of predictions, and those below moved up. */
  @Test
  void predictTellsOfRowsThatAreNone() throws IOException {
    Path model = folder.resolve("model");
    assertEquals(0, train(table("1"), "--target=flag", "--save=" + model).code());
    Path data = folder.resolve("new.csv");
    Files.writeString(data, "x,n,last,volume\n1,1,1,1\n,,,\n2,1,1,1\n,,,\n\n,,,\n3,1,1,1\n,,,\n");
    Cli predicted = Cli.run("predict", "--model", model, "--data", data);
    assertEquals(0, predicted.code(), predicted.err());
    assertEquals(4, predicted.out().lines().count());
    String note = "natgrad: 3 lines, the first of them line 3, hold delimiters alone";
    assertTrue(predicted.err().startsWith(note), predicted.err());
    Files.writeString(data, "x,n,last,volume\n1,1,1,1\n\n2,1,1,1\n,,,\n");
    String plain = Cli.run("predict", "--model", model, "--data", data).err();
    assertEquals(1, plain.lines().count(), plain);
  }

  /** A number less its own mean: the network learnt nothing, and said that it had converged. */
  @ParameterizedTest
  @CsvSource({
    "--normalization=sums --hidden=1, --normalization sums",
    "'--normalization=sums --hidden=4,1', --normalization sums",
    "'--normalization=inputs --hidden=4,1,4', --normalization inputs",
    "--residual=2 --hidden=1, --residual 2"
  })
  void aSingleNumberIsNotNormalised(String options, String words) throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", "--data", table("1"), "--target=flag"));
    args.addAll(List.of(options.split(" ")));
    Cli refused = Cli.run(args.toArray());
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains(words + " would normalise a single"), refused.err());
  }

  @Test
  void oneFeatureIsNotNormalised() throws IOException {
    Path data = folder.resolve("one.csv");
    StringBuilder text = new StringBuilder("x,y\n");
    for (int i = 0; i < 40; i++) {
      text.append(i).append(',').append(i % 7 + 0.5).append('\n');
    }
    Files.writeString(data, text);
    Cli refused = Cli.run("train", "--data", data, "--normalization=inputs", "--hidden=4");
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains("or --normalization none or sums"), refused.err());
    // The last hidden layer feeds the outputs, which are not normalised.
    String[] wide = {"--target=flag", "--normalization=inputs"};
    assertEquals(0, train(table("1"), wide).code());
  }

  /** An untrained model was saved and nothing said so. */
  @Test
  void anUntrainedModelIsCalledSo() throws IOException {
    Path data = table("1");
    Object[] args = {
      "train", "--data", data, "--target=3", "--optimizer=adam", "--learning-rate=1e6", "--steps=60"
    };
    Cli wild = Cli.run(args);
    assertTrue(wild.out().contains("the model is untrained: no step made"), wild.out());
    assertTrue(wild.out().contains("give a lower --learning-rate than 1000000.0"), wild.out());
    Cli sudden = train(data, "--target=3", "--seconds=1e-9");
    assertTrue(sudden.out().contains("no time for a step; give more --seconds"), sudden.out());
    assertFalse(train(data, "--target=3").out().contains("untrained"));
  }
}
