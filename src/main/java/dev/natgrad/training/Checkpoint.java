package dev.natgrad.training;

import dev.natgrad.files.AtomicFile;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.CheckpointException.Reason;
import dev.natgrad.training.CheckpointFormat.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * A checkpoint file, open for reading, every byte of it checked. A file replaced meanwhile changes
 * nothing, since the old one stays as long as it is open.
 *
 * <p>It is mapped, not held in memory, and copied from the mapping in pieces, since a file that
 * another process cuts short while it is read is a fault of memory, which only a copy turns into an
 * error. Thread rule: the thread that opened it.
 */
public final class Checkpoint implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment mapped;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, String> about = new LinkedHashMap<>();

  /** Where an entry's numbers are. */
  record Entry(Kind kind, long rows, long cols, long position) {}

  private Checkpoint(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
  }

  /**
   * Opens a checkpoint and checks all of it.
   *
   * @param file the file
   * @return the checkpoint
   * @throws CheckpointException if it is missing, cut short, altered anywhere, of another version
   *     or no checkpoint
   */
  public static Checkpoint open(Path file) {
    FileChannel channel = null;
    Checkpoint checkpoint = null;
    boolean sound = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      checkpoint = new Checkpoint(file, channel);
      checkpoint.scan();
      sound = true;
      return checkpoint;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(Reason.MISSING, file + ": there is no such checkpoint", e);
    } catch (EOFException | InternalError e) {
      throw new CheckpointException(
          Reason.TRUNCATED, file + ": the checkpoint is cut short; use the one before it", e);
    } catch (IOException e) {
      throw new CheckpointException(
          Reason.UNREADABLE, file + ": cannot be read: " + AtomicFile.reason(e), e);
    } finally {
      if (!sound) {
        close(channel, checkpoint);
      }
    }
  }

  private static void close(FileChannel channel, Checkpoint checkpoint) {
    if (checkpoint != null) {
      checkpoint.close();
    } else if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was only read, so nothing can be lost.
        return;
      }
    }
  }

  private void scan() throws IOException {
    long end = preamble() - CheckpointFormat.CHECKSUM;
    CheckpointSource source = new CheckpointSource(this, CheckpointFormat.PREAMBLE, end);
    boolean sound = true;
    while (sound && source.left() > 0) {
      sound = entry(source);
    }
    ByteBuffer checksum = read(end, CheckpointFormat.CHECKSUM);
    if (!sound || checksum.getInt() != source.checksum()) {
      throw damaged();
    }
  }

  /** Reads past one entry; false if it cannot be one. */
  private boolean entry(CheckpointSource source) throws IOException {
    long length = source.left() < Integer.BYTES ? -1 : source.need(Integer.BYTES).getInt();
    if (length < 0 || length > CheckpointFormat.LONGEST_NAME || source.left() < length + 17) {
      return false;
    }
    final String name = source.text((int) length);
    Kind[] kinds = Kind.values();
    int kind = source.need(1).get();
    long rows = source.need(Long.BYTES).getLong();
    long cols = source.need(Long.BYTES).getLong();
    if (kind < 0 || kind >= kinds.length || rows < 0 || cols < 0) {
      return false;
    }
    long most = source.left() / kinds[kind].bytes;
    if (rows > 0 && cols > most / rows) {
      return false;
    }
    Entry entry = new Entry(kinds[kind], rows, cols, source.position());
    long size = rows * cols * kinds[kind].bytes;
    if (entry.kind == Kind.TEXT && name.startsWith(CheckpointFormat.ABOUT)) {
      about.put(
          name.substring(CheckpointFormat.ABOUT.length()),
          source.text((int) Math.min(size, Integer.MAX_VALUE - 8)));
      return true;
    }
    source.skip(size);
    return entries.putIfAbsent(name, entry) == null;
  }

  /** Checks what stands first and returns the file's length. */
  private long preamble() throws IOException {
    ByteBuffer bytes = read(0, (int) Math.min(mapped.byteSize(), CheckpointFormat.PREAMBLE));
    if (bytes.remaining() >= Long.BYTES && bytes.getLong(0) != CheckpointFormat.MAGIC) {
      throw new CheckpointException(
          Reason.NOT_A_CHECKPOINT, file + ": is no checkpoint of natgrad; give the name of one");
    }
    if (bytes.remaining() < CheckpointFormat.PREAMBLE) {
      throw new EOFException();
    }
    if (bytes.getInt(CheckpointFormat.PREAMBLE - CheckpointFormat.CHECKSUM)
        != CheckpointFormat.checksum(bytes)) {
      throw damaged();
    }
    int version = bytes.getInt(2 * Long.BYTES);
    if (version != CheckpointFormat.VERSION) {
      throw new CheckpointException(
          Reason.NEWER_VERSION,
          file
              + ": is a checkpoint of format "
              + version
              + "; this natgrad reads format "
              + CheckpointFormat.VERSION
              + ": use the natgrad that wrote it");
    }
    long length = bytes.getLong(Long.BYTES);
    if (mapped.byteSize() < length) {
      throw new EOFException();
    }
    if (mapped.byteSize() > length
        || length < CheckpointFormat.PREAMBLE + CheckpointFormat.CHECKSUM) {
      throw damaged();
    }
    return length;
  }

  private ByteBuffer read(long position, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    copy(position, bytes.array(), 0, count);
    return bytes;
  }

  /** Copies bytes from a position; an {@link EOFException} where the file has become shorter. */
  void copy(long position, byte[] to, int at, int count) throws IOException {
    MemorySegment.copy(mapped, ValueLayout.JAVA_BYTE, position, to, at, count);
    // A fault may be reported only later, so the length is what tells.
    if (channel.size() < mapped.byteSize()) {
      throw new EOFException("it has become shorter");
    }
  }

  private CheckpointException damaged() {
    return new CheckpointException(
        Reason.DAMAGED, file + ": the checkpoint is damaged; use the one before it");
  }

  /**
   * Returns the file.
   *
   * @return as it was given
   */
  public Path file() {
    return file;
  }

  /**
   * Returns what the checkpoint is of.
   *
   * @return what was given to {@link CheckpointFile#write}, in its order
   */
  public Map<String, String> about() {
    return new LinkedHashMap<>(about);
  }

  /**
   * Gives some objects the state that was saved, in the map's order, after checking that its names
   * and shapes fit all of them. One that refuses a number, as a trainer does an order of other
   * samples, by an {@link IllegalArgumentException} from {@link Stateful#exchange}, leaves those
   * before it changed: put it first.
   *
   * @param wanted what they are of; must be equal to what was saved
   * @param parts the objects, under the names that they were saved by
   * @throws CheckpointException if the checkpoint is of something else, no object having changed
   *     then unless one refused a number; or if the file can no longer be read
   */
  public void restore(Map<String, String> wanted, Map<String, Stateful> parts) {
    TreeSet<String> keys = new TreeSet<>(about.keySet());
    keys.addAll(wanted.keySet());
    for (String key : keys) {
      if (!about.getOrDefault(key, "nothing").equals(wanted.getOrDefault(key, "nothing"))) {
        throw other(
            "its "
                + key
                + " is "
                + about.getOrDefault(key, "nothing")
                + " and this run's is "
                + wanted.getOrDefault(key, "nothing"));
      }
    }
    CheckpointReader reader = new CheckpointReader(this, entries);
    reader.check(parts);
    try {
      reader.load(parts);
    } catch (IllegalArgumentException e) {
      throw other(e.getMessage());
    } catch (InternalError e) {
      throw incomplete(e);
    }
  }

  CheckpointException incomplete(Throwable cause) {
    return new CheckpointException(
        Reason.UNREADABLE,
        file
            + ": cannot be read any more: "
            + cause.getMessage()
            + "; what was restored from it is not complete",
        cause);
  }

  CheckpointException other(String difference) {
    return new CheckpointException(
        Reason.OTHER_RUN,
        file
            + ": is of another run: "
            + difference
            + "; resume with the options and data it was made with, or start anew without it");
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
    close(channel, null);
  }
}
