package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import dev.natgrad.training.ModelFile;
import dev.natgrad.training.TrainedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several targets side by side, from the table to the predictions. */
final class SeveralTargetsTest {
  private static final int ROWS = 600;

  @TempDir Path folder;

  private Path data;

  /** Targets before, between and after the features u, v and w. */
  @BeforeEach
  void write() throws IOException {
    Random random = new Random(8);
    StringBuilder text =
        new StringBuilder("grade,u,speed,flag,v,\"hot, cold\",torque,w,calls,visits,weight,logp\n");
    for (int i = 0; i < ROWS; i++) {
      double u = random.nextGaussian();
      double v = random.nextGaussian();
      double w = random.nextGaussian();
      text.append(u + v < -0.6 ? "low" : u + v < 0.6 ? "mid" : "\"high, very\"").append(',');
      text.append(u).append(',').append(40 + 8 * u + 2 * v + random.nextGaussian()).append(',');
      text.append(v - w > 0 ? "yes" : "no").append(',').append(v).append(',');
      text.append(w > 0 ? 1 : 0).append(',');
      text.append(-3 - 0.1 * w + 0.01 * random.nextGaussian()).append(',').append(w).append(',');
      text.append((int) Math.exp(1 + 0.4 * u + random.nextDouble())).append(',');
      text.append((int) Math.exp(2 - 0.3 * w + random.nextDouble())).append(',');
      text.append(0.5 + random.nextDouble()).append(',');
      text.append(-Math.log(6)).append('\n');
    }
    data = Files.writeString(folder.resolve("several.csv"), text);
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> train(String target, Path model, Object... more) throws IOException {
    Path result = folder.resolve("result.json");
    Object[] args = {
      "train",
      "--data",
      data,
      "--target",
      target,
      "--json",
      result,
      "--hidden",
      "6",
      "--save",
      model,
      "--report",
      folder.resolve("report.html"),
      "--steps",
      60
    };
    Object[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    Cli trained = Cli.run(all);
    assertEquals(0, trained.code(), trained.err());
    if (!target.matches(".*[0-9].*")) {
      for (String name : target.split(",")) {
        assertTrue(trained.out().contains("  of '" + name + "': train "), trained.out());
      }
    }
    return (Map<String, Object>) Json.parse(Files.readString(result));
  }

  private List<String> predict(Path model, Path table) {
    Cli shown = Cli.run("predict", "--model", model, "--data", table);
    assertEquals(0, shown.code(), shown.err());
    return shown.out().lines().toList();
  }

  @ParameterizedTest
  @CsvSource({"f32", "f64"})
  void categoricals(String precision) throws IOException {
    Path model = folder.resolve("model");
    Map<String, Object> json = train("grade,flag", model, "--precision", precision);
    assertEquals("categoricals", json.get("distribution"));
    assertEquals("grade,flag", json.get("target"));
    assertEquals(5L, json.get("outputs"));
    assertEquals(0L, json.get("kl_violations"));
    Map<?, ?> each = (Map<?, ?>) json.get("test_accuracy_of_targets");
    double grade = ((Number) each.get("grade")).doubleValue();
    double flag = ((Number) each.get("flag")).doubleValue();
    assertTrue(grade > 0.8 && flag > 0.8, each.toString());
    double mean = ((Number) json.get("test_accuracy")).doubleValue();
    assertEquals((grade + flag) / 2, mean, 4 * Math.ulp(1.0));
    List<String> lines = predict(model, data);
    assertEquals(ROWS + 1, lines.size());
    assertEquals(
        "prediction of grade,\"probability of grade=high, very\",probability of grade=low,"
            + "probability of grade=mid,prediction of flag,probability of flag=no,"
            + "probability of flag=yes",
        lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.replace("\"high, very\"", "high").split(",");
      double sum = 0;
      for (int c : new int[] {1, 2, 3}) {
        sum += Double.parseDouble(cells[c]);
      }
      assertEquals(1, sum, 1e-6, line);
      sum = Double.parseDouble(cells[5]) + Double.parseDouble(cells[6]);
      assertEquals(1, sum, 1e-6, line);
    }
    Path copy = folder.resolve("copy");
    ModelFile.write(copy, ModelFile.read(model), Version.text());
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(copy));
  }

  @Test
  void quantitiesComeBackInTheirUnitsWithTheirSpreads() throws IOException {
    Path model = folder.resolve("model");
    Map<String, Object> json = train("torque,speed", model, "--distribution", "diagonal-gaussian");
    assertEquals(4L, json.get("outputs"));
    Map<?, ?> each = (Map<?, ?>) json.get("test_rmse_of_targets");
    assertTrue(((Number) each.get("torque")).doubleValue() < 0.03, each.toString());
    assertTrue(((Number) each.get("speed")).doubleValue() < 2.5, each.toString());
    List<String> lines = predict(model, data);
    assertEquals(
        "prediction of torque,deviation of torque,prediction of speed,deviation of speed",
        lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      double[] cells = Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray();
      assertEquals(-3, cells[0], 1, line);
      assertEquals(0, cells[1], 0.1, line);
      assertEquals(40, cells[2], 40, line);
      assertTrue(cells[3] > 0.1 && cells[3] < 10, line);
    }
    Cli shown = Cli.run("predict", "--model", model, "--data", data);
    assertTrue(
        shown
            .err()
            .matches("natgrad: 600 rows, RMSE 0.0\\d+ of torque on the 600 with a target, .*\n"),
        shown.err());
  }

  /**
   * At the maximum of the likelihood each variance is the mean square of the training residuals.
   */
  @Test
  void aSharedSpreadIsThatOfTheTrainingRows() throws IOException {
    Path model = folder.resolve("model");
    Map<String, Object> json =
        train("torque,speed", model, "--distribution=shared-gaussian", "--validation-fraction=0");
    assertEquals("shared-gaussian", json.get("distribution"));
    assertEquals(4L, json.get("outputs"));
    TrainedModel trained = ModelFile.read(model);
    assertEquals(2, trained.model().outputs() - trained.network().outputs());
    List<String> lines = predict(model, data);
    String[] first = lines.get(1).split(",");
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      assertEquals(first[1], cells[1], line);
      assertEquals(first[3], cells[3], line);
    }
    Map<?, ?> each = (Map<?, ?>) json.get("train_rmse_of_targets");
    assertEquals(
        1, Double.parseDouble(first[1]) / ((Number) each.get("torque")).doubleValue(), 0.02);
    assertEquals(
        1, Double.parseDouble(first[3]) / ((Number) each.get("speed")).doubleValue(), 0.02);
  }

