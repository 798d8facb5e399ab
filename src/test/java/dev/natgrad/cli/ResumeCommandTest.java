package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.json.Json;
import dev.natgrad.training.ModelFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code natgrad train} with checkpoints and the natural gradient's own options. */
class ResumeCommandTest {
  @TempDir Path folder;
  private Path data;

  /** What one command left: its exit code, and what it wrote to both streams. */
  private record Ran(int code, String text) {}

  @BeforeEach
  void write() throws IOException {
    data = folder.resolve("data.csv");
    Random random = new Random(3);
    StringBuilder text = new StringBuilder("a,b,t\n");
    for (int i = 0; i < 60; i++) {
      double a = random.nextDouble();
      double b = random.nextDouble();
      text.append(a).append(',').append(b).append(',').append(a + b > 1 ? "x" : "y").append('\n');
    }
    Files.writeString(data, text);
  }

  private Ran train(String... options) {
    List<String> args = new ArrayList<>(List.of("train", "--data", data.toString()));
    args.addAll(List.of("--hidden", "3"));
    args.addAll(List.of(options));
    if (!args.contains("--validation-fraction")) {
      args.addAll(List.of("--patience", "1000"));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int code = CommandLine.run(args.toArray(new String[0]), out, out);
    return new Ran(code, bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aResumedRunSavesTheModelOfOneThatNeverStopped() throws IOException {
    String whole = folder.resolve("whole").toString();
    String resumed = folder.resolve("resumed").toString();
    String checkpoint = folder.resolve("checkpoint").toString();
    train("--steps", "6", "--json", whole);
    assertEquals(0, train("--steps", "3", "--checkpoint", checkpoint).code);
    Ran second = train("--steps", "6", "--checkpoint", checkpoint, "--resume", "--json", resumed);
    assertTrue(second.text.contains("after step 3"), second.text);
    assertEquals(losses(whole), losses(resumed));
    Ran other = train("--steps", "9", "--checkpoint", checkpoint, "--resume", "--seed", "2");
    assertEquals(CommandLine.REFUSED, other.code);
    assertTrue(other.text.contains("is of another run"), other.text);
  }

  /** With the header for a row there is one sample more. */
  @Test
  void anotherHeaderIsAnotherRun() throws IOException {
    List<String> lines = Files.readAllLines(data);
    lines.set(0, "1,2,x");
    Files.write(data, lines);
    String checkpoint = folder.resolve("checkpoint").toString();
    assertEquals(0, train("--header", "yes", "--steps", "2", "--checkpoint", checkpoint).code);
    Ran other = train("--steps", "4", "--checkpoint", checkpoint, "--resume");
    assertEquals(CommandLine.REFUSED, other.code, other.text);
    assertTrue(other.text.contains("is of another run"), other.text);
    Ran same = train("--header", "yes", "--steps", "4", "--checkpoint", checkpoint, "--resume");
    assertTrue(same.text.contains("after step 2"), same.text);
  }

  /** Weights are no features: the checkpoint must know them all the same. */
  @Test
  void otherWeightsAreAnotherRun() throws IOException {
    List<String> lines = Files.readAllLines(data);
    String checkpoint = folder.resolve("checkpoint").toString();
    String[] options = {"--target", "t", "--objective", "weighted:w", "--checkpoint", checkpoint};
    weigh(lines, 1);
    assertEquals(0, train(with(options, "--steps", "2")).code);
    weigh(lines, 3);
    Ran other = train(with(options, "--steps", "4", "--resume"));
    assertEquals(CommandLine.REFUSED, other.code, other.text);
    assertTrue(other.text.contains("is of another run"), other.text);
    weigh(lines, 1);
    Ran same = train(with(options, "--steps", "4", "--resume"));
    assertTrue(same.text.contains("after step 2"), same.text);
  }

  /** The table again with a column of weights, all 1 but that of the first rows. */
  private void weigh(List<String> lines, int first) throws IOException {
    StringBuilder text = new StringBuilder(lines.get(0)).append(",w\n");
    for (int i = 1; i < lines.size(); i++) {
      text.append(lines.get(i)).append(i <= 30 ? "," + first : ",1").append('\n');
    }
    Files.writeString(data, text);
  }

  private static String[] with(String[] options, String... more) {
    String[] all = Arrays.copyOf(options, options.length + more.length);
    System.arraycopy(more, 0, all, options.length, more.length);
    return all;
  }

  private static List<String> losses(String json) throws IOException {
    return Files.readAllLines(Path.of(json)).stream().filter(l -> l.contains("_loss")).toList();
  }

  @Test
  void everyWayToTheDirectionTrains() {
    for (String solver : List.of("cg", "kronecker", "dense", "dual", "diagonal")) {
      for (String fisher : List.of("exact", "sampled", "empirical")) {
        Ran ran = train("--steps", "2", "--solver", solver, "--fisher", fisher, "--momentum");
        assertEquals(0, ran.code, ran.text);
      }
    }
    assertEquals(0, train("--steps", "2", "--cg-candidates", "0").code);
    Ran ran = train("--steps", "2", "--preconditioner", "kronecker", "--damping", "fixed:0.1");
    assertEquals(0, ran.code, ran.text);
    assertEquals(0, train("--steps", "2", "--kl-direction", "new-old", "--average", "all").code);
  }

  @Test
  void diagnosticsAreShownAndWritten() throws IOException {
    Path json = folder.resolve("json");
    Ran ran = train("--steps", "3", "--diagnostics", "--json", json.toString());
    assertTrue(ran.text.contains("effective dimension"), ran.text);
    assertTrue(Files.readString(json).contains("largest_eigenvalue"));
  }

  @Test
  void theCurvatureIsLookedAtOnTheWay() throws IOException {
    Path json = folder.resolve("looks.json");
    Path page = folder.resolve("looks.html");
    String[] often = {"--steps", "6", "--diagnostics-every", "2", "--validation-fraction", "0"};
    Path kept = folder.resolve("with");
    Path bare = folder.resolve("without");
    assertEquals(
        0, train("--steps", "6", "--validation-fraction", "0", "--save", bare.toString()).code);
    String[] all = Arrays.copyOf(often, 12);
    all[6] = "--json";
    all[7] = json.toString();
    all[8] = "--report";
    all[9] = page.toString();
    all[10] = "--save";
    all[11] = kept.toString();
    assertEquals(0, train(all).code);
    assertArrayEquals(
        ModelFile.read(bare).parameters(), ModelFile.read(kept).parameters(), "looking changed it");
    @SuppressWarnings("unchecked")
    Map<String, Object> found =
        (Map<String, Object>)
            ((Map<String, Object>) Json.parse(Files.readString(json))).get("diagnostics");
    assertEquals(6L, found.get("step"));
    assertEquals(2, ((List<?>) found.get("on_the_way")).size());
    List<?> spectrum = (List<?>) found.get("spectrum");
    double before = 0;
    for (Object point : spectrum) {
      double above = ((Number) ((Map<?, ?>) point).get("above")).doubleValue();
      assertTrue(above >= before, spectrum::toString);
      before = above;
    }
    String html = Files.readString(page);
    for (String part : List.of("after step 2", "after step 6", "Effective dimension")) {
      assertTrue(html.contains(part), part);
    }
  }

  /**
   * The looks made before the stop were lost, so the report of a resumed run began in its middle.
   */
  @Test
  void looksMadeBeforeAStopAreKept() throws IOException {
    Path whole = folder.resolve("whole.json");
    Path resumed = folder.resolve("resumed.json");
    Path checkpoint = folder.resolve("checkpoint");
    String[] often = {"--diagnostics-every", "2", "--validation-fraction", "0"};
    assertEquals(0, train(with(often, "--steps", "6", "--json", whole.toString())).code);
    String[] kept = with(often, "--checkpoint", checkpoint.toString());
    assertEquals(0, train(with(kept, "--steps", "3")).code);
    String[] rest = {"--steps", "6", "--resume", "--json", resumed.toString()};
    Ran second = train(with(kept, rest));
    assertTrue(second.text.contains("after step 3"), second.text);
    assertEquals(looks(whole), looks(resumed));
    // Without looks the run goes on from the same checkpoint all the same, and shows none.
    Ran bare =
        train(
            "--validation-fraction",
            "0",
            "--steps",
            "7",
            "--checkpoint",
            checkpoint.toString(),
            "--resume");
    assertTrue(bare.text.contains("after step 6"), bare.text);
    assertFalse(bare.text.contains("Fisher"), bare.text);
  }

  private static List<?> looks(Path json) throws IOException {
    Map<?, ?> found =
        (Map<?, ?>) ((Map<?, ?>) Json.parse(Files.readString(json))).get("diagnostics");
    List<Object> looks = new ArrayList<>((List<?>) found.get("on_the_way"));
    assertEquals(2, looks.size());
    looks.add(found.get("spectrum"));
    looks.add(found.get("kl_model"));
    return looks;
  }

  @Test
  void misspeltAndMeaninglessOptionsAreRefused() {
    assertTrue(train("--solver", "kroneker").text.contains("nearest is kronecker"));
    assertTrue(train("--optimizer", "adam", "--momentum").text.contains("has no meaning for adam"));
    assertTrue(train("--resume").text.contains("needs --checkpoint"));
    assertTrue(train("--damping", "0.1").text.contains("adaptive:X or fixed:X"));
    assertTrue(train("--solver", "dense", "--cg-iterations", "3").text.contains("no meaning"));
  }

  @Test
  void aDivergedControlIsAFailure() {
    Ran ran = train("--optimizer", "gradient-descent", "--learning-rate", "1e6", "--l2", "1");
    assertTrue(ran.text.contains("diverged"), ran.text);
    assertEquals(CommandLine.FAILED, ran.code);
  }
}
