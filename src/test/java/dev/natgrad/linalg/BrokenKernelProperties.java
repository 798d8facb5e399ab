package dev.natgrad.linalg;

import static dev.natgrad.oracle.Rounding.assertWithin;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.DoubleDouble;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The checks of the properties themselves: kernels with typical faults must not pass them. */
class BrokenKernelProperties {
  private enum Fault {
    NONE,
    MISSING_TAIL,
    SWAPPED_STRIDE,
    IGNORED_BETA,
    READ_AT_BETA_ZERO,
    WRITE_BEYOND,
    WRITE_TO_INPUT
  }

  /** C ← AB + βC by the definition, with one fault. */
  private static void gemm(Fault fault, Guarded a, Guarded b, double beta, Guarded c, int k) {
    Mat out = c.mat();
    for (int i = 0; i < out.rows(); i++) {
      for (int j = 0; j < out.cols(); j++) {
        double sum = 0;
        for (int q = 0; q < (fault == Fault.MISSING_TAIL ? k - k % 4 : k); q++) {
          double right = fault == Fault.SWAPPED_STRIDE ? b.now(j, q) : b.now(q, j);
          sum = Math.fma(a.now(i, q), right, sum);
        }
        if (fault != Fault.IGNORED_BETA && (beta != 0 || fault == Fault.READ_AT_BETA_ZERO)) {
          sum = Math.fma(beta, c.old(i, j), sum);
        }
        out.set(i, j, sum);
      }
    }
    if (fault == Fault.WRITE_BEYOND) {
      c.poison();
    } else if (fault == Fault.WRITE_TO_INPUT) {
      a.mat().set(0, 0, 7);
    }
  }

  private static void check(Fault fault, long seed) {
    Draw draw = new Draw(seed);
    int n = 2 + draw.random.nextInt(8);
    // No multiple of four, so that there is a tail to miss.
    int k = n % 4 == 0 ? n + 1 : n;
    double beta = fault == Fault.READ_AT_BETA_ZERO ? 0 : 0.7;
    try (Workspace w = Workspace.create()) {
      Guarded a = Guarded.mat(w, n, k, draw.slack(), Precision.F64, draw.uniform());
      Guarded b = Guarded.mat(w, k, k, draw.slack(), Precision.F64, draw.uniform());
      Guarded c = Guarded.mat(w, n, k, draw.slack(), Precision.F64, draw.output(beta));
      gemm(fault, a, b, beta, c, k);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < k; j++) {
          DoubleDouble exact = new DoubleDouble();
          for (int q = 0; q < k; q++) {
            exact.addProduct(a.old(i, q), b.old(q, j));
          }
          if (beta != 0) {
            exact.addProduct(beta, c.old(i, j));
          }
          assertWithin(c.now(i, j), exact, k + 2, Precision.F64, fault::name);
        }
      }
      a.assertIntact("a");
      b.assertIntact("b");
      c.assertCanaries("c");
    }
  }

  @Property(tries = 100)
  void everyFaultIsCaught(@ForAll long seed) {
    assertDoesNotThrow(() -> check(Fault.NONE, seed));
    for (Fault fault : Fault.values()) {
      if (fault != Fault.NONE) {
        assertThrows(AssertionError.class, () -> check(fault, seed), fault::name);
      }
    }
  }
}
