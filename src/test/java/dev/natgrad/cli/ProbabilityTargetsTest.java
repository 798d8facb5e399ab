package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets that are probabilities: how far predictions are off, in training and afterwards. */
class ProbabilityTargetsTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(6);
    StringBuilder text = new StringBuilder("x,share,class\n");
    for (int i = 0; i < 120; i++) {
      double x = random.nextGaussian();
      double share = 1 / (1 + Math.exp(-x - 0.5 * random.nextGaussian()));
      text.append(x).append(',').append(share).append(',');
      text.append(random.nextDouble() < share ? 1 : 0).append('\n');
    }
    data = Files.writeString(folder.resolve("shares.csv"), text);
  }

  private record Both(Map<?, ?> json, String shown, String predicted, List<String> rows) {}

  private Both trainAndPredict(String target) throws IOException {
    Path json = folder.resolve("json");
    Path model = folder.resolve("model");
    Object[] args = {
      "train",
      "--data",
      data,
      "--target",
      target,
      "--distribution",
      "bernoulli",
      "--hidden",
      "3",
      "--test-fraction=0",
      "--validation-fraction=0",
      "--steps=5",
      "--json",
      json,
      "--save",
      model
    };
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    Cli predicted = Cli.run("predict", "--model", model, "--data", data);
    assertEquals(0, predicted.code(), predicted.err());
    Map<?, ?> results = (Map<?, ?>) Json.parse(Files.readString(json));
    return new Both(results, trained.out(), predicted.err(), predicted.out().lines().toList());
  }

  private double rmse(Both both, int ofPrediction, int ofTarget) throws IOException {
    List<String> given = Files.readAllLines(data);
    double sum = 0;
    for (int i = 1; i < given.size(); i++) {
      double known = Double.parseDouble(given.get(i).split(",")[ofTarget]);
      double off = Double.parseDouble(both.rows.get(i).split(",")[ofPrediction]) - known;
      sum += off * off;
    }
    return Math.sqrt(sum / (given.size() - 1));
  }

  /** Training told an accuracy, of which side of a half each is on, and predict an RMSE. */
  @Test
  void theyHaveAnErrorInBoth() throws IOException {
    Both both = trainAndPredict("share");
    double rmse = rmse(both, 0, 1);
    assertEquals(rmse, ((Number) both.json.get("train_rmse")).doubleValue(), 1e-6);
    assertFalse(both.json.containsKey("train_accuracy"));
    assertTrue(both.shown.contains("rmse         train " + Texts.number(rmse)), both.shown);
    assertTrue(both.predicted.contains("RMSE " + Texts.number(rmse)), both.predicted);
  }

  /** One measure for all columns, in both: classes beside probabilities count as 0 and 1. */
  @Test
  void classesBesideThemDoToo() throws IOException {
    Both both = trainAndPredict("share,class");
    Map<?, ?> each = (Map<?, ?>) both.json.get("train_rmse_of_targets");
    double share = rmse(both, 0, 1);
    double second = rmse(both, 3, 2);
    assertEquals(share, ((Number) each.get("share")).doubleValue(), 1e-6);
    assertEquals(second, ((Number) each.get("class")).doubleValue(), 1e-6);
    assertTrue(both.predicted.contains("RMSE " + Texts.number(share) + " of share"));
    assertTrue(both.predicted.contains("RMSE " + Texts.number(second) + " of class"));
  }

  @Test
  void classesAloneHaveAnAccuracyInBoth() throws IOException {
    Both both = trainAndPredict("class");
    double accuracy = ((Number) both.json.get("train_accuracy")).doubleValue();
    String text = "accuracy " + Texts.number(accuracy) + " on the 120";
    assertTrue(both.predicted.contains(text), both.predicted);
  }
}
