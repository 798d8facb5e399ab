package dev.natgrad.training;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The layout of a checkpoint, little-endian:
 *
 * <pre>
 *   8 bytes   {@link #MAGIC}
 *   8 bytes   the length of the file in bytes
 *   4 bytes   the version of what follows
 *   4 bytes   CRC-32C of the 20 bytes before: these 24 bytes are the same in all versions
 *   entries   of 4 bytes length of the name, the name in UTF-8, 1 byte {@link Kind}, 8 bytes rows,
 *             8 bytes columns, and rows·columns numbers or bytes
 *   4 bytes   CRC-32C of the entries
 * </pre>
 */
final class CheckpointFormat {
  /** "natgrad" and a byte that no text has. */
  static final long MAGIC = 0xFA64617267_74616EL;

  /** Raised whenever the entries or their meaning change. */
  static final int VERSION = 4;

  static final int PREAMBLE = 24;
  static final int CHECKSUM = Integer.BYTES;
  static final int LONGEST_NAME = 4096;

  /** Names of the entries that say what the checkpoint is of. */
  static final String ABOUT = "about/";

  private CheckpointFormat() {}

  /** What an entry holds. */
  enum Kind {
    /** UTF-8. */
    TEXT(1),
    /** One 8-byte number. */
    WHOLE(Long.BYTES),
    /** 8-byte floating-point numbers, as many as there were. */
    NUMBERS(Double.BYTES),
    /** 4-byte floating-point numbers, as many as the object has. */
    F32(Float.BYTES),
    /** 8-byte floating-point numbers, as many as the object has. */
    F64(Double.BYTES);

    final int bytes;

    Kind(int bytes) {
      this.bytes = bytes;
    }
  }

  /** The first 24 bytes of a file. */
  static ByteBuffer preamble(long length, int version) {
    ByteBuffer bytes = ByteBuffer.allocate(PREAMBLE).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(MAGIC).putLong(length).putInt(version);
    bytes.putInt(checksum(bytes));
    return bytes.flip();
  }

  /** Of what stands before the preamble's checksum. */
  static int checksum(ByteBuffer preamble) {
    CRC32C sum = new CRC32C();
    sum.update(preamble.array(), 0, PREAMBLE - CHECKSUM);
    return (int) sum.getValue();
  }
}
