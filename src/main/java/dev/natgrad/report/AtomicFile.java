package dev.natgrad.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Replaces a file as a whole: a reader sees the old text or the new one, never a part. */
final class AtomicFile {
  private AtomicFile() {}

  static void write(Path target, String text) throws IOException {
    Path temporary = null;
    try {
      Path real = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
      if (real.getParent() == null) {
        throw new IOException("it is a root directory");
      }
      if (!Files.isDirectory(real.getParent())) {
        throw new IOException("the directory " + real.getParent() + " does not exist");
      }
      // Not Files.createTempFile: its file is readable by the owner alone, and stays so.
      String name = "." + real.getFileName() + "." + Long.toHexString(System.nanoTime()) + ".tmp";
      Path created = real.resolveSibling(name);
      try (FileChannel channel =
          FileChannel.open(created, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        temporary = created;
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      move(created, real);
      temporary = null;
    } catch (IOException e) {
      throw new IOException("cannot write report " + target + ": " + reason(e), e);
    } finally {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return e.getMessage();
  }
}
