package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.json.Json;
import dev.natgrad.training.ModelFile;
import dev.natgrad.training.TargetEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The loss that {@code train} reports is that of the numbers {@code predict} writes: of the log
 * densities in the target's own units, written down here as the textbooks have them.
 */
class ClosedFormLossTest {
  private static final int ROWS = 90;

  @TempDir Path folder;
  private final double[] target = new double[ROWS];
  private final double[] other = new double[ROWS];
  private final double[] weight = new double[ROWS];
  private final double[] advantage = new double[ROWS];
  private final double[] logged = new double[ROWS];

  /** A table of positive whole targets, which every family below can be asked for. */
  private Path table() throws IOException {
    Random random = new Random(12);
    StringBuilder text = new StringBuilder("x,w,advantage,logp,y,z\n");
    for (int i = 0; i < ROWS; i++) {
      double x = random.nextGaussian();
      target[i] = 1 + Math.floor(6 * Math.exp(0.4 * x) * random.nextDouble());
      other[i] = 200 + Math.floor(300 * random.nextDouble());
      weight[i] = random.nextInt(3);
      advantage[i] = random.nextGaussian();
      logged[i] = -2 - random.nextDouble();
      text.append(x).append(',').append(weight[i]).append(',').append(advantage[i]).append(',');
      text.append(logged[i]).append(',').append(target[i]).append(',').append(other[i]);
      text.append('\n');
    }
    return Files.writeString(folder.resolve("table.csv"), text);
  }

  @ParameterizedTest
  @CsvSource({
    "gaussian, y",
    "diagonal-gaussian, y",
    "shared-gaussian, y",
    "poisson, y",
    "negative-binomial:0.5, y",
    "gamma:2, y",
    "'gamma:2', 'y,z'",
    "'negative-binomial:0.5', 'y,z'",
    "'gaussian', 'y,z'",
    "'shared-gaussian', 'y,z'"
  })
  void theLossIsThatOfThePredictions(String kind, String targets) throws IOException {
    Path data = table();
    double[] density = new double[ROWS];
    double units = 0;
    double loss = trained(data, kind, targets, "likelihood", density);
    for (TargetEncoder.Column column : encoder().columns()) {
      units += Math.log(column.deviation());
    }
    double sum = 0;
    for (double log : density) {
      sum -= log;
    }
    // Losses are of targets in units of their deviation, or mean.
    assertEquals(sum / ROWS - units, loss, 1e-9 * (1 + Math.abs(loss)), "likelihood");

    loss = trained(data, kind, targets, "weighted:w", density);
    double weighted = 0;
    double weights = 0;
    for (int i = 0; i < ROWS; i++) {
      weighted -= weight[i] * (density[i] + units);
      weights += weight[i];
    }
    assertEquals(weighted / weights, loss, 1e-9 * (1 + Math.abs(loss)), "weighted");

    loss = trained(data, kind, targets, "policy:advantage,logp", density);
    double surrogate = 0;
    for (int i = 0; i < ROWS; i++) {
      surrogate -= advantage[i] * Math.exp(density[i] - logged[i]);
    }
    assertEquals(surrogate / ROWS, loss, 1e-9 * (1 + Math.abs(loss)), "policy");
  }

  private TargetEncoder encoder() {
    return ModelFile.read(folder.resolve("model")).targets();
  }

  /** Trains some steps, predicts, and gives the rows' log densities; returns the loss. */
  private double trained(Path data, String kind, String targets, String objective, double[] density)
      throws IOException {
    Path json = folder.resolve("json");
    Path model = folder.resolve("model");
    List<Object> args = new ArrayList<>(List.of("train", "--data", data, "--target", targets));
    args.addAll(List.of("--distribution", kind, "--objective", objective, "--hidden=3"));
    args.addAll(List.of("--precision=f64", "--test-fraction=0", "--validation-fraction=0"));
    args.addAll(List.of("--steps=3", "--json", json, "--save", model));
    Cli trained = Cli.run(args.toArray());
    assertEquals(0, trained.code(), trained.err());
    Cli predicted = Cli.run("predict", "--model", model, "--data", data);
    assertEquals(0, predicted.code(), predicted.err());
    List<String> rows = predicted.out().lines().toList();
    List<TargetEncoder.Column> columns = encoder().columns();
    boolean varies = kind.contains("-gaussian");
    for (int i = 0; i < ROWS; i++) {
      String[] cells = rows.get(i + 1).split(",");
      density[i] = 0;
      for (int c = 0; c < columns.size(); c++) {
        double mean = Double.parseDouble(cells[varies ? 2 * c : c]);
        double deviation =
            varies ? Double.parseDouble(cells[2 * c + 1]) : columns.get(c).deviation();
        density[i] += logDensity(kind, c == 0 ? target[i] : other[i], mean, deviation);
      }
    }
    Map<?, ?> results = (Map<?, ?>) Json.parse(Files.readString(json));
    return ((Number) results.get("train_loss")).doubleValue();
  }

  private static double logDensity(String kind, double y, double mean, double deviation) {
    double z = (y - mean) / deviation;
    return switch (kind) {
      case "poisson" -> y * Math.log(mean) - mean - logFactorial(y);
      // Of two failures: (y + 1)·(1 − q)²·qʸ with q = μ/(2 + μ).
      case "negative-binomial:0.5" ->
          Math.log(y + 1) + 2 * Math.log(2 / (2 + mean)) + y * Math.log(mean / (2 + mean));
      // Of shape 2: y·(2/μ)²·exp(−2y/μ).
      case "gamma:2" -> Math.log(y) + 2 * Math.log(2 / mean) - 2 * y / mean;
      default -> -z * z / 2 - Math.log(deviation) - Math.log(2 * Math.PI) / 2;
    };
  }

  private static double logFactorial(double y) {
    double log = 0;
    for (int k = 2; k <= y; k++) {
      log += Math.log(k);
    }
    return log;
  }
}
