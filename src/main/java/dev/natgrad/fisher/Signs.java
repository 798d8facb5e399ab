package dev.natgrad.fisher;

import dev.natgrad.linalg.Vec;
import dev.natgrad.random.Philox;

/** Vectors of random signs, a function of (seed, stream, index) alone. */
final class Signs {
  private Signs() {}

  static void fill(Vec xi, long seed, long stream) {
    long bits = 0;
    for (int i = 0; i < xi.length(); i++) {
      if (i % Long.SIZE == 0) {
        bits = Philox.bits(seed, stream, i / Long.SIZE);
      }
      // A branch on random bits would be mispredicted every other time.
      xi.set(i, 1 - 2 * (bits & 1));
      bits >>>= 1;
    }
  }
}
