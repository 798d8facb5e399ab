package dev.natgrad.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** A stretch of a file as it passes, with its checksum. */
final class CheckpointSource {
  private static final int CHUNK = 1 << 16;

  private final Checkpoint checkpoint;
  private final long end;
  private final CRC32C sum = new CRC32C();
  private final ByteBuffer buffer;
  private long next;

  /** From one position to another, in bytes. */
  CheckpointSource(Checkpoint checkpoint, long from, long end) {
    this.checkpoint = checkpoint;
    this.next = from;
    this.end = end;
    int size = (int) Math.max(0, Math.min(CHUNK, end - from));
    this.buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    buffer.limit(0);
  }

  long position() {
    return next - buffer.remaining();
  }

  long left() {
    return end - position();
  }

  /** At least so many bytes, at most a chunk, that are left. */
  ByteBuffer need(int count) throws IOException {
    if (buffer.remaining() < count) {
      buffer.compact();
      int start = buffer.position();
      buffer.limit((int) Math.min(buffer.capacity(), start + (end - next)));
      int added = buffer.remaining();
      checkpoint.copy(next, buffer.array(), start, added);
      next += added;
      buffer.position(start + added).flip();
      sum.update(buffer.duplicate().position(start));
    }
    return buffer;
  }

  void skip(long count) throws IOException {
    for (long rest = count; rest > 0; ) {
      int part = (int) Math.min(CHUNK, rest);
      need(part).position(buffer.position() + part);
      rest -= part;
    }
  }

  /** So many bytes that are left, as UTF-8. */
  String text(int count) throws IOException {
    byte[] bytes = new byte[count];
    for (int from = 0; from < count; from += CHUNK) {
      int part = Math.min(CHUNK, count - from);
      need(part).get(bytes, from, part);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** CRC-32C of everything read, which is everything once nothing is left. */
  int checksum() {
    return (int) sum.getValue();
  }
}
