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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks other than plain layers, and how far and how long a run goes, from the command line. */
final class NetworkOptionsTest {
  @TempDir Path folder;

  @SuppressWarnings("unchecked")
  private Map<String, Object> train(Path data, String options) throws IOException {
    Path result = folder.resolve("result.json");
    List<Object> args = new ArrayList<>(List.of("train", "--data", data, "--json", result));
    args.addAll(List.of(options.split(" ")));
    Cli trained = Cli.run(args.toArray());
    assertEquals(0, trained.code(), trained.err());
    return (Map<String, Object>) Json.parse(Files.readString(result));
  }

  private static double number(Map<String, Object> json, String key) {
    return ((Number) json.get(key)).doubleValue();
  }

  @ParameterizedTest
  @CsvSource({
    "kind, --hidden=8 --residual=2, residual",
    "kind, --hidden=8 --residual=1 --solver=auto, residual",
    "kind, '--hidden=8,6 --normalization=inputs', normalised",
    "flag, '--hidden=8 --normalization=sums --precision=f64', normalised",
    "count, --hidden=4 --residual=1 --distribution=poisson, residual"
  })
  void otherNetworksTrainAndPredict(String target, String options, String words)
      throws IOException {
    Path data = Tables.write(folder, target, 300);
    Path model = folder.resolve("model");
    Map<String, Object> json = train(data, options + " --steps=25 --save=" + model);
    assertTrue(json.get("network").toString().contains(words), json.toString());
    assertEquals(0L, json.get("kl_violations"));
    List<?> history = (List<?>) json.get("history");
    double before = ((Number) ((Map<?, ?>) history.get(0)).get("train_loss")).doubleValue();
    assertTrue(number(json, "train_loss") < before, json.toString());
    assertEquals(301, Cli.run("predict", "--model", model, "--data", data).out().lines().count());
    Path copy = folder.resolve("copy");
    ModelFile.write(copy, ModelFile.read(model), Version.text());
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(copy));
  }

  /** The rounding bound of a normalisation grew by some 4 with each layer, so no step was taken. */
  @Test
  void deepResidualNetworksTrainInSinglePrecision() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Map<String, Object> json = train(data, "--hidden=32 --residual=6 --steps=3 --seconds=400");
    assertEquals(3L, json.get("accepted"), json.toString());
    assertTrue(number(json, "kl_bound") < 1, json.toString());
  }

  @Test
  void aBoundBelowTheRoundingSaysWhatHelps() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Object[] args = {
      "train", "--data", data, "--hidden=8", "--epsilon=1e-13", "--steps=2", "--seconds=400"
    };
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    assertTrue(trained.out().contains("refused 2"), trained.out());
    assertTrue(trained.out().contains("--precision f64"), trained.out());
  }

  /** Refused for their rounding before it was measured. */
  @Test
  void deepResidualNetworksTrainAsTheyCome() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Object[] args = {
      "train", "--data", data, "--hidden=8", "--residual=60", "--steps=2", "--seconds=400"
    };
    Cli trained = Cli.run(args);
    assertEquals(0, trained.code(), trained.err());
    assertTrue(trained.out().contains("refused 0"), trained.out());
  }

  /** Counts start at their mean, wherever the network keeps the biases of its outputs. */
  @ParameterizedTest
  @ValueSource(strings = {"--hidden=none", "--hidden=4 --residual=1"})
  void countsStartAtTheirMean(String options) throws IOException {
    Path data = Tables.write(folder, "count", 300);
    Path model = folder.resolve("model");
    train(
        data,
        options
            + " --distribution=poisson --steps=1 --optimizer=gradient-descent --precision=f64"
            + " --learning-rate=1e-12 --validation-fraction=0 --test-fraction=0 --save="
            + model);
    double mean =
        Files.readAllLines(data).stream()
            .skip(1)
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
            .average()
            .orElseThrow();
    TrainedModel trained = ModelFile.read(model);
    String last = "layer" + (trained.network().layers().size() - 1) + ".bias";
    int bias = trained.network().layout().block(last).offset();
    assertEquals(Math.log(mean), trained.parameters()[bias], 1e-9);
  }

  @Test
  void epochsEndARun() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    String rest = " --validation-fraction=0 --test-fraction=0 --optimizer=adam --seconds=60";
    assertEquals(12L, train(data, "--epochs=3 --batch=50" + rest).get("steps"));
    // The rest of an epoch that fills no batch is left out.
    assertEquals(8L, train(data, "--epochs=2 --batch=45" + rest).get("steps"));
    Path few = Tables.write(folder, "kind", 84);
    assertEquals(1L, train(few, "--epochs=1 --batch=64" + rest).get("steps"));
    assertEquals(3L, train(data, "--epochs=3 --batch=full" + rest).get("steps"));
    assertEquals(2L, train(data, "--epochs=3 --batch=50 --steps=2" + rest).get("steps"));
    Map<String, Object> grown =
        train(data, "--epochs=2 --batch=grow --validation-fraction=0 --test-fraction=0");
    assertTrue(number(grown, "steps") <= 5, grown.toString());
  }

  @Test
  void everyRowIsBounded() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Map<String, Object> json =
        train(data, "--kl-over=maximum --epsilon=0.05 --steps=10 --cg-tolerance=0.01");
    assertEquals("maximum", ((Map<?, ?>) json.get("natural_gradient")).get("kl_over"));
    assertTrue(number(json, "kl_max") <= 0.05, json.toString());
    assertTrue(number(json, "accepted") > 0, json.toString());
  }

  @Test
  void aNamedSolverBringsItsRecipe() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Map<?, ?> recommended =
        (Map<?, ?>) train(data, "--solver=auto --steps=2 --hidden=40").get("natural_gradient");
    assertEquals("kronecker", recommended.get("solver"));
    Map<?, ?> named =
        (Map<?, ?>) train(data, "--solver=kronecker --steps=2 --hidden=40").get("natural_gradient");
    assertEquals(recommended, named);
    Map<?, ?> plain = (Map<?, ?>) train(data, "--solver=cg --steps=2").get("natural_gradient");
    assertEquals(10.0, plain.get("damping_first"));
  }

  @Test
  void diagnosticsHaveATraceOfEveryStep() throws IOException {
    Path data = Tables.write(folder, "kind", 200);
    Map<String, Object> json = train(data, "--diagnostics --steps=4");
    List<?> steps = (List<?>) ((Map<?, ?>) json.get("diagnostics")).get("steps");
    assertEquals(4, steps.size());
    for (Object item : steps) {
      Map<?, ?> step = (Map<?, ?>) item;
      assertTrue(((Number) step.get("beta")).doubleValue() > 0, step.toString());
      assertTrue(((Number) step.get("products")).longValue() > 0, step.toString());
      assertTrue(((Number) step.get("gradient_norm")).doubleValue() > 0, step.toString());
      assertTrue(step.get("cg_status") instanceof String, step.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'--residual=2 --hidden=8,6', --hidden has 2",
    "'--residual=2 --hidden=none', --hidden has 0",
    "--residual=2 --normalization=sums, no meaning for --residual",
    "--hidden=none --normalization=sums, needs a hidden layer",
    "--residual=0, from 1 to",
    "--epochs=0, from 1 to",
    "--cg-tolerance=1, above 0 and below 1",
    "--solver=dual --cg-tolerance=0.1, choose --solver cg or minres",
    "--kl-over=median, mean"
  })
  void refusesWhatDoesNotGoTogether(String options, String words) throws IOException {
    Path data = Tables.write(folder, "kind", 50);
    List<Object> args = new ArrayList<>(List.of("train", "--data", data));
    args.addAll(List.of(options.split(" ")));
    Cli refused = Cli.run(args.toArray());
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains(words), refused.err());
  }
}
