package dev.natgrad.cli;

import dev.natgrad.files.AtomicFile;
import dev.natgrad.training.CheckpointFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Checks the files a command will write before it does any work, so that an hour's training is not
 * lost to a misspelt folder.
 */
final class OutputFiles {
  private final Map<Path, String> taken = new LinkedHashMap<>();

  /**
   * Starts with the files that are read, which must not be written over.
   *
   * @param option the option that names the file
   * @param file the file
   */
  OutputFiles reading(String option, Path file) {
    taken.put(identity(file), option);
    return this;
  }

  /**
   * Checks that a file can be created or replaced.
   *
   * @param option the option that names it
   * @param file the file, or null where the option is not given
   * @throws UsageException if its folder is absent or read-only, it is a folder or a device, or
   *     another option names it too
   */
  OutputFiles writing(String option, Path file) {
    if (file == null) {
      return this;
    }
    boolean folder = Files.isDirectory(file);
    if (!folder && Files.exists(file) && !Files.isRegularFile(file)) {
      throw refusal(option, file, "is no regular file; give the name of one");
    }
    Path directory = directory(option, file);
    if (folder || directory == null) {
      throw refusal(option, file, "is a folder; give a file name");
    }
    if (!Files.isDirectory(directory)) {
      throw refusal(option, file, "cannot be written: there is no folder " + directory);
    }
    if (!Files.isWritable(directory)) {
      throw refusal(option, file, "cannot be written: no permission in the folder " + directory);
    }
    String other = taken.put(identity(file), option);
    if (other != null) {
      throw refusal(option, file, "is the file of " + other + " too; give each its own");
    }
    return this;
  }

  /** Where it will be, which for a symbolic link is where that leads. */
  private static Path directory(String option, Path file) {
    try {
      return AtomicFile.target(file).getParent();
    } catch (IOException e) {
      throw new UsageException(option + ": " + e.getMessage());
    }
  }

  /**
   * Reserves the name under which the checkpoint before the last is kept.
   *
   * @param option the option that names the checkpoint
   * @param file the checkpoint, or null where the option is not given
   * @throws UsageException if another option names that file, or it is no regular file
   */
  OutputFiles keepingPrevious(String option, Path file) {
    if (file == null) {
      return this;
    }
    Path previous = CheckpointFile.previous(file);
    String use = "is where " + option + " keeps the checkpoint before the last";
    String other = taken.put(identity(previous), option);
    if (other != null) {
      throw refusal(other, previous, use + "; give it another name");
    }
    if (Files.exists(previous) && !Files.isRegularFile(previous)) {
      throw refusal(option, file, "cannot be kept twice: " + previous + " is no regular file");
    }
    return this;
  }

  /**
   * Replaces a file as a whole.
   *
   * @param file a file that {@link #writing} accepted
   * @param content writes the new content
   * @throws UsageException if it cannot be written after all; the old file is intact
   */
  static void replace(Path file, AtomicFile.Content content) {
    try {
      AtomicFile.replace(file, content);
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** As {@link #replace(Path, AtomicFile.Content)}, for text. */
  static void replace(Path file, String text) {
    try {
      AtomicFile.replace(file, text);
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static Path identity(Path file) {
    try {
      Path target = AtomicFile.target(file);
      Path directory = target.getParent();
      return directory == null ? target : directory.toRealPath().resolve(target.getFileName());
    } catch (IOException e) {
      // Not there yet: its name is all that tells it from others.
      return file.toAbsolutePath().normalize();
    }
  }

  private static UsageException refusal(String option, Path file, String problem) {
    return new UsageException(option + " " + file + " " + problem);
  }
}
