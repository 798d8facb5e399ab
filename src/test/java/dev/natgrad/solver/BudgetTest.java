package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.oracle.NaiveDense;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BudgetTest {
  private final Workspace w = Workspace.create();
  private long now;

  @AfterEach
  void close() {
    w.close();
  }

  /** An operator whose products take a given time of the test's clock. */
  private LinearOperator taking(long nanos, LinearOperator a) {
    return new LinearOperator() {
      @Override
      public int size() {
        return a.size();
      }

      @Override
      public Precision precision() {
        return a.precision();
      }

      @Override
      public void apply(double alpha, Vec x, double beta, Vec y) {
        now += nanos;
        a.apply(alpha, x, beta, y);
      }
    };
  }

  private SpdSystem system(Precision precision) {
    return new SpdSystem(w, precision, NaiveDense.logSpaced(30, 1e3), new Random(5));
  }

  private ConjugateGradient solver(SpdSystem s, int limit) {
    return new ConjugateGradient(w, s.n, s.x.precision(), false, new CgOptions(0, false, limit));
  }

  private ProductBudget budget() {
    return new ProductBudget(() -> now);
  }

  @ParameterizedTest
  @EnumSource
  void aLimitOfProductsStopsWithTheIterateOfThatManyIterations(Precision precision) {
    SpdSystem s = system(precision);
    ConjugateGradient cg = solver(s, 100);
    ProductBudget budget = budget();
    cg.setBudget(budget);
    for (int products = 0; products < 8; products++) {
      budget.limitProducts(products);
      assertEquals(CgStatus.BUDGET_SPENT, cg.solve(s.a, s.b, s.x, false));
      assertEquals(products, cg.products());
      assertEquals(products, cg.iterations());
      assertEquals(0, budget.productsLeft());
      double[] stopped = s.x.toArray();
      double phi = cg.phi();
      if (products == 0) {
        assertArrayEquals(new double[s.n], stopped);
        continue;
      }
      ConjugateGradient same = solver(s, products);
      assertEquals(CgStatus.ITERATION_LIMIT, same.solve(s.a, s.b, s.x, false));
      assertArrayEquals(s.x.toArray(), stopped);
      assertEquals(same.phi(), phi);
    }
    budget.unlimited();
    assertEquals(CgStatus.ITERATION_LIMIT, cg.solve(s.a, s.b, s.x, false));
    cg.setBudget(null);
    assertEquals(CgStatus.ITERATION_LIMIT, cg.solve(s.a, s.b, s.x, false));
  }

  @Test
  void oneBudgetServesSeveralSolves() {
    SpdSystem s = system(Precision.F64);
    ConjugateGradient cg = solver(s, 4);
    ProductBudget budget = budget();
    cg.setBudget(budget);
    budget.limitProducts(6);
    assertEquals(CgStatus.ITERATION_LIMIT, cg.solve(s.a, s.b, s.x, false));
    assertEquals(2, budget.productsLeft());
    double[] before = s.x.toArray();
    assertEquals(CgStatus.BUDGET_SPENT, cg.solve(s.a, s.b, s.x, true));
    assertEquals(2, cg.products(), "one for the warm start, one iteration");
    assertEquals(1, cg.iterations());
    assertTrue(cg.phi() < 0 && !java.util.Arrays.equals(before, s.x.toArray()), "it moved on");
    // Nothing left for the start's own product: φ there is unknown, and 0 has φ = 0.
    assertEquals(CgStatus.BUDGET_SPENT, cg.solve(s.a, s.b, s.x, true));
    assertArrayEquals(new double[s.n], s.x.toArray());
    assertEquals(0, cg.products());
    assertEquals(0, cg.phi());
  }

  /** With a true estimate the deadline is kept; without one, it is missed by one product. */
  @Test
  void aDeadlineIsKeptToAProduct() {
    SpdSystem s = system(Precision.F64);
    for (long product : new long[] {1, 7, 100}) {
      LinearOperator a = taking(product, s.a);
      for (long time = 0; time <= 5 * product; time++) {
        ConjugateGradient cg = solver(s, 100);
        ProductBudget budget = budget();
        cg.setBudget(budget);
        long start = now;
        budget.deadline(start + time, product);
        assertEquals(CgStatus.BUDGET_SPENT, cg.solve(a, s.b, s.x, false));
        assertEquals(time / product, cg.products());
        assertTrue(now - start <= time, "past the deadline");

        start = now;
        budget.deadline(start + time, 0);
        assertEquals(CgStatus.BUDGET_SPENT, cg.solve(a, s.b, s.x, false));
        assertEquals(time / product + 1, cg.products());
        assertTrue(now - start <= time + product, "more than a product past the deadline");
      }
    }
  }

  @Test
  void theClockMayWrapAround() {
    now = Long.MAX_VALUE - 10;
    ProductBudget budget = budget();
    budget.deadline(now + 20, 5);
    assertTrue(budget.take());
    now += 15;
    assertTrue(budget.take());
    now += 1;
    assertFalse(budget.take());
  }

  @Test
  void minresLanczosAndTheSpectrumAskToo() {
    SpdSystem s = system(Precision.F64);
    ProductBudget budget = budget();
    Minres minres = new Minres(w, s.n, Precision.F64, 0, 100);
    minres.setBudget(budget);
    budget.limitProducts(3);
    assertEquals(MinresStatus.BUDGET_SPENT, minres.solve(s.a, s.b, s.x));
    assertEquals(3, minres.iterations());
    double[] stopped = s.x.toArray();
    Minres same = new Minres(w, s.n, Precision.F64, 0, 3);
    assertEquals(MinresStatus.ITERATION_LIMIT, same.solve(s.a, s.b, s.x));
    assertArrayEquals(s.x.toArray(), stopped);

    Lanczos lanczos = new Lanczos(w, s.n, Precision.F64, 10);
    lanczos.setBudget(budget);
    budget.limitProducts(4);
    assertTrue(lanczos.run(s.a, s.b));
    assertEquals(4, lanczos.steps());
    assertFalse(lanczos.run(s.a, s.b));
    assertEquals(0, lanczos.steps());

    Spectrum spectrum = new Spectrum(w, s.n, Precision.F64, 10, 3);
    spectrum.setBudget(budget);
    budget.limitProducts(15);
    assertEquals(2, spectrum.run(s.a, 1));
    budget.limitProducts(0);
    assertEquals(0, spectrum.run(s.a, 1));
    assertTrue(Double.isNaN(spectrum.trace()));
  }

  @Test
  void badArgumentsAreNamed() {
    ProductBudget budget = budget();
    assertThrows(NullPointerException.class, () -> new ProductBudget(null));
    assertThrows(IllegalArgumentException.class, () -> budget.limitProducts(-1));
    assertThrows(IllegalArgumentException.class, () -> budget.deadline(0, -1));
    assertEquals(Long.MAX_VALUE, budget.productsLeft());
  }
}