  /** By place, with all columns or without the targets, the predictions are the same. */
  @Test
  void columnsAreFoundByPlace() throws IOException {
    List<String> rows = Files.readAllLines(data);
    Files.write(data, rows.subList(1, rows.size()));
    Path model = folder.resolve("model");
    train("9,10,11", model, "--distribution", "gaussian");
    StringBuilder bare = new StringBuilder();
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split(",(?! )");
      bare.append(String.join(",", Arrays.copyOf(cells, 8))).append(',');
      bare.append(cells[11]).append('\n');
    }
    Path without = Files.writeString(folder.resolve("bare.csv"), bare);
    assertEquals(predict(model, data), predict(model, without));
    assertEquals(
        "natgrad: 600 rows\n", Cli.run("predict", "--model", model, "--data", without).err());
    Path wrong = Files.writeString(folder.resolve("wrong.csv"), "1,2,3\n4,5,6\n");
    Cli refused = Cli.run("predict", "--model", model, "--data", wrong);
    assertTrue(refused.err().contains("the 9 without the targets"), refused.err());
  }

  @ParameterizedTest
  @CsvSource({
    "'flag,hot, cold', bernoulli,",
    "'calls,visits', poisson,",
    "'calls,visits', negative-binomial:0.3,",
    "'speed,weight', gamma:4,",
    "'grade,flag', categorical, weighted:weight",
    "'grade,flag', categorical, 'policy:weight,logp'"
  })
  void everyKindTrains(String target, String distribution, String objective) throws IOException {
    Path model = folder.resolve("model");
    String named = target.replace("hot, cold", "6");
    Path result = folder.resolve("r.json");
    Cli trained =
        Cli.run(
            "train",
            "--data",
            data,
            "--target",
            named,
            "--distribution",
            distribution,
            "--steps",
            20,
            "--save",
            model,
            "--json",
            result,
            "--objective",
            objective == null ? "likelihood" : objective);
    assertEquals(0, trained.code(), trained.err());
    Map<?, ?> json = (Map<?, ?>) Json.parse(Files.readString(result));
    assertEquals(0L, json.get("kl_violations"), trained.out());
    List<?> history = (List<?>) json.get("history");
    double before = ((Number) ((Map<?, ?>) history.get(0)).get("train_loss")).doubleValue();
    assertTrue(((Number) json.get("train_loss")).doubleValue() < before, trained.out());
    assertEquals(ROWS + 1, predict(model, data).size());
  }

  @Test
  void refusesTargetsOfTwoKinds() {
    Cli refused = Cli.run("train", "--data", data, "--target", "grade,speed");
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains("targets side by side are of one kind"), refused.err());
    Cli twice = Cli.run("train", "--data", data, "--target", "speed,speed");
    assertTrue(twice.err().contains("named twice"), twice.err());
  }
}
