package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FormCostTest {
  private static final long PLENTY = Long.MAX_VALUE - 1;

  private static FisherForm choose(int parameters, int batch, int columns, int iterations) {
    return new FormCost(parameters, batch, columns, columns, iterations, Precision.F32)
        .choose(PLENTY);
  }

  @Test
  void obviousCorners() {
    assertEquals(FisherForm.DENSE, choose(109, 32_561, 1, 30), "logistic regression");
    assertEquals(FisherForm.DUAL, choose(100_000, 8, 1, 30), "few samples");
    assertEquals(FisherForm.DUAL, choose(5_000, 1, 4, 30), "one sample");
    // Measured, F32: 30 iterations 0.47 ms and 1.28 ms; dual 0.08 ms, and more than CG.
    assertEquals(FisherForm.DUAL, choose(9_610, 1, 10, 30), "64-128-10, one sample");
    assertEquals(FisherForm.MATRIX_FREE, choose(9_610, 8, 10, 30), "64-128-10, eight samples");
    assertEquals(FisherForm.MATRIX_FREE, choose(842_340, 512, 784, 30), "an autoencoder");
    assertEquals(FisherForm.MATRIX_FREE, choose(10_000_000, 4096, 30, 250), "too large for both");
    assertEquals(FisherForm.DENSE, choose(1, 1_000, 1, 1), "one parameter");
  }

  @Test
  void withoutMemoryItIsMatrixFree() {
    FormCost cost = new FormCost(109, 32_561, 1, 1, 30, Precision.F64);
    assertEquals(FisherForm.MATRIX_FREE, cost.choose(0));
    long needed = cost.bytes(FisherForm.DENSE);
    assertEquals(FisherForm.MATRIX_FREE, cost.choose(needed - 1));
    assertEquals(FisherForm.DENSE, cost.choose(needed));
    assertEquals(
        DenseFisher.bytes(109, Precision.F64) + FactorRows.bytes(32_561, 1, 109, Precision.F64),
        needed);
    assertEquals(0, cost.bytes(FisherForm.MATRIX_FREE));
    FormCost huge = new FormCost(50_000, 50_000, 1, 1, 250, Precision.F64);
    assertEquals(Long.MAX_VALUE, huge.bytes(FisherForm.DENSE));
    assertEquals(Long.MAX_VALUE, huge.bytes(FisherForm.DUAL));
    // (R·B)² is beyond 2⁶³.
    FormCost beyond = new FormCost(10_000_000, 3_500_000, 1000, 1000, 250, Precision.F32);
    assertEquals(Long.MAX_VALUE, beyond.bytes(FisherForm.DUAL));
    assertEquals(FisherForm.MATRIX_FREE, beyond.choose(1L << 30));
    int most = Integer.MAX_VALUE;
    FormCost largest = new FormCost(most, most, most, most, 250, Precision.F32);
    assertEquals(FisherForm.MATRIX_FREE, largest.choose(1L << 30));
  }

  @Test
  void theFormulasAreTheDocumentedOnes() {
    FormCost cost = new FormCost(100, 10, 3, 3, 20, Precision.F32);
    assertEquals(8.0 * 100 * (10 + 8) * 20, cost.operations(FisherForm.MATRIX_FREE));
    assertEquals(
        30.0 * 100 * 100 + 4 * 30 * 100 + 2e6 / 3, cost.operations(FisherForm.DENSE), 1e-6);
    assertEquals(
        16.0 * 30 * 100 + 900 * 100 + 2 * 27e3 / 3, cost.operations(FisherForm.DUAL), 1e-6);
    FormCost wide = new FormCost(100, 10, 9, 9, 20, Precision.F64);
    assertEquals(8.0 * 100 * 100 * 10 + 1e6 / 3, wide.operations(FisherForm.DENSE), 1e-6);
  }

  /** More iterations speak for the direct forms, more memory never costs operations. */
  @Test
  void itIsMonotone() {
    Random random = new Random(1);
    for (int trial = 0; trial < 2000; trial++) {
      int parameters = 1 + random.nextInt(1 << (1 + random.nextInt(20)));
      int batch = 1 + random.nextInt(1 << (1 + random.nextInt(13)));
      int columns = 1 + random.nextInt(12);
      boolean direct = false;
      for (int iterations = 1; iterations < 1000; iterations *= 2) {
        FormCost cost =
            new FormCost(parameters, batch, columns, columns, iterations, Precision.F32);
        FisherForm form = cost.choose(PLENTY);
        assertTrue(!direct || form != FisherForm.MATRIX_FREE, "more iterations: " + cost);
        direct = form != FisherForm.MATRIX_FREE;
        double before = Double.MAX_VALUE;
        for (long memory = 0; memory < 1L << 40; memory = 2 * memory + 1000) {
          FisherForm fits = cost.choose(memory);
          assertTrue(cost.bytes(fits) <= memory, "does not fit: " + cost);
          assertTrue(cost.operations(fits) <= before, "more memory: " + cost);
          before = cost.operations(fits);
        }
      }
    }
  }

  @Test
  void badArgumentsAreNamed() {
    for (int which = 0; which < 5; which++) {
      int[] n = {1, 1, 1, 1, 1};
      n[which] = 0;
      assertThrows(
          IllegalArgumentException.class,
          () -> new FormCost(n[0], n[1], n[2], n[3], n[4], Precision.F64));
    }
  }
}
