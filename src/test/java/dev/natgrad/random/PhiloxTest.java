package dev.natgrad.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** The known answers that Random123 publishes for philox4x32 with 10 rounds. */
  @Test
  void givesTheKnownAnswers() {
    assertBlock(0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertBlock(-1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertBlock(
        0x299f31d0a4093822L,
        0x0370734413198a2eL,
        0x85a308d3243f6a88L,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(long key, long high, long low, int... words) {
    long first = Philox.half(key, high, low, 0);
    long second = Philox.half(key, high, low, 1);
    int[] actual = {(int) first, (int) (first >>> 32), (int) second, (int) (second >>> 32)};
    assertArrayEquals(words, actual);
  }

  @Test
  void drawsAreTheHalvesOfTheBlocksInOrder() {
    Philox sequence = new Philox(7, 3);
    for (long counter = 0; counter < 10; counter++) {
      long expected = Philox.half(7, 3, counter / 2, (int) (counter % 2));
      assertEquals(expected, Philox.bits(7, 3, counter));
      assertEquals(expected, sequence.nextLong());
    }
  }

  @Test
  void gaussiansComeFromWholeBlocks() {
    Philox sequence = new Philox(7, 3);
    assertEquals(Philox.normal(7, 3, 0), sequence.nextGaussian());
    sequence.nextLong();
    assertEquals(Philox.normal(7, 3, 2), sequence.nextGaussian());
    double u1 = Philox.uniform(7, 3, 4);
    double u2 = Philox.uniform(7, 3, 5);
    double expected = StrictMath.sqrt(-2 * StrictMath.log(u1)) * StrictMath.cos(2 * Math.PI * u2);
    // The product 2πu₂ is rounded here: half an ulp of 2π, times a radius below 8.7.
    assertEquals(expected, Philox.normal(7, 3, 2), 8.7 * 4 * 0x1.0p-53 * 2);
  }

  /**
   * Six deviations of the estimators: a sound generator fails once in 10⁸ seeds; the seed is fixed.
   */
  @Test
  void momentsAreThoseOfTheDistributions() {
    int n = 200_000;
    double uniform = 0;
    double[] powers = new double[5];
    for (int i = 0; i < n; i++) {
      double u = Philox.uniform(11, 0, i);
      assertTrue(u > 0 && u < 1);
      uniform += u / n;
      double z = Philox.normal(11, 1, i);
      for (int p = 1; p < 5; p++) {
        powers[p] += Math.pow(z, p) / n;
      }
    }
    assertEquals(0.5, uniform, 6 * Math.sqrt(1.0 / 12 / n));
    assertEquals(0, powers[1], 6 * Math.sqrt(1.0 / n));
    assertEquals(1, powers[2], 6 * Math.sqrt(2.0 / n));
    assertEquals(0, powers[3], 6 * Math.sqrt(15.0 / n));
    assertEquals(3, powers[4], 6 * Math.sqrt(96.0 / n));
  }

  @Test
  void shufflesReachEveryOrderAlike() {
    int n = 60_000;
    int[] counts = new int[27];
    for (int i = 0; i < n; i++) {
      int[] order = {0, 1, 2};
      new Philox(i, 5).shuffle(order);
      counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    int[] seen = Arrays.stream(counts).filter(count -> count > 0).toArray();
    assertEquals(6, seen.length);
    for (int count : seen) {
      assertEquals(n / 6.0, count, 6 * Math.sqrt(n * 5.0 / 36));
    }
  }

  @Test
  void integersStayBelowTheirBound() {
    Philox sequence = new Philox(1, 1);
    for (int bound : new int[] {1, 2, 3, 1000, Integer.MAX_VALUE}) {
      for (int i = 0; i < 100; i++) {
        int value = sequence.nextInt(bound);
        assertTrue(value >= 0 && value < bound);
      }
    }
    assertThrows(IllegalArgumentException.class, () -> sequence.nextInt(0));
  }
}
