package dev.natgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Imports go one way, as docs/architecture.md draws them; read from the compiled classes. */
class ArchitectureTest {
  private static final Path CLASSES = Path.of("target", "classes", "dev", "natgrad");
  private static final Pattern NAME = Pattern.compile("dev/natgrad/([a-z0-9/]+)/[A-Z]");

  /** What each package may use, besides itself. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("memory", Set.of()),
          Map.entry("random", Set.of()),
          Map.entry("json", Set.of()),
          Map.entry("report", Set.of()),
          Map.entry("kernel", Set.of()),
          Map.entry("kernel/f64", Set.of("kernel")),
          Map.entry("kernel/f32", Set.of("kernel")),
          Map.entry("kernel/wide", Set.of("kernel", "kernel/f64")),
          Map.entry(
              "linalg", Set.of("memory", "kernel", "kernel/f64", "kernel/f32", "kernel/wide")),
          Map.entry("operator", Set.of("linalg", "memory")),
          Map.entry("solver", Set.of("operator", "linalg", "memory")),
          Map.entry("model", Set.of("linalg", "memory", "random")),
          Map.entry("distribution", Set.of("linalg", "memory", "random")),
          Map.entry(
              "fisher", Set.of("model", "distribution", "operator", "linalg", "memory", "random")),
          Map.entry(
              "optimizer",
              Set.of("fisher", "solver", "model", "distribution", "operator", "linalg", "memory")),
          Map.entry(
              "training",
              Set.of("optimizer", "model", "distribution", "linalg", "memory", "random", "json")));

  /** The rooms at the top may use any of the others, but nothing may use the command line. */
  private static final Set<String> TOP = Set.of("demo", "cli");

  private static Map<String, Set<String>> found() throws IOException {
    Map<String, Set<String>> uses = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(CLASSES)) {
      files = walk.filter(file -> file.toString().endsWith(".class")).toList();
    }
    for (Path file : files) {
      String from = CLASSES.relativize(file.getParent()).toString().replace('\\', '/');
      ClassModel model = ClassFile.of().parse(file);
      for (PoolEntry entry : model.constantPool()) {
        // Descriptors, signatures and annotations name classes that no class entry does.
        String text =
            entry instanceof ClassEntry type
                ? type.asInternalName()
                : entry instanceof Utf8Entry utf8 ? utf8.stringValue() : "";
        Matcher matcher = NAME.matcher(text);
        while (matcher.find()) {
          if (!matcher.group(1).equals(from)) {
            uses.computeIfAbsent(from, key -> new TreeSet<>()).add(matcher.group(1));
          }
        }
      }
    }
    return uses;
  }

  @Test
  void importsGoOneWay() throws IOException {
    List<String> wrong = new ArrayList<>();
    found()
        .forEach(
            (from, targets) -> {
              for (String to : targets) {
                boolean allowed =
                    TOP.contains(from)
                        ? !to.equals("cli") && !to.startsWith("kernel/")
                        : ALLOWED.getOrDefault(from, Set.of()).contains(to);
                if (!allowed) {
                  wrong.add(from + " → " + to);
                }
              }
            });
    assertEquals(List.of(), wrong);
  }

  /** So that the test cannot pass by finding nothing. */
  @Test
  void knownImportsAreFound() throws IOException {
    Map<String, Set<String>> found = found();
    assertTrue(found.get("optimizer").contains("solver"), found::toString);
    assertTrue(found.get("linalg").contains("kernel/f32"), found::toString);
  }
}
