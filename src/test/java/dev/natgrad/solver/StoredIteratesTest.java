package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoredIteratesTest {
  private static final int[] GRID = {1, 2, 3, 4, 6, 8, 11, 15, 20};

  private final Workspace w = Workspace.create();

  @AfterEach
  void close() {
    w.close();
  }

  private SpdSystem system(Precision precision) {
    return new SpdSystem(w, precision, NaiveDense.logSpaced(40, 1e3), new Random(7));
  }

  private ConjugateGradient solver(Precision precision, int limit) {
    return new ConjugateGradient(w, 40, precision, false, new CgOptions(0, false, limit));
  }

  @ParameterizedTest
  @EnumSource
  void theyAreTheIteratesOfTheGrid(Precision precision) {
    SpdSystem s = system(precision);
    for (int capacity : new int[] {1, 3, 9, 12}) {
      StoredIterates stored = new StoredIterates(w, s.n, precision, capacity);
      ConjugateGradient cg = solver(precision, 22);
      assertNull(cg.storedIterates());
      cg.setStoredIterates(stored);
      assertSame(stored, cg.storedIterates());
      cg.solve(s.a, s.b, s.x, false);
      cg.solve(s.a, s.b, s.x, false);
      assertEquals(Math.min(capacity, GRID.length), stored.count());
      for (int back = 0; back < stored.count(); back++) {
        int iteration = GRID[GRID.length - 1 - back];
        assertEquals(iteration, stored.iteration(back));
        solver(precision, iteration).solve(s.a, s.b, s.x, false);
        assertArrayEquals(s.x.toArray(), stored.iterate(back).toArray());
      }
      assertThrows(IndexOutOfBoundsException.class, () -> stored.iterate(stored.count()));
      assertThrows(IndexOutOfBoundsException.class, () -> stored.iteration(-1));
    }
  }

  @Test
  void theGridHasItsPoints() {
    assertEquals(0, StoredIterates.gridPoints(0));
    assertEquals(9, StoredIterates.gridPoints(22));
    assertEquals(GRID.length, StoredIterates.gridPoints(20));
    assertEquals(GRID.length - 1, StoredIterates.gridPoints(19));
    int points = 0;
    int j = 1;
    while (j <= 250) {
      points++;
      // ⌈1.3j⌉ in integers.
      j = (13 * j + 9) / 10;
    }
    assertEquals(points, StoredIterates.gridPoints(250));
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void theyTakeTheBytesTheySayAndNothingElse(Precision precision) {
    SpdSystem s = system(precision);
    long before = w.bytesUsed();
    StoredIterates stored = new StoredIterates(w, s.n, precision, 5);
    assertEquals(StoredIterates.bytes(s.n, precision, 5), w.bytesUsed() - before);
    ConjugateGradient cg = solver(precision, 10);
    cg.setStoredIterates(stored);
    ProductBudget budget = new ProductBudget(System::nanoTime);
    cg.setBudget(budget);
    Allocation.assertNone(
        "a solve that stores iterates",
        () -> {
          budget.limitProducts(9);
          budget.deadline(System.nanoTime() + 1_000_000_000, 10);
          cg.solve(s.a, s.b, s.x, false);
        });
  }

  @Test
  void badArgumentsAreNamed() {
    assertThrows(IllegalArgumentException.class, () -> new StoredIterates(w, 3, Precision.F64, 0));
    ConjugateGradient cg = solver(Precision.F64, 3);
    StoredIterates shorter = new StoredIterates(w, 3, Precision.F64, 1);
    assertThrows(IllegalArgumentException.class, () -> cg.setStoredIterates(shorter));
    StoredIterates single = new StoredIterates(w, 40, Precision.F32, 1);
    assertThrows(IllegalArgumentException.class, () -> cg.setStoredIterates(single));
    cg.setStoredIterates(null);
    assertNull(cg.storedIterates());
  }
}
