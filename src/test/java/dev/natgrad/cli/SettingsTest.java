package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every option of {@code natgrad train} has an effect, or is refused, and stands in the results.
 */
class SettingsTest {
  /** Where a run reads and writes, and how it is looked at: nothing that decides it. */
  private static final Set<String> NOT_SETTINGS =
      Set.of(
          "--data",
          "--save",
          "--json",
          "--report",
          "--checkpoint",
          "--checkpoint-every",
          "--resume",
          "--diagnostics",
          "--diagnostics-every");

  @TempDir Path folder;

  private Cli run(String options) throws IOException {
    List<Object> args = new ArrayList<>();
    args.addAll(List.of("train", "--data", Tables.write(folder, "kind", 60)));
    args.addAll(List.of("--json", folder.resolve("result.json")));
    args.addAll(List.of(options.split(" ")));
    return Cli.run(args.toArray());
  }

  private Map<String, Object> settings(String options) throws IOException {
    Cli trained = run(options);
    assertEquals(0, trained.code(), trained.err());
    Map<?, ?> json = (Map<?, ?>) Json.parse(Files.readString(folder.resolve("result.json")));
    Map<String, Object> all = new HashMap<>();
    for (String part : List.of("settings", "natural_gradient")) {
      if (json.get(part) != null) {
        ((Map<?, ?>) json.get(part)).forEach((key, value) -> all.put(key.toString(), value));
      }
    }
    return all;
  }

  @Test
  void everySettingIsInTheResultsByItsName() throws IOException {
    Map<String, Object> found =
        settings(
            "--hidden=4,3 --activation=relu --steps=2 --seconds=50 --epochs=9 --decay=0.9"
                + " --epsilon=0.02 --chunk=256 --patience=7 --preconditioner=nystrom --rank=3"
                + " --cg-iterations=11 --cg-tolerance=0.01 --cg-candidates=2 --average=0.5");
    for (Option option : TrainSettings.TABLE.options()) {
      String key = option.name().substring(2).replace('-', '_');
      assertTrue(NOT_SETTINGS.contains(option.name()) || found.containsKey(key), option.name());
    }
    Map<String, Object> wanted = new HashMap<>();
    wanted.putAll(Map.of("hidden", "4,3", "activation", "relu", "steps", 2L, "seconds", 50.0));
    wanted.putAll(Map.of("epochs", 9L, "decay", 0.9, "epsilon", 0.02, "chunk", 256L));
    wanted.putAll(Map.of("patience", 7L, "preconditioner", "nystrom", "rank", 3L));
    wanted.putAll(Map.of("cg_iterations", 11L, "cg_tolerance", 0.01, "cg_candidates", 2L));
    wanted.putAll(Map.of("average", 0.5, "distribution", "categorical", "batch", 42L));
    wanted.forEach((key, value) -> assertEquals(value, found.get(key), key));
  }

  @Test
  void whatHasNoMeaningIsNullInTheResults() throws IOException {
    Map<String, Object> found =
        settings("--hidden=none --validation-fraction=0 --solver=minres --steps=1");
    for (String key : List.of("activation", "patience", "epochs", "preconditioner", "rank")) {
      assertTrue(found.containsKey(key), key);
      assertEquals(null, found.get(key), key);
    }
    assertEquals(30L, found.get("cg_iterations"));
    assertEquals("auto", settings("--batch=grow --steps=1").get("epsilon"));
  }

  /** Each of them was passed over without a word. */
  @ParameterizedTest
  @CsvSource({
    "--decay=0.9, give --epsilon NATS or --damping fixed:X",
    "--decay=0.9 --damping=adaptive:1, --decay has no meaning",
    "--decay=0.9 --damping=fixed:0, --decay has no meaning",
    "--patience=5 --validation-fraction=0, --patience has no meaning",
    "--hidden=none --activation=relu, --activation relu needs a hidden layer"
  })
  void anOptionWithoutEffectIsRefused(String options, String message) throws IOException {
    Cli refused = run(options);
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains(message), refused.err());
  }

  @Test
  void looksThatNobodySeesAreRefused() throws IOException {
    Path data = Tables.write(folder, "kind", 60);
    Cli refused = Cli.run("train", "--data", data, "--diagnostics-every", 2);
    assertEquals(2, refused.code(), refused.out());
    assertTrue(refused.err().contains("needs --json or --report"), refused.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--decay=0.9 --damping=fixed:1",
        "--decay=0.9 --optimizer=adam",
        "--decay=1",
        "--patience=auto --validation-fraction=0",
        "--hidden=4 --residual=1 --activation=relu"
      })
  void anOptionWithEffectIsNot(String options) throws IOException {
    Cli trained = run(options + " --steps=1");
    assertEquals(0, trained.code(), trained.err());
  }
}
