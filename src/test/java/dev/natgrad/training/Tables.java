package dev.natgrad.training;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tables for tests: from text, or from real files where those are present. */
final class Tables {
  private Tables() {}

  static CsvTable of(String text) {
    try {
      Path file = Files.createTempFile("natgrad", ".csv");
      try {
        return CsvTable.read(Files.writeString(file, text));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A file beside the repository, or in the folder that NATGRAD_DATA names; skips if absent. */
  static Path real(String name) {
    String folder = System.getenv().getOrDefault("NATGRAD_DATA", "../shared/data");
    Path file = Path.of(folder, name);
    assumeTrue(Files.exists(file), () -> file + " is absent");
    return file;
  }
}
