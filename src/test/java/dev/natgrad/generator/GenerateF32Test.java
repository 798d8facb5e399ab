package dev.natgrad.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.generator.GenerateF32.NotDerivable;
import dev.natgrad.generator.GenerateF32.Summary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateF32Test {

  @TempDir Path folder;
  private Path f64;
  private Path handwritten;
  private Path derived;

  @BeforeEach
  void makeFolders() throws IOException {
    f64 = Files.createDirectory(folder.resolve("f64"));
    handwritten = Files.createDirectory(folder.resolve("f32"));
    derived = folder.resolve("derived");
  }

  @Test
  void theSampleIsRewrittenTokenByToken() throws Exception {
    assertEquals(
        golden("Sample.f32.txt"), GenerateF32.derive("Sample.java", golden("Sample.f64.txt")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.5", "1.", ".25", "1e3", "1e-3", "2d", "3F", "1_0.0", "0x1p-3", "0x1.8p1"})
  void aDecimalLiteralIsRefusedWithFileAndLine(String literal) {
    NotDerivable refusal =
        assertThrows(
            NotDerivable.class,
            () ->
                GenerateF32.derive(
                    "kernel/f64/Bad.java", "class Bad {\n\n  int a = " + literal + ";\n}\n"));
    assertTrue(
        refusal.getMessage().startsWith("kernel/f64/Bad.java:3: decimal literal " + literal + ";"),
        refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "1_000", "10L", "0xDF", "0xE1", "0xFFL", "0b11", "017"})
  void anIntegerLiteralStays(String literal) throws Exception {
    assertTrue(
        GenerateF32.derive("A.java", "int a = " + literal + ";").endsWith("= " + literal + ";"));
  }

  @Test
  void everyTokenWithoutCounterpartIsNamed() {
    NotDerivable refusal =
        assertThrows(
            NotDerivable.class,
            () ->
                GenerateF32.derive(
                    "Bits.java", "long a = Double.doubleToRawLongBits(x);\nD2I;\n/** D2I */"));
    List<String> lines = refusal.getMessage().lines().toList();
    assertEquals(2, lines.size(), refusal.getMessage());
    assertTrue(lines.get(0).startsWith("Bits.java:1: 'doubleToRawLongBits'"), lines.get(0));
    assertTrue(lines.get(1).startsWith("Bits.java:2: 'D2I'"), lines.get(1));
  }

  @Test
  void aMarkerThatPinsNothingIsRefused() {
    NotDerivable refusal =
        assertThrows(
            NotDerivable.class, () -> GenerateF32.derive("A.java", "/*f64*/ int a = 1;\n"));
    assertTrue(refusal.getMessage().contains("A.java:1: the marker"), refusal.getMessage());
  }

  @Test
  void handwrittenAndF64OnlyFilesAreSkippedAndListed() throws Exception {
    write(f64, "Axpy.java", "double x;\n");
    write(f64, "Constants.java", "double u = 0.5;\n");
    write(f64, "Table64Only.java", "double t = 0.25;\n");
    write(handwritten, "Constants.java", "float u = 0.5f;\n");

    Summary summary = GenerateF32.run(f64, handwritten, derived);

    assertEquals(List.of("Axpy.java"), summary.derived());
    assertEquals(
        List.of("Constants.java (written by hand)", "Table64Only.java (f64 only)"),
        summary.skipped());
    assertEquals(
        "// Generated from kernel/f64/Axpy.java. Do not edit.\nfloat x;\n",
        Files.readString(derived.resolve("Axpy.java")));
    assertFalse(Files.exists(derived.resolve("Constants.java")));
    assertFalse(Files.exists(derived.resolve("Table64Only.java")));
  }

  @Test
  void onlyWhatChangedIsWrittenAndWhatLostItsSourceIsDeleted() throws Exception {
    write(f64, "A.java", "double a;\n");
    write(f64, "B.java", "double b;\n");
    assertEquals(2, GenerateF32.run(f64, handwritten, derived).written());
    FileTime past = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(derived.resolve("A.java"), past);

    assertEquals(0, GenerateF32.run(f64, handwritten, derived).written());
    write(f64, "B.java", "double changed;\n");
    assertEquals(1, GenerateF32.run(f64, handwritten, derived).written());
    Files.delete(f64.resolve("B.java"));
    assertEquals(1, GenerateF32.run(f64, handwritten, derived).written());

    assertEquals(past, Files.getLastModifiedTime(derived.resolve("A.java")));
    assertFalse(Files.exists(derived.resolve("B.java")));
  }

  @Test
  void aRefusedSourceLeavesEveryFileAsItWas() throws Exception {
    write(f64, "A.java", "double a;\n");
    GenerateF32.run(f64, handwritten, derived);
    write(f64, "A.java", "double changed;\n");
    write(f64, "B.java", "double b = 0.5;\n");

    assertThrows(NotDerivable.class, () -> GenerateF32.run(f64, handwritten, derived));

    assertTrue(Files.readString(derived.resolve("A.java")).endsWith("float a;\n"));
    assertFalse(Files.exists(derived.resolve("B.java")));
  }

  private static void write(Path folder, String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = GenerateF32Test.class.getResourceAsStream("/generator/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
