package dev.natgrad.training;

import java.util.Arrays;
import java.util.Random;

/** Damage to a file's content, of the kinds that disks, copies and hands do. */
final class Alteration {
  private Alteration() {}

  /** Bytes that are mostly, but not always, different from the given ones. */
  static byte[] of(byte[] whole, Random random) {
    byte[] altered = whole.clone();
    int at = random.nextInt(whole.length);
    int length = 1 + random.nextInt(Math.min(40, whole.length - at));
    switch (random.nextInt(5)) {
      case 0 -> altered[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        for (int i = at; i < at + length; i++) {
          altered[i] = (byte) random.nextInt();
        }
      }
      case 2 -> Arrays.fill(altered, at, at + length, (byte) 0);
      case 3 -> {
        int from = random.nextInt(whole.length - length + 1);
        System.arraycopy(whole, from, altered, at, length);
      }
      default -> {
        System.arraycopy(whole, at + length, altered, at, whole.length - at - length);
        altered = Arrays.copyOf(altered, whole.length - length);
      }
    }
    return altered;
  }
}
