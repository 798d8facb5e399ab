package dev.natgrad.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path directory;

  @Test
  void createsAndReplaces() throws IOException {
    Path target = directory.resolve("report.html");
    AtomicFile.replace(target, "first, longer than the second");
    AtomicFile.replace(target, "zweite ε");
    assertEquals("zweite ε", Files.readString(target));
    assertEquals(List.of("report.html"), names(directory));
  }

  @Test
  void aLinkStaysALink() throws IOException {
    Path real = Files.writeString(directory.resolve("real.html"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link.html"), real);
    AtomicFile.replace(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(real));
  }

  @Test
  void aLinkToNothingYetIsFollowed() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("folder"));
    Path second = directory.resolve("second.html");
    Files.createSymbolicLink(second, Path.of("folder", "new.html"));
    Path first = Files.createSymbolicLink(directory.resolve("first.html"), second);
    AtomicFile.replace(first, "new");
    assertTrue(Files.isSymbolicLink(first) && Files.isSymbolicLink(second), "both links stay");
    assertEquals("new", Files.readString(folder.resolve("new.html")));
    assertEquals(List.of("new.html"), names(folder));
  }

  @Test
  void linksInACircleAreRefused() throws IOException {
    Path one = directory.resolve("one");
    Files.createSymbolicLink(directory.resolve("two"), one);
    Files.createSymbolicLink(one, Path.of("two"));
    IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(one, "text"));
    assertTrue(e.getMessage().startsWith(one + ": symbolic links lead in a circle"), e.toString());
  }

  @Test
  void aFailedMoveLeavesNothingBehind() throws IOException {
    Path target = Files.createDirectory(directory.resolve("folder"));
    IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "text"));
    assertTrue(e.getMessage().startsWith(target + ": is a directory"), e.getMessage());
    assertEquals(List.of("folder"), names(directory));
  }

  @Test
  void aMissingDirectoryIsNamed() throws IOException {
    Path target = directory.resolve("missing").resolve("report.html");
    IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "text"));
    assertTrue(e.getMessage().contains(target.toString()), e.getMessage());
    assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
    assertEquals(List.of(), names(directory));
  }

  @Test
  void aNameTheFileSystemRefusesIsReported() throws IOException {
    Path target = directory.resolve("x".repeat(300));
    IOException e = assertThrows(IOException.class, () -> AtomicFile.replace(target, "text"));
    assertTrue(e.getMessage().contains("xxx: "), e.getMessage());
    assertEquals(List.of(), names(directory));
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "old");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.replace(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        file + ": cannot be written: No space left on device; choose another place",
        e.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("file"), names(directory));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
