package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class RelativeProgressTest {
  private static int stop(RelativeProgress rule, IntToDoubleFunction phi, int limit) {
    rule.start(phi.applyAsDouble(0));
    for (int i = 1; i <= limit; i++) {
      if (rule.shouldStop(phi.applyAsDouble(i))) {
        return i;
      }
    }
    return -1;
  }

  /**
   * φᵢ = −1 + 2⁻ⁱ: the decrease over 10 iterations is 1023·2⁻ⁱ/(1 − 2⁻ⁱ), below 10·5·10⁻⁴ from i =
   * 18 on. Without the factor k it would be 21, with 5·10⁻⁶·k it would be 25.
   */
  @Test
  void stopsAGeometricSequenceAtTheIndexComputedByHand() {
    assertEquals(18, stop(new RelativeProgress(100), i -> -1 + Math.scalb(1.0, -i), 100));
  }

  /**
   * φᵢ = −i: with k = ⌈i/10⌉ the decrease is k/i, at least 1/10, below k/2000 from k = 201 on:
   * first i with ⌈i/10⌉ = 201.
   */
  @Test
  void theWindowGrowsWithTheIterations() {
    assertEquals(2001, stop(new RelativeProgress(3000), i -> -i, 3000));
  }

  @Test
  void stopsAtTheFirstIterationAfterTheWindowWhereNothingMoves() {
    assertEquals(11, stop(new RelativeProgress(50), i -> -1, 50));
  }

  @Test
  void neverStopsWherePhiIsNotNegative() {
    assertEquals(-1, stop(new RelativeProgress(50), i -> 1, 50));
    assertEquals(-1, stop(new RelativeProgress(50), i -> 0, 50));
  }

  @Test
  void forgetsAtANewStart() {
    RelativeProgress rule = new RelativeProgress(100);
    assertEquals(11, stop(rule, i -> -1, 100));
    assertEquals(18, stop(rule, i -> -1 + Math.scalb(1.0, -i), 100));
  }

  @Test
  void aShortLimitNeverReachesTheRule() {
    RelativeProgress rule = new RelativeProgress(1);
    rule.start(-1);
    assertFalse(rule.shouldStop(-1));
    assertThrows(IllegalStateException.class, () -> rule.shouldStop(-1));
  }

  @Test
  void windows() {
    assertEquals(10, RelativeProgress.window(0));
    assertEquals(10, RelativeProgress.window(100));
    assertEquals(11, RelativeProgress.window(101));
    assertEquals(11, RelativeProgress.window(110));
    assertThrows(IllegalArgumentException.class, () -> new RelativeProgress(0));
  }
}
