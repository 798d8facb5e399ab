package dev.natgrad.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the small eigenproblem keeps. No operator of finite products ends in keeping nothing. */
class NystromCoreTest {
  private static final double NU = 1e-3;

  private static NystromCore core(double first, double second, double off) {
    NystromCore core = new NystromCore(2);
    core.setSquare(0, 0, first);
    core.setSquare(1, 0, off);
    core.setSquare(1, 1, second);
    return core;
  }

  /** Σ² = ν is that of a null direction, up to 2ν is rounding. */
  @Test
  void nothingIsKeptWhereAllIsBelowTheFloor() {
    assertEquals(0, core(NU, NU, 0).decompose(NU));
    assertEquals(0, core(2 * NU, 0, 0).decompose(NU));
    assertEquals(0, core(NU, NU, 0.99 * NU).decompose(NU));
    assertEquals(0, core(0, 0, 0).decompose(NU));
  }

  @Test
  void theLargestIsKeptFirstWithoutTheShift() {
    NystromCore core = core(NU, 3 * NU, 0);
    assertEquals(1, core.decompose(NU));
    assertEquals(2 * NU, core.eigenvalue(0), 4 * Math.ulp(NU));
    assertEquals(0, core.transform(0, 0));
    assertEquals(1 / Math.sqrt(3 * NU), core.transform(0, 1), 1e-14 / Math.sqrt(NU));
    assertEquals(2, core(3 * NU, 5 * NU, NU).decompose(NU));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void whatIsNotFiniteIsSaid(double value) {
    assertEquals(-1, core(1, 1, value).decompose(NU));
    NystromCore mixed = new NystromCore(1);
    mixed.setMixed(0, 0, value);
    assertFalse(mixed.cholesky());
  }
}
