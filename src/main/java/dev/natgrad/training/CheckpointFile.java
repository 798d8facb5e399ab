package dev.natgrad.training;

import dev.natgrad.files.AtomicFile;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.CheckpointException.Reason;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Where a run keeps its checkpoint: FILE, and in FILE.previous the one before it. A new one is
 * written beside them, forced to the disk, read back and compared by its checksum; then the last
 * one becomes the previous one, and the directory is forced. So at every moment, also of a crash,
 * at least one of the two is complete. Where FILE is a symbolic link, all of this is about what it
 * points to, and beside that; the link stays as it is.
 *
 * <p>Thread rule: one thread at a time, the owner of the workspace of what is saved. Takes no
 * memory beyond some buffers, whatever the size of the state.
 */
public final class CheckpointFile {
  private final Path file;
  private final UnaryOperator<WritableByteChannel> through;

  /** Whether FILE is known to be worth keeping. */
  private boolean sound;

  /**
   * Names a checkpoint; nothing is read or written yet.
   *
   * @param file FILE
   */
  public CheckpointFile(Path file) {
    this(file, channel -> channel);
  }

  /** With something between the writer and the disk, for tests. */
  CheckpointFile(Path file, UnaryOperator<WritableByteChannel> through) {
    this.file = Objects.requireNonNull(file, "file");
    this.through = through;
  }

  /**
   * Returns the name of the checkpoint before the last.
   *
   * @return FILE.previous, beside what FILE points to if it is a symbolic link
   */
  public Path previous() {
    return previous(file);
  }

  /**
   * Returns what will be the name of the checkpoint before the last in a file.
   *
   * @param file FILE
   * @return FILE.previous, beside what FILE points to if it is a symbolic link
   */
  public static Path previous(Path file) {
    Path target = target(file);
    return target.resolveSibling(target.getFileName() + ".previous");
  }

  private static Path target(Path file) {
    try {
      return Files.isSymbolicLink(file) ? AtomicFile.target(file) : file;
    } catch (IOException e) {
      // Nothing can be written there, which the attempt will say.
      return file;
    }
  }

  /**
   * Writes a checkpoint.
   *
   * @param about what it is of: whatever must be equal for the state to be of use
   * @param parts the objects to save, by name
   * @throws CheckpointException with {@link Reason#NOT_WRITTEN} if the disk is full or the file
   *     cannot be written for another reason; the files are as they were then, and the parts too
   */
  public void write(Map<String, String> about, Map<String, Stateful> parts) {
    boolean keep = sound || isSound();
    try {
      AtomicFile.replace(
          file,
          channel -> CheckpointWriter.write(through.apply(channel), about, parts),
          CheckpointFile::inspect,
          keep ? previous() : null);
      sound = true;
    } catch (IOException e) {
      throw new CheckpointException(Reason.NOT_WRITTEN, e.getMessage(), e);
    }
  }

  private static void inspect(Path written) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(written)) {
      checkpoint.about();
    } catch (CheckpointException e) {
      throw new IOException("it was not read back as it was written (" + e.reason() + ")", e);
    }
  }

  private boolean isSound() {
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      return checkpoint.file().equals(file);
    } catch (CheckpointException e) {
      return false;
    }
  }

  /**
   * Opens the newest complete checkpoint: FILE, or FILE.previous where FILE is missing, cut short
   * or damaged. What a process that was killed had begun to write is deleted.
   *
   * @return the checkpoint, to be closed by the caller; its {@link Checkpoint#file} tells which
   * @throws CheckpointException if neither can be used, for what is wrong with FILE; or if FILE is
   *     of another version
   */
  public Checkpoint open() {
    AtomicFile.sweep(file);
    try {
      Checkpoint newest = Checkpoint.open(file);
      sound = true;
      return newest;
    } catch (CheckpointException e) {
      sound = false;
      if (!e.unusableFile()) {
        throw e;
      }
      try {
        return Checkpoint.open(previous());
      } catch (CheckpointException other) {
        e.addSuppressed(other);
        throw e;
      }
    }
  }
}
