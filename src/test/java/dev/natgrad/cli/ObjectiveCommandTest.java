package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code natgrad train --objective}: weights, and logged actions. */
class ObjectiveCommandTest {
  @TempDir Path folder;

  /** Tossed actions, which are right where they say whether x > 0, and the columns asked for. */
  private Path table(String... columns) throws IOException {
    Random random = new Random(8);
    StringBuilder text = new StringBuilder("x,n,action");
    List.of(columns).forEach(column -> text.append(',').append(column));
    for (int i = 0; i < 300; i++) {
      double x = random.nextGaussian();
      boolean action = random.nextBoolean();
      boolean right = action == x > 0;
      text.append('\n').append(x).append(',').append(random.nextGaussian());
      text.append(action ? ",go" : ",stay");
      for (String column : columns) {
        double value =
            switch (column) {
              case "right" -> right ? 2 : 0;
              case "one" -> 1;
              case "advantage" -> right ? 1 : -1;
              case "logp" -> Math.log(0.5);
              default -> 0;
            };
        text.append(',').append(value);
      }
    }
    return Files.writeString(folder.resolve("logged.csv"), text.append('\n'));
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> train(Path table, int steps, String... options) throws IOException {
    Path json = folder.resolve("result.json");
    Object[] args = new Object[options.length + 13];
    Object[] fixed = {
      "train",
      "--data",
      table,
      "--target",
      "action",
      "--json",
      json,
      "--hidden",
      "4",
      "--steps",
      steps,
      "--precision",
      "f64"
    };
    System.arraycopy(fixed, 0, args, 0, 13);
    System.arraycopy(options, 0, args, 13, options.length);
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    return (Map<String, Object>) Json.parse(Files.readString(json));
  }

  private static double number(Map<String, Object> json, String key) {
    return ((Number) json.get(key)).doubleValue();
  }

  /** The rows that count can be told apart, all together cannot: the actions were tossed. */
  @ParameterizedTest
  @ValueSource(strings = {"full", "64", "grow"})
  void rowsWithoutWeightDoNotCount(String batch) throws IOException {
    Map<String, Object> weighted =
        train(table("right"), 25, "--batch", batch, "--objective", "weighted:right");
    assertEquals("weighted", weighted.get("objective"));
    assertTrue(number(weighted, "train_loss") < 0.3, weighted.toString());
    assertEquals(0L, weighted.get("kl_violations"));
    Map<String, Object> plain = train(table(), 25, "--batch", batch);
    assertTrue(number(plain, "train_loss") > 0.5, plain.toString());
  }

  /**
   * The Fisher matrix looked at is that of the weighted rows; a step of 1e-9 nats moves nothing.
   */
  @Test
  void diagnosticsAreOfTheWeightedRows() throws IOException {
    double plain = trace(table());
    assertEquals(plain, trace(table("one"), "--objective", "weighted:one"), 1e-3 * plain);
    double right = trace(table("right"), "--objective", "weighted:right");
    assertTrue(Math.abs(right - plain) > 1e-2 * plain, right + ", " + plain);
  }

  private double trace(Path table, String... objective) throws IOException {
    List<String> options = new ArrayList<>(List.of("--diagnostics", "--epsilon=1e-9"));
    options.addAll(List.of(objective));
    Map<String, Object> json = train(table, 1, options.toArray(new String[0]));
    Map<?, ?> found = (Map<?, ?>) json.get("diagnostics");
    return ((Number) found.get("trace")).doubleValue();
  }

  @Test
  void theControlsLearnFromWeightsToo() throws IOException {
    String[] adam = {"--optimizer=adam", "--learning-rate=0.05", "--objective", "weighted:right"};
    Map<String, Object> weighted = train(table("right"), 25, adam);
    assertTrue(number(weighted, "train_loss") < 0.6, weighted.toString());
  }

  /** The mean of denormal weights has no digits, or is 0. */
  @Test
  void onlyTheRatiosOfTheWeightsCountHoweverSmall() throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String unit : List.of("1,2", "5e-324,1e-323")) {
      String[] weights = unit.split(",");
      StringBuilder text = new StringBuilder("x,w,action\n");
      for (int i = 0; i < 60; i++) {
        text.append(i % 7 + "," + weights[i % 3 == 0 ? 1 : 0] + "," + (i * i % 11 + 0.5) + "\n");
      }
      Path data = Files.writeString(folder.resolve("tiny.csv"), text);
      losses.add(number(train(data, 2, "--objective", "weighted:w"), "train_loss"));
    }
    assertEquals(losses.get(0), losses.get(1));
  }

  /** Weights of 1 are none but for the order of sums, which a step may double. */
  @Test
  void weightsOfOneAreNone() throws IOException {
    double plain = number(train(table(), 5), "train_loss");
    double ones = number(train(table("one"), 5, "--objective", "weighted:one"), "train_loss");
    assertEquals(plain, ones, 1e-9);
  }

  /** All rows were drawn by a toss; the surrogate's least is −1, of the policy that is right. */
  @Test
  void aPolicyIsLearntFromLoggedActions() throws IOException {
    Path model = folder.resolve("policy");
    Map<String, Object> json =
        train(
            table("advantage", "logp"),
            25,
            "--objective",
            "policy:advantage,logp",
            "--epsilon",
            "0.1",
            "--save",
            model.toString(),
            "--patience",
            "1000");
    assertEquals("policy", json.get("objective"));
    assertEquals(0L, json.get("kl_violations"));
    assertTrue(number(json, "train_loss") < -0.8, json.toString());
    assertTrue(number(json, "test_loss") < -0.7, json.toString());
    assertTrue(number(json, "kl_max") <= 0.1);
  }

  /** The mean of the ratios is 1 whatever the policy; the model's densities are of other units. */
  @Test
  void logProbabilitiesAreOfTheColumnsUnits() throws IOException {
    Random random = new Random(4);
    StringBuilder text = new StringBuilder("x,advantage,logp,other,act,two\n");
    for (int i = 0; i < 400; i++) {
      double act = random.nextGaussian();
      double two = random.nextGaussian();
      text.append(random.nextGaussian()).append(",1,");
      text.append(normal(act) - Math.log(100)).append(',');
      text.append(normal(act) - Math.log(100) + normal(two) - Math.log(1e-3)).append(',');
      text.append(100 * act).append(',').append(1e-3 * two).append('\n');
    }
    Path table = Files.writeString(folder.resolve("acts.csv"), text);
    assertEquals(-1, tinyStep(table, "act", "policy:advantage,logp"), 0.25);
    assertEquals(-1, tinyStep(table, "act,two", "policy:advantage,other"), 0.25);
  }

  private static double normal(double z) {
    return -z * z / 2 - Math.log(2 * Math.PI) / 2;
  }

  @SuppressWarnings("unchecked")
  private double tinyStep(Path table, String target, String objective) throws IOException {
    Path json = folder.resolve("tiny.json");
    List<Object> args = new ArrayList<>(List.of("train", "--data", table, "--json", json));
    args.addAll(List.of("--hidden", "3", "--steps", "1", "--precision", "f64"));
    args.addAll(List.of("--target", target, "--objective", objective));
    args.addAll(List.of("--epsilon", "1e-9", "--distribution", "gaussian"));
    Cli trained = Cli.run(args.toArray());
    assertEquals(0, trained.code(), trained.err());
    return number((Map<String, Object>) Json.parse(Files.readString(json)), "train_loss");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          weighted          | it must be weighted:COLUMN, with one column
          policy:advantage  | it must be policy:ADVANTAGE,LOGP, with two columns
          likelihood:x      | it must be likelihood alone
          surrogate:a       | it must be one of likelihood, weighted, policy
          weighted:height   | no column 'height'
          weighted:action   | is the target and cannot count for anything else
          weighted:advantage | it must be a finite number, at least 0: correct the cell
          weighted:none     | at least one must be above 0
          """)
  void whatDoesNotFitIsRefused(String objective, String message) throws IOException {
    Path all = table("right", "advantage", "none");
    Cli refused = Cli.run("train", "--data", all, "--target", "action", "--objective", objective);
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains(message), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
  }
}
