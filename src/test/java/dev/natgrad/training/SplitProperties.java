package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SplitProperties {
  private static Target classes(int rows, int classes, long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("x,y\n");
    for (int i = 0; i < rows; i++) {
      int c = i < classes ? i : (int) (classes * random.nextDouble() * random.nextDouble());
      text.append(i).append(",c").append(c).append('\n');
    }
    return Target.select(Tables.of(text.toString()), "y", TargetKind.AUTO);
  }

  private static long count(Target target, int[] rows, int c) {
    return Arrays.stream(rows).filter(row -> target.columns().get(0).classOf(row) == c).count();
  }

  @Property
  void partsAreDisjointCompleteAndStratified(
      @ForAll @IntRange(min = 10, max = 200) int rows,
      @ForAll @IntRange(min = 2, max = 5) int classes,
      @ForAll @DoubleRange(min = 0, max = 0.45) double validation,
      @ForAll @DoubleRange(min = 0, max = 0.45) double test,
      @ForAll long seed) {
    Target target = classes(rows, classes, seed);
    Split split;
    try {
      split = Split.of(target, validation, test, seed);
    } catch (DataException e) {
      assertTrue(e.getMessage().startsWith("too few rows"), e.getMessage());
      return;
    }
    int[] all =
        IntStream.concat(
                IntStream.concat(Arrays.stream(split.training()), Arrays.stream(split.test())),
                Arrays.stream(split.validation()))
            .sorted()
            .toArray();
    assertArrayEquals(target.rows(), all);
    for (int c = 0; c < classes; c++) {
      long n = count(target, target.rows(), c);
      long tested = count(target, split.test(), c);
      long validated = count(target, split.validation(), c);
      assertTrue(Math.abs(tested - n * test) <= 1 + 1e-9, c + ": " + tested + " of " + n);
      assertTrue(Math.abs(validated - n * validation) <= 1 + 1e-9, c + ": " + validated);
      assertTrue(n - tested - validated >= 1);
      if (n >= 3) {
        assertTrue(test == 0 || tested >= 1);
        assertTrue(validation == 0 || validated >= 1);
      }
    }
  }

  @Example
  void theSeedDecides() {
    Target target = classes(100, 2, 1);
    int[] first = Split.of(target, 0.1, 0.2, 5).test();
    assertArrayEquals(first, Split.of(target, 0.1, 0.2, 5).test());
    assertFalse(Arrays.equals(first, Split.of(target, 0.1, 0.2, 6).test()));
    assertEquals(100, Split.of(target, 0, 0, 5).training().length);
  }

  @Example
  void aRegressionIsSplitAtRandomInTheGivenShares() {
    StringBuilder text = new StringBuilder("x,y\n");
    IntStream.range(0, 1000).forEach(i -> text.append(i).append(',').append(i + 0.5).append('\n'));
    Target target = Target.select(Tables.of(text.toString()), "y", TargetKind.AUTO);
    Split split = Split.of(target, 0.1, 0.2, 1);
    assertEquals(200, split.test().length);
    assertEquals(100, split.validation().length);
    // The mean of 200 of 0..999 without replacement: deviation 18.2; six of them.
    double mean = Arrays.stream(split.test()).average().orElseThrow();
    assertEquals(499.5, mean, 6 * Math.sqrt((1e6 - 1) / 12 / 200 * 800 / 999));
  }

  @Example
  void refusesTooFewRows() {
    Target nine = classes(9, 2, 1);
    assertThrows(DataException.class, () -> Split.of(nine, 0.1, 0, 1));
    assertThrows(DataException.class, () -> Split.of(nine, 0, 0.2, 1));
    assertEquals(9, Split.of(nine, 0, 0, 1).training().length);
    Target ten = classes(10, 2, 1);
    assertThrows(IllegalArgumentException.class, () -> Split.of(ten, 0.5, 0.5, 1));
    assertThrows(IllegalArgumentException.class, () -> Split.of(ten, -0.1, 0.5, 1));
    assertThrows(IllegalArgumentException.class, () -> Split.of(ten, Double.NaN, 0.5, 1));
  }
}
