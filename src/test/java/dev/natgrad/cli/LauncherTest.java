package dev.natgrad.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The image's script, with a java beside it that tells how it was called. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final Path SCRIPT = Path.of("src/main/launcher/natgrad");
  private static final String JAVA =
      "#!/bin/sh\necho $$\necho \"$LC_ALL\"\nfor a in \"$@\"; do echo \"$a\"; done\n";

  @TempDir Path folder;
  private Path launcher;

  @BeforeEach
  void build() throws IOException {
    Path bin = Files.createDirectories(folder.resolve("an image").resolve("bin"));
    launcher = Files.copy(SCRIPT, bin.resolve("natgrad"));
    launcher.toFile().setExecutable(true);
    Path java = Files.writeString(bin.resolve("java"), JAVA);
    java.toFile().setExecutable(true);
  }

  /** Process number, LC_ALL and the arguments that java sees. */
  private List<String> run(Path script, Map<String, String> locale) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(script.toString(), "train", "a b", "");
    builder.redirectErrorStream(true);
    for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      builder.environment().remove(name);
    }
    builder.environment().putAll(locale);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    List<String> lines = Arrays.asList(out.split("\n", -1));
    // A signal to the launcher must reach the JVM, so they are one process.
    assertEquals(Long.toString(process.pid()), lines.get(0));
    assertEquals(
        List.of("-m", "dev.natgrad/dev.natgrad.cli.Main", "train", "a b", "", ""),
        lines.subList(2, lines.size()));
    return lines;
  }

  @Test
  void runsInAFolderWithASpaceInItsName() throws Exception {
    run(launcher, Map.of());
  }

  @Test
  void runsBehindSymbolicLinks() throws Exception {
    Path links = Files.createDirectory(folder.resolve("links"));
    Path absolute = Files.createSymbolicLink(links.resolve("absolute"), launcher);
    Path relative = Files.createSymbolicLink(links.resolve("relative"), links.relativize(launcher));
    Path second = Files.createSymbolicLink(links.resolve("second"), Path.of("relative"));
    for (Path link : List.of(absolute, relative, second)) {
      run(link, Map.of());
    }
  }

  @Test
  void aLocaleOfAsciiAloneBecomesOneOfAllLetters() throws Exception {
    assertEquals("C.UTF-8", run(launcher, Map.of()).get(1));
    assertEquals("C.UTF-8", run(launcher, Map.of("LC_ALL", "C")).get(1));
    assertEquals("C.UTF-8", run(launcher, Map.of("LC_ALL", "", "LANG", "POSIX")).get(1));
    assertEquals("", run(launcher, Map.of("LANG", "de_DE.UTF-8")).get(1));
    assertEquals("de_DE", run(launcher, Map.of("LC_ALL", "de_DE", "LANG", "C")).get(1));
  }
}
