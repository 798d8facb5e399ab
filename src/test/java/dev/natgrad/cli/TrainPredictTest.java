package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import dev.natgrad.training.ModelFile;
import dev.natgrad.training.TrainedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training, the files it writes, and predicting from them, as a user would. */
final class TrainPredictTest {
  @TempDir Path folder;

  @SuppressWarnings("unchecked")
  private static Map<String, Object> json(Path file) throws IOException {
    return (Map<String, Object>) Json.parse(Files.readString(file));
  }

  private static double number(Map<String, Object> json, String key) {
    return ((Number) json.get(key)).doubleValue();
  }

  private Map<String, Object> train(Path data, Object... options) throws IOException {
    Path result = folder.resolve("result.json");
    Object[] args = new Object[options.length + 7];
    args[0] = "train";
    args[1] = "--data";
    args[2] = data;
    args[3] = "--json";
    args[4] = result;
    args[5] = "--hidden";
    args[6] = "5";
    System.arraycopy(options, 0, args, 7, options.length);
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    assertEquals("", trained.err());
    return json(result);
  }

  @ParameterizedTest
  @CsvSource({
    "kind, categorical, f32",
    "kind, categorical, f64",
    "flag, bernoulli, f32",
    "flag, bernoulli, f64",
    "amount, gaussian, f32",
    "amount, gaussian, f64"
  })
  void predictsWhatItWasTrainedFor(String target, String distribution, String precision)
      throws IOException {
    Path data = Tables.write(folder, target, 700);
    Path model = folder.resolve("model.safetensors");
    Path report = folder.resolve("report.html");
    Map<String, Object> json =
        train(data, "--steps", 12, "--precision", precision, "--save", model, "--report", report);
    assertEquals(distribution, json.get("distribution"));
    assertEquals("natural-gradient", json.get("optimizer"));
    assertEquals(precision, json.get("precision"));
    assertEquals(0L, json.get("kl_violations"));
    assertEquals(12L, json.get("steps"));
    assertEquals(12L, (Long) json.get("accepted") + (Long) json.get("rejected"));
    assertTrue(number(json, "kl_max") <= number(json, "kl_bound"), json.toString());
    assertTrue(number(json, "kl_max") > 0, json.toString());
    assertEquals(13, ((List<?>) json.get("history")).size());
    assertEquals(
        700,
        number(json, "train_samples")
            + number(json, "validation_samples")
            + number(json, "test_samples"));
    boolean gaussian = distribution.equals("gaussian");
    if (gaussian) {
      assertTrue(number(json, "test_rmse") < 15, json.toString());
    } else {
      assertTrue(number(json, "test_accuracy") > 0.85, json.toString());
    }
    String page = Files.readString(report);
    assertTrue(page.contains("natural-gradient") && page.contains("<svg"), page);
    predicts(data, model, gaussian);
  }

