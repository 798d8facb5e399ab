package dev.natgrad.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Bit masks of 512 bits in memory, for the ends of vectors: a logical AND with one keeps some lanes
 * and makes the others +0, whatever they hold. They are loaded as lanes of any width, since C2
 * boxes the vector masks of two lanes of double.
 */
public final class TailMask {
  private static final int BYTES = 64;

  /** 64 bytes of zeros, 64 of ones, 64 of zeros. */
  private static final long TABLE = table();

  private TailMask() {}

  private static long table() {
    MemorySegment table = Arena.global().allocate(3 * BYTES, BYTES);
    table.asSlice(BYTES, BYTES).fill((byte) -1);
    return table.address();
  }

  /**
   * Returns a mask whose first bytes are set.
   *
   * @param bytes how many, 0 … 64
   * @return the address of 64 bytes
   */
  public static long first(int bytes) {
    return TABLE + 2 * BYTES - bytes;
  }

  /**
   * Returns a mask whose last bytes are set.
   *
   * @param bytes how many, 0 … 64
   * @return the address of 64 bytes
   */
  public static long last(int bytes) {
    return TABLE + bytes;
  }
}
