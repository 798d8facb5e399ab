package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input: one line of ours on standard error, exit code 2, nothing written. */
final class RefusalTest {
  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void writeTable() throws IOException {
    data = Tables.write(folder, "kind", 60);
  }

  private void refused(String message, Object... args) throws IOException {
    List<Path> before = files();
    Cli result = Cli.run(args);
    assertEquals(2, result.code(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().startsWith("natgrad: "), result.err());
    assertTrue(result.err().contains(message), result.err());
    assertEquals("", result.out());
    assertEquals(before, files());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.sorted().toList();
    }
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private void trainRefused(String message, Object... options) throws IOException {
    Object[] args = new Object[options.length + 7];
    args[0] = "train";
    args[1] = "--save";
    args[2] = folder.resolve("model.safetensors");
    args[3] = "--json=" + folder.resolve("result.json");
    args[4] = "--report=" + folder.resolve("report.html");
    args[5] = "--data";
    args[6] = data;
    System.arraycopy(options, 0, args, 7, options.length);
    refused(message, args);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --target     | height     | no column 'height'
          --target     | 9          | no column '9'
          --distribution | normal   | it must be one of auto, categorical, bernoulli, gaussian
          --distribution | poisson  | is not numeric
          --distribution | gamma:0  | --distribution gamma: is '0'; it must be from 0.001 to 1e9
          --distribution | poisson:2 | --distribution poisson takes no number; '2' was given
          --distribution | gaussian | kind
          --hidden     | 10,x       | --hidden is 'x'; it must be none, or widths between commas, each a whole number from 1 to 1000000
          --hidden     | 10,,3      | --hidden is ''
          --hidden     | -3         | --hidden is '-3'
          --hidden     | 1000000,1000000 | too large
          --hidden     | 200000,5000 | of memory
          --activation | sine       | identity, tanh, logistic, relu, softplus
          --optimizer  | sgd        | natural-gradient, gradient-descent, momentum, adam
          --epsilon    | 0          | --epsilon is '0'; it must be auto, or above 0
          --epsilon    | -0.1       | --epsilon is '-0.1'
          --epsilon    | NaN        | --epsilon is 'NaN'
          --epsilon    | 1e400      | --epsilon is '1e400'
          --learning-rate | 0.1     | --learning-rate has no meaning for natural-gradient
          --batch      | 0          | --batch is '0'; it must be auto, full, grow, or a whole number of at least 1
          --patience   | 0          | it must be auto, or a whole number of at least 1
          --batch      | 1.5        | --batch is '1.5'
          --chunk      | 100        | --chunk is '100'; it must be a multiple of 256
          --seconds    | 0          | --seconds is '0'; it must be above 0
          --seconds    | ten        | --seconds is 'ten'
          --steps      | -1         | --steps is '-1'
          --steps      | 99999999999999999999 | --steps is '99999999999999999999'
          --test-fraction | 1       | --test-fraction is '1'; it must be at least 0 and below 1
          --validation-fraction | -0.1 | --validation-fraction is '-0.1'
          --validation-fraction | 0.9 | their sum must be below 1
          --l2         | -1         | --l2 is '-1'; it must be from 0 to 1e6
          --precision  | f16        | f32, f64
          --seed       | x          | --seed is 'x'; it must be a whole number
          --fisher     | sampled:0  | --fisher is '0'; it must be sampled:N, N a whole number from 1 to 10000
          --fisher     | true       | exact, sampled, empirical
          --fisher-fraction | 0     | --fisher-fraction is '0'; it must be above 0 and at most 1
          --solver     | ekfac      | eigen-kronecker, blocks, dense, dual, diagonal; nearest
          --preconditioner | ilu    | diagonal, kronecker, nystrom
          --rank       | 8          | --rank has no meaning for --preconditioner diagonal
          --cg-candidates | 65      | --cg-candidates is '65'; it must be a whole number from 0 to 64
          --sed        | 1          | unknown option --sed; did you mean --seed?
          --optimiser  | adam       | unknown option --optimiser; did you mean --optimizer?
          --data       | other.csv  | --data is given twice
          """)
  void refusesAnOption(String option, String value, String message) throws IOException {
    trainRefused(message, option, value);
  }

  @Test
  void refusesTheDualFormWithoutDamping() throws IOException {
    String message = "the dual form divides by the damping";
    trainRefused(message, "--solver", "dual", "--damping", "fixed:0");
    trainRefused(message, "--solver", "dual", "--damping", "adaptive:0");
    trainRefused(
        "--solver dual divides by the damping", "--solver", "dual", "--damping-scale", "diagonal");
  }

  @Test
  void refusesOptionsWithoutValuesAndStrayWords() throws IOException {
    trainRefused("--seed needs a value", "--seed");
    trainRefused("--seed needs a value", "--seed", "--no-standardize");
    trainRefused("--no-standardize takes no value", "--no-standardize=yes");
    trainRefused("'iris' belongs to no option", "iris");
    trainRefused("no meaning for --solver minres", "--solver=minres", "--preconditioner=nystrom");
    trainRefused("choose --solver cg or minres", "--solver=blocks", "--cg-iterations", "5");
    trainRefused("has at most 4096", "--solver=blocks", "--hidden", "1500");
    Path many = Tables.write(folder, "kind", 500);
    refused(
        "a smaller --fisher-fraction, a larger --chunk or none",
        "train",
        "--data",
        many,
        "--solver=eigen-kronecker",
        "--chunk=256");
    trainRefused("--epsilon has no meaning for adam", "--optimizer=adam", "--epsilon", "0.1");
    refused("--data is missing", "train");
    refused("--data is missing", "train", "--data=");
    refused("unknown option --fast", "info", "--fast");
    refused("did you mean train?", "trian");
  }

  @Test
  void refusesFilesThatCannotBeWritten() throws IOException {
    Path absent = folder.resolve("absent/model");
    refused("there is no folder", "train", "--data", data, "--save", absent);
    refused("is a folder", "train", "--data", data, "--json", folder);
    refused("is the file of --data too", "train", "--data", data, "--report", data);
    Path same = folder.resolve("same");
    refused("is the file of --save too", "train", "--data", data, "--save", same, "--json", same);
    refused("no regular file", "train", "--data", data, "--json", "/dev/null");
  }

  /** What a checkpoint writes beside itself is no other option's file. */
  @Test
  void refusesTheNameOfThePreviousCheckpoint() throws IOException {
    Path checkpoint = folder.resolve("a");
    Path previous = folder.resolve("a.previous");
    String use = previous + " is where --checkpoint keeps the checkpoint before the last";
    for (String option : List.of("--save", "--json", "--report")) {
      refused(
          option + " " + use,
          "train",
          "--data",
          data,
          "--checkpoint",
          checkpoint,
          option,
          previous);
    }
    Files.copy(data, previous);
    refused("--data " + use, "train", "--data", previous, "--checkpoint", checkpoint);
    Path link = Files.createSymbolicLink(folder.resolve("link"), checkpoint);
    refused("--save " + use, "train", "--data", data, "--checkpoint", link, "--save", previous);
    Files.delete(previous);
    Files.createDirectory(previous);
    refused("cannot be kept twice", "train", "--data", data, "--checkpoint", checkpoint);
  }

  @Test
  void refusesData() throws IOException {
    Path gone = folder.resolve("gone.csv");
    refused("gone.csv", "train", "--data", gone);
    refused("is a directory", "train", "--data", folder);
    Path ragged = file("ragged.csv", "a,b,c", "1,2,x", "3,4", "5,6,y");
    refused("line 3", "train", "--data", ragged);
    Path one = file("one.csv", "a,b", "1,x", "2,x", "3,x");
    refused("the one value 'x'", "train", "--data", one);
    Path odd = Tables.write(folder, "amount", 50);
    refused("needs counts 0, 1, 2", "train", "--data", odd, "--distribution=poisson");
    Path signed = file("signed.csv", "a,b", "1,-2", "2,3", "3,4", "4,1", "5,2", "6,3");
    refused("needs numbers above 0", "train", "--data", signed, "--distribution=gamma");
    Path few = file("few.csv", "a,b", "1,x", "2,y", "3,x");
    refused("(--test-fraction 0 --validation-fraction 0)", "train", "--data", few);
    Path empty = file("empty.csv");
    refused("empty.csv", "train", "--data", empty);
    Path column = file("column.csv", "a", "1", "2", "3");
    refused("one column", "train", "--data", column);
  }

  @Test
  void refusesToPredict() throws IOException {
    Path model = folder.resolve("m.safetensors");
    refused("--model is missing", "predict", "--data", data);
    refused("--data is missing", "predict", "--model", model);
    refused("m.safetensors", "predict", "--model", model, "--data", data);
    refused("ragged.csv", "predict", "--model", file("ragged.csv", "a"), "--data", data);
    Cli trained = Cli.run("train", "--data", data, "--steps", 1, "--save", model);
    assertEquals(0, trained.code(), trained.err());
    Path other = file("other.csv", "size,colour", "1,red");
    refused("no column noise", "predict", "--model", model, "--data", other);
    Path text = file("text.csv", "size,colour,noise", "tall,red,1", "2,red,1");
    refused("tall", "predict", "--model", model, "--data", text);
    refused(
        "is the file of --model too",
        "predict",
        "--model",
        model,
        "--data",
        data,
        "--output",
        model);
  }

  /** After the training it was too late: nothing was left of the run. */
  @Test
  void aLinkThatLeadsNowhereIsRefusedBeforeTraining() throws IOException {
    Path data = Tables.write(folder, "kind", 60);
    Path gone = folder.resolve("gone");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), gone.resolve("j.json"));
    Cli run = Cli.run("train", "--data", data, "--steps", 1, "--json", link);
    assertEquals(2, run.code());
    assertEquals("", run.out());
    String reason = "--json " + link + " cannot be written: there is no folder " + gone;
    assertTrue(run.err().contains(reason), run.err());
    Files.createDirectory(gone);
    assertEquals(0, Cli.run("train", "--data", data, "--steps", 1, "--json", link).code());
    assertTrue(Files.exists(gone.resolve("j.json")));
  }

  @Test
  void oneFileThatCannotBeWrittenCostsNoOther() throws IOException {
    Path data = Tables.write(folder, "kind", 60);
    Path tooLong = folder.resolve("j".repeat(300));
    Path model = folder.resolve("model");
    Cli run = Cli.run("train", "--data", data, "--steps", 1, "--json", tooLong, "--save", model);
    assertEquals(2, run.code());
    assertTrue(run.err().contains("j".repeat(300)), run.err());
    assertTrue(run.out().contains("model        " + model), run.out());
    assertFalse(run.out().contains("results"), run.out());
    assertEquals(0, Cli.run("predict", "--model", model, "--data", data).code());
  }

  @Test
  void aNameThatTheLocaleCannotWriteSaysSo() throws IOException {
    refused("letters beyond ASCII need a locale such as LC_ALL=C.UTF-8", "train", "--data=\ud800");
  }

  @Test
  void namesOfSeveralLinesStandOnOne() throws IOException {
    StringBuilder text = new StringBuilder("a,\"b\nc\",\"y\u001b[1m\nz\"\n");
    for (int i = 0; i < 30; i++) {
      text.append(i).append(",n").append(i).append(',').append(i + 0.5).append('\n');
    }
    Path data = Files.writeString(folder.resolve("lines.csv"), text);
    Path report = folder.resolve("report.html");
    Cli run = Cli.run("train", "--data", data, "--steps", 1, "--report", report);
    assertTrue(run.out().contains("target       'y [1m z': gaussian"), run.out());
    assertTrue(run.out().contains("note         b c is left out"), run.out());
    String page = Files.readString(report);
    assertTrue(page.contains("KL of a step: "), page);
    assertTrue(page.contains("steps taken: 1"), page);
    Cli none = Cli.run("train", "--data", data, "--seconds", "1e-9");
    assertTrue(none.out().contains("steps taken  0"), none.out());
    assertFalse(none.out().contains("KL of a step"), none.out());
  }

  @Test
  void helpTakesACommand() {
    assertEquals(Cli.run("train", "--help"), Cli.run("help", "train"));
    assertEquals(Cli.run("--help"), Cli.run("help"));
    assertTrue(Cli.run("help", "tain").err().contains("did you mean train?"));
    assertEquals(Cli.run("--version"), Cli.run("version"));
  }

  @Test
  void helpsAndTellsItsVersion() {
    for (String command : List.of("train", "predict", "info")) {
      Cli help = Cli.run(command, "--help");
      assertEquals(0, help.code());
      assertTrue(help.out().startsWith("usage: natgrad " + command), help.out());
      help.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
      assertEquals(help, Cli.run(command, "--seed", "x", "-h"));
    }
    assertTrue(Cli.run("predict", "--help").out().contains("deviation"));
    Cli all = Cli.run("--help");
    assertEquals(0, all.code());
    assertTrue(all.out().contains("predict"), all.out());
    Cli none = Cli.run();
    assertEquals(2, none.code());
    assertEquals(all.out(), none.err());
    assertTrue(Cli.run("--version").out().matches("natgrad \\d+\\..*\\R"));
  }

  @Test
  void describesThisJvm() {
    Cli info = Cli.run("info");
    assertEquals(0, info.code(), info.out());
    assertTrue(info.out().matches("(?s).*vectors +(128|256|512) bits.*"), info.out());
    assertTrue(info.out().contains(System.getProperty("java.vm.version")), info.out());
    assertTrue(info.out().matches("(?s).*missing +nothing.*"), info.out());
    assertFalse(info.out().contains("unknown"), info.out());
  }
}
