package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real data sets where they lie beside the project (or where the property natgrad.data says): a few
 * steps must already beat guessing, within the bound.
 */
final class RealDataTest {
  private static final Path DATA =
      Path.of(System.getProperty("natgrad.data", Path.of("..", "shared", "data").toString()));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "iris.csv, auto, categorical, test_accuracy, 0.8",
    "pima-indians-diabetes.csv, auto, bernoulli, test_accuracy, 0.7",
    "sonar.csv, auto, bernoulli, test_accuracy, 0.6",
    "winequality-red.csv, gaussian, gaussian, test_rmse, 0.8",
    "adult-train.csv, auto, bernoulli, test_accuracy, 0.78",
    "mnist5k.csv.gz, auto, categorical, test_accuracy, 0.7"
  })
  @SuppressWarnings("unchecked")
  void learns(String name, String kind, String distribution, String metric, double limit)
      throws IOException {
    Path data = DATA.resolve(name);
    Assumptions.assumeTrue(Files.exists(data), () -> data + " is not there");
    Path json = folder.resolve("result.json");
    Path model = folder.resolve("model.safetensors");
    Cli trained =
        Cli.run(
            "train",
            "--data",
            data,
            "--distribution",
            kind,
            "--hidden",
            "16",
            "--steps",
            "8",
            "--batch",
            "1000",
            "--json",
            json,
            "--save",
            model);
    assertEquals(0, trained.code(), trained.err());
    Map<String, Object> result = (Map<String, Object>) Json.parse(Files.readString(json));
    assertEquals(distribution, result.get("distribution"));
    assertEquals(0L, result.get("kl_violations"));
    double value = ((Number) result.get(metric)).doubleValue();
    boolean good = metric.equals("test_rmse") ? value < limit : value > limit;
    assertTrue(good, () -> metric + " is " + value + "\n" + trained.out());
    Cli predicted = Cli.run("predict", "--model", model, "--data", data);
    assertEquals(0, predicted.code(), predicted.err());
  }
}
