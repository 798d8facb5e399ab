package dev.natgrad.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/**
 * Replaces a file as a whole or not at all: the new content goes to a temporary file beside it,
 * which is forced to the disk and renamed over it; then the directory is forced too. Whatever fails
 * before the rename leaves the old file as it was and no temporary file behind.
 *
 * <p>Any thread may call it. Two writers of one file do not mix; the later rename wins.
 */
public final class AtomicFile {
  private static final int ATTEMPTS = 100;

  /** As many as Linux follows. */
  private static final int MOST_LINKS = 40;

  private AtomicFile() {}

  /** Writes the content. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes everything.
     *
     * @param channel an empty file, open for writing; the caller forces and closes it
     * @throws IOException if writing fails
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Looks at what was written, before anything is replaced. */
  @FunctionalInterface
  public interface Inspection {
    /**
     * Reads the new content back.
     *
     * @param written the temporary file, on the disk
     * @throws IOException if it is not what was meant to be written
     */
    void inspect(Path written) throws IOException;
  }

  /**
   * Returns what a file's symbolic links lead to, also where that does not exist: what {@link
   * #replace} replaces or creates.
   *
   * @param file a file or a name
   * @return an absolute path that ends in no link
   * @throws IOException if links lead in a circle, or one cannot be read
   */
  public static Path target(Path file) throws IOException {
    if (Files.exists(file)) {
      return file.toRealPath();
    }
    Path target = file.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(target); links++) {
      if (links == MOST_LINKS) {
        throw new Refusal(file + ": symbolic links lead in a circle; give the name of a file");
      }
      target = target.resolveSibling(Files.readSymbolicLink(target));
    }
    return target;
  }

  /**
   * Replaces or creates a file. A symbolic link is followed, so that what it points to is replaced.
   *
   * @param file an existing regular file, or a name in an existing directory
   * @param content writes the new content
   * @throws IOException if the directory is absent or may not be written, the file is a directory
   *     or a device, or the disk is full; the message is one line that names the file, the reason
   *     and the way out
   */
  public static void replace(Path file, Content content) throws IOException {
    replace(file, content, written -> {}, null);
  }

  /**
   * Replaces or creates a file by a content that has been read back, and keeps the old one. Between
   * the two renames there may be a moment at which only the old one exists, under its new name.
   *
   * @param file an existing regular file, or a name in an existing directory
   * @param content writes the new content
   * @param inspection reads it back
   * @param previous what to call the old file, in the directory of its {@link #target}; null to
   *     keep none
   * @throws IOException as {@link #replace(Path, Content)} does, or because the inspection failed;
   *     the old file is intact then
   */
  public static void replace(Path file, Content content, Inspection inspection, Path previous)
      throws IOException {
    Path temporary = null;
    try {
      Path target = target(file);
      Path directory = target.getParent();
      check(file, target, directory);
      temporary = create(target, directory, content);
      inspection.inspect(temporary);
      if (previous != null && Files.exists(target)) {
        Files.move(
            target,
            directory.resolve(previous.getFileName()),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      temporary = null;
      forceDirectory(directory);
    } catch (Refusal e) {
      throw e;
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(
          file + ": this file system cannot rename a file in one step; choose another place", e);
    } catch (IOException e) {
      throw new IOException(
          file + ": cannot be written: " + reason(e) + "; choose another place", e);
    } finally {
      delete(temporary);
    }
  }

  /**
   * Replaces or creates a text file in UTF-8.
   *
   * @param file an existing regular file, or a name in an existing directory
   * @param text the new content
   * @throws IOException as {@link #replace(Path, Content)} does
   */
  public static void replace(Path file, String text) throws IOException {
    replace(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** A place that cannot be written, in words that need no more said. */
  private static final class Refusal extends IOException {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }

  private static void check(Path file, Path target, Path directory) throws Refusal {
    if (directory == null || Files.isDirectory(target)) {
      throw new Refusal(file + ": is a directory; give a file name");
    }
    if (!Files.isDirectory(directory)) {
      throw new Refusal(file + ": the directory " + directory + " does not exist; create it first");
    }
    boolean there = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    if (there && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new Refusal(file + ": is no regular file; give the name of one, or a new name");
    }
  }

  private static Path create(Path target, Path directory, Content content) throws IOException {
    for (int attempt = 0; ; attempt++) {
      Path temporary =
          directory.resolve("." + target.getFileName() + "." + System.nanoTime() + ".tmp");
      FileChannel channel;
      try {
        channel =
            FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (FileAlreadyExistsException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        continue;
      }
      boolean complete = false;
      try (channel) {
        content.writeTo(channel);
        channel.force(true);
        complete = true;
        return temporary;
      } finally {
        delete(complete ? null : temporary);
      }
    }
  }

  /**
   * Deletes what processes that were killed had begun to write for a file; nobody may be writing it
   * now. What cannot be deleted stays.
   *
   * @param file the file
   */
  public static void sweep(Path file) {
    try {
      Path target = target(file);
      String start = "." + target.getFileName() + ".";
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(
              target.getParent(),
              path ->
                  path.getFileName().toString().matches(Pattern.quote(start) + "-?\\d+\\.tmp"))) {
        for (Path temporary : found) {
          Files.deleteIfExists(temporary);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // They take room and nothing else.
      return;
    }
  }

  private static void forceDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Some systems (Windows) cannot open a directory; the file itself is already on the disk.
      return;
    }
  }

  private static void delete(Path temporary) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        temporary.toFile().deleteOnExit();
      }
    }
  }

  /**
   * Returns a failure in words, without the file name that such exceptions carry.
   *
   * @param e the failure
   * @return a few words
   */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (e instanceof NotDirectoryException) {
      return "not a directory";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