  private void predicts(Path data, Path model, boolean gaussian) throws IOException {
    Cli shown = Cli.run("predict", "--model", model, "--data", data);
    assertEquals(0, shown.code(), shown.err());
    assertTrue(shown.err().contains(gaussian ? "RMSE" : "accuracy"), shown.err());
    assertTrue(shown.err().contains("on the 700 with a target"), shown.err());
    assertEquals(701, shown.out().lines().count());
    Path file = folder.resolve("predicted.csv");
    Path bare = Tables.withoutTarget(data);
    Cli written = Cli.run("predict", "--model", model, "--data", bare, "--output", file);
    assertEquals(0, written.code(), written.err());
    assertEquals("natgrad: 700 rows\n", written.err());
    assertEquals(shown.out(), Files.readString(file));
    TrainedModel read = ModelFile.read(model);
    Path copy = folder.resolve("copy.safetensors");
    ModelFile.write(copy, read, Version.text());
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(copy));
  }

  @Test
  void theSameSeedGivesTheSameModel() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    train(data, "--steps", 5, "--batch", 50, "--save", first);
    train(data, "--steps", 5, "--batch", 50, "--save", second);
    assertArrayEquals(ModelFile.read(first).parameters(), ModelFile.read(second).parameters());
  }

  @ParameterizedTest
  @CsvSource({"gradient-descent", "momentum", "adam"})
  void trainsTheControls(String optimizer) throws IOException {
    Path data = Tables.write(folder, "flag", 200);
    Map<String, Object> json =
        train(data, "--steps", 30, "--optimizer", optimizer, "--learning-rate", "0.05");
    assertEquals(optimizer, json.get("optimizer"));
    assertEquals(0.05, json.get("learning_rate"));
    assertNull(json.get("kl_bound"));
    assertNull(json.get("kl_max"));
    assertNull(json.get("kl_violations"));
    assertEquals(30L, json.get("accepted"));
  }

  @ParameterizedTest
  @CsvSource({
    "count, poisson, 2.5",
    "count, negative-binomial:0.2, 2.5",
    "price, gamma, 130",
    "price, gamma:4.5, 130",
    "amount, diagonal-gaussian, 15",
    "amount, shared-gaussian, 15",
    "count, gaussian, 2.5"
  })
  void trainsForEveryDistribution(String target, String distribution, double rmse)
      throws IOException {
    Path data = Tables.write(folder, target, 400);
    Path model = folder.resolve("model.safetensors");
    Map<String, Object> json =
        train(data, "--steps", 40, "--distribution", distribution, "--save", model);
    assertEquals(distribution.replaceAll(":.*", ""), json.get("distribution"));
    assertEquals(0L, json.get("kl_violations"));
    assertTrue(number(json, "test_rmse") < rmse, json.toString());
    Cli shown = Cli.run("predict", "--model", model, "--data", data);
    assertEquals(0, shown.code(), shown.err());
    assertTrue(shown.err().contains("RMSE"), shown.err());
    List<String> lines = shown.out().lines().toList();
    boolean spread = distribution.endsWith("-gaussian");
    assertEquals(spread ? "prediction,deviation" : "prediction", lines.get(0));
    for (String line : lines.subList(1, 401)) {
      String[] cells = line.split(",");
      assertEquals(spread ? 2 : 1, cells.length);
      assertTrue(target.equals("amount") || Double.parseDouble(cells[0]) > -5, line);
      assertTrue(!spread || Double.parseDouble(cells[1]) > 0, line);
    }
    TrainedModel read = ModelFile.read(model);
    Path copy = folder.resolve("copy.safetensors");
    ModelFile.write(copy, read, Version.text());
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(copy));
  }

  @Test
  void growsItsBatches() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Map<String, Object> json = train(data, "--steps", 4, "--batch=grow");
    assertEquals(4L, json.get("steps"));
    assertEquals(0L, json.get("kl_violations"));
  }

  @ParameterizedTest
  @CsvSource({
    "--solver=cg --preconditioner=nystrom --rank=8 --cg-candidates=5, cg, nystrom",
    "--preconditioner=kronecker --cg-iterations=9 --fisher=sampled:3, cg, kronecker",
    "--solver=minres --cg-iterations=20, minres,",
    "--solver=kronecker --momentum --fisher-fraction=0.5, kronecker,",
    "--solver=eigen-kronecker --fisher=empirical, eigen-kronecker,",
    "--solver=blocks, blocks,",
    "--solver=dense --damping=fixed:0.01, dense,",
    "--solver=dual --batch=20, dual,",
    "--solver=diagonal, diagonal,",
    "--solver=auto, kronecker,",
    "--solver=auto --chunk=256, kronecker,",
    "--chunk=256 --batch=full, cg, diagonal"
  })
  void trainsByEverySolver(String options, String solver, String preconditioner)
      throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Object[] words = (options + " --steps=6 --epsilon=0.1").split(" ");
    Map<String, Object> json = train(data, words);
    assertEquals(0L, json.get("kl_violations"));
    assertEquals(6L, json.get("accepted"), json.toString());
    @SuppressWarnings("unchecked")
    Map<String, Object> natural = (Map<String, Object>) json.get("natural_gradient");
    assertEquals(solver, natural.get("solver"));
    assertEquals(preconditioner, natural.get("preconditioner"));
    assertTrue(number(json, "train_loss") < Math.log(3), json.toString());
  }

  @Test
  void keepsAGivenBoundAndALinearModel() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Map<String, Object> json = train(data, "--steps", 8, "--epsilon", "0.01", "--seed=7");
    assertEquals(0.01, json.get("kl_bound"));
    assertTrue(number(json, "kl_max") <= 0.01);
    assertEquals("given", json.get("epsilon"));
    for (String hidden : List.of("none", "0", "")) {
      Path result = folder.resolve("linear.json");
      Cli linear =
          Cli.run("train", "--data", data, "--hidden", hidden, "--steps", 1, "--json", result);
      assertEquals(0, linear.code(), linear.err());
      Map<String, Object> facts = json(result);
      assertEquals((number(facts, "inputs") + 1) * 3, number(facts, "parameters"));
    }
  }

  @Test
  void trainsWithoutHeldOutRows() throws IOException {
    Path data = Tables.write(folder, "amount", 40);
    Map<String, Object> json =
        train(data, "--steps", 3, "--validation-fraction", 0, "--test-fraction", 0);
    assertNull(json.get("test_loss"));
    assertNull(json.get("validation_loss"));
    assertEquals(40L, json.get("train_samples"));
  }

  @Test
  void copesWithUnseenCategoriesAndMissingCells() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Path model = folder.resolve("model");
    train(data, "--steps", 3, "--save", model);
    Path odd = folder.resolve("odd.csv");
    Files.writeString(odd, "noise;kind;size;colour\n0.5;huge;;violet\n?;large;1.5;\n0.1;;2;red\n");
    Cli predicted = Cli.run("predict", "--model", model, "--data", odd);
    assertEquals(0, predicted.code(), predicted.err());
    assertEquals(4, predicted.out().lines().count());
    assertTrue(predicted.err().contains("on the 1 with a target"), predicted.err());
  }

  @Test
  void savesNoModelThatDiverged() throws IOException {
    Path data = Tables.write(folder, "amount", 200);
    Path model = folder.resolve("model");
    Path json = folder.resolve("diverged.json");
    Cli trained =
        Cli.run(
            "train",
            "--data",
            data,
            "--optimizer",
            "gradient-descent",
            "--learning-rate",
            "1000",
            "--validation-fraction",
            0,
            "--hidden",
            "none",
            "--save",
            model,
            "--json",
            json);
    assertEquals(2, trained.code(), trained.out());
    assertTrue(trained.err().contains("lower --learning-rate than 1000.0"), trained.err());
    assertTrue(Files.notExists(model));
    assertEquals("diverged", json(json).get("stop_reason"));
  }

  /** The parameters of the start may be the best of a run that diverged; they are no model. */
  @Test
  void savesNoUntrainedModel() throws IOException {
    Path data = Tables.write(folder, "amount", 200);
    Path model = folder.resolve("model");
    Object[] args = {
      "train",
      "--data",
      data,
      "--optimizer=gradient-descent",
      "--learning-rate=1000",
      "--hidden=none",
      "--save",
      model
    };
    Cli trained = Cli.run(args);
    assertEquals(2, trained.code(), trained.out());
    assertTrue(trained.out().contains("kept the parameters after step 0"), trained.out());
    assertTrue(trained.err().contains("before any training"), trained.err());
    assertTrue(Files.notExists(model));
  }

  @Test
  void reportsNameWhatTheyShow() throws IOException {
    StringBuilder text = new StringBuilder("x,a,w,y1,y2\n");
    for (int i = 0; i < 60; i++) {
      text.append(i % 7).append(",1,").append(-0.5).append(',').append(i % 5 + 0.5).append(',');
      text.append(i % 3 + 0.5).append('\n');
    }
    Path data = Files.writeString(folder.resolve("two.csv"), text);
    Path report = folder.resolve("report.html");
    train(data, "--target=y1,y2", "--steps=3", "--objective=policy:a,w", "--report", report);
    String html = Files.readString(report);
    assertTrue(html.contains(">Validation loss<"), html);
    assertTrue(html.contains("loss, minus the mean advantage"), html);
    assertTrue(html.contains("<p>of &#39;y1&#39;: train") || html.contains("<p>of 'y1': train"));
    assertTrue(!html.contains("nats a row"), html);
  }

  /** Two rows of text look like a header and a row, but the model was made of a bare table. */
  @Test
  void aTableForAModelWithoutHeaderHasNone() throws IOException {
    Path data = Files.writeString(folder.resolve("bare.csv"), "red,u\nblue,v\n".repeat(20));
    Path model = folder.resolve("bare.safetensors");
    train(data, "--steps", 2, "--save", model);
    for (String text : List.of("red,u\nblue,v\n", "column 1,column 2\nred,u\nblue,v\n")) {
      Path rows = Files.writeString(folder.resolve("rows.csv"), text);
      Cli predicted = Cli.run("predict", "--model", model, "--data", rows);
      assertEquals(0, predicted.code(), predicted.err());
      assertEquals(3, predicted.out().lines().count(), predicted.out());
      assertTrue(predicted.err().contains("on the 2 with a target"), predicted.err());
    }
  }

  /** A row of names where the model needs numbers can be nothing else. */
  @Test
  void aRowOfNamesAboveNumbersIsAHeaderEvenSo() throws IOException {
    Path data = Files.writeString(folder.resolve("bare.csv"), "1,u\n2,v\n3,v\n".repeat(20));
    Path model = folder.resolve("bare.safetensors");
    train(data, "--steps", 2, "--save", model);
    Path rows = Files.writeString(folder.resolve("rows.csv"), "size,kind\n1,u\n2,v\n");
    Cli predicted = Cli.run("predict", "--model", model, "--data", rows);
    assertEquals(3, predicted.out().lines().count(), predicted.out());
  }

  @Test
  void quotesCellsThatNeedIt() {
    assertEquals("plain", PredictedColumn.cell("plain"));
    assertEquals("\"a,b\"", PredictedColumn.cell("a,b"));
    assertEquals("\"say \"\"x\"\"\"", PredictedColumn.cell("say \"x\""));
    assertEquals("\" edge\"", PredictedColumn.cell(" edge"));
  }

  /** The squares of such errors are 0 or infinite. */
  @ParameterizedTest
  @ValueSource(strings = {"e200", "e-200"})
  void errorsInVeryLargeAndSmallUnitsAreTold(String unit) throws IOException {
    StringBuilder text = new StringBuilder("x,y\n");
    for (int i = 0; i < 40; i++) {
      text.append(i).append(',').append(1 + i % 7).append(unit).append('\n');
    }
    Path data = Files.writeString(folder.resolve("units.csv"), text);
    Path model = folder.resolve("model");
    Path json = folder.resolve("json");
    Object[] args = {
      "train",
      "--data",
      data,
      "--distribution",
      "gaussian",
      "--hidden=2",
      "--steps=1",
      "--save",
      model,
      "--json",
      json,
      "--test-fraction=0",
      "--validation-fraction=0"
    };
    assertEquals(0, Cli.run(args).code());
    Map<?, ?> results = (Map<?, ?>) Json.parse(Files.readString(json));
    String rmse = Texts.number(((Number) results.get("train_rmse")).doubleValue());
    String told = Cli.run("predict", "--model", model, "--data", data).err();
    assertTrue(told.contains("RMSE " + rmse + " on the 40"), told);
  }
}
