package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.state.Stateful;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint behind a symbolic link: it and the one before it are beside what that points to. */
class CheckpointLinkTest {
  private static final Map<String, String> ABOUT = Map.of();

  @TempDir Path folder;
  private Path link;
  private Path target;
  private long number;

  /** The number, saved and restored. */
  private final Stateful part = state -> number = state.whole("number", number);

  @BeforeEach
  void link() throws IOException {
    target = Files.createDirectory(folder.resolve("elsewhere")).resolve("real");
    link = Files.createSymbolicLink(folder.resolve("link"), Path.of("elsewhere", "real"));
  }

  private void write(long value) {
    number = value;
    new CheckpointFile(link).write(ABOUT, Map.of("part", part));
  }

  private long restored() {
    number = -1;
    try (Checkpoint checkpoint = new CheckpointFile(link).open()) {
      checkpoint.restore(ABOUT, Map.of("part", part));
    }
    return number;
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void assertFiles(String... beside) throws IOException {
    assertTrue(Files.isSymbolicLink(link), "the link stays");
    assertEquals(List.of("elsewhere", "link"), names(folder));
    assertEquals(List.of(beside), names(target.getParent()));
  }

  @Test
  void bothFilesAreBesideTheTarget() throws IOException {
    write(1);
    assertFiles("real");
    write(2);
    assertFiles("real", "real.previous");
    assertTrue(Files.isSameFile(target.resolveSibling("real.previous"), previous()));
    assertEquals(2, restored());
    Files.writeString(target, "");
    assertEquals(1, restored());
  }

  private Path previous() {
    return new CheckpointFile(link).previous();
  }

  /** Where a crash may leave them: the last one is renamed, the new one not yet. */
  @Test
  void betweenTheRenamesTheLinkPointsToNothing() throws IOException {
    write(1);
    write(2);
    Files.move(target, previous(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Path begun = Files.writeString(target.resolveSibling(".real.17.tmp"), "cut sh");
    assertEquals(2, restored());
    assertTrue(Files.notExists(begun), "what was begun is swept up");
    write(3);
    assertFiles("real", "real.previous");
    assertEquals(3, restored());
    Files.delete(target);
    assertEquals(2, restored());
  }
}
