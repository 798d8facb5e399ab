package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FisherTest {
  private final Workspace w = Workspace.create();

  @AfterEach
  void close() {
    w.close();
  }

  @ParameterizedTest
  @EnumSource
  void eachTakesTheBytesItSays(Precision precision) {
    FisherCase c = new FisherCase(w, precision, Family.CATEGORICAL, 5);
    for (int batch : new int[] {1, 7, 8, 100}) {
      long before = w.bytesUsed();
      ExactFisher exact =
          new ExactFisher(w, c.linearization, c.distribution, c.parameters, batch, precision);
      assertEquals(ExactFisher.bytes(batch, c.outputs, precision), w.bytesUsed() - before);
      assertEquals(c.parameters, exact.size());
      for (int draws : new int[] {1, 3}) {
        before = w.bytesUsed();
        new SampledFisher(
            w, c.linearization, c.distribution, c.parameters, batch, draws, 1, precision);
        long bytes = SampledFisher.bytes(batch, c.outputs, draws, precision);
        assertEquals(bytes, w.bytesUsed() - before);
      }
    }
    for (int parameters : new int[] {1, 5, 33}) {
      long before = w.bytesUsed();
      new DenseFisher(w, parameters, precision);
      assertEquals(DenseFisher.bytes(parameters, precision), w.bytesUsed() - before);
    }
  }

  @Tag("allocation")
  @ParameterizedTest
  @EnumSource
  void productsAllocateNothing(Family family) {
    FisherCase c = new FisherCase(w, Precision.F32, family, 3);
    ExactFisher exact = c.exact();
    SampledFisher sampled = c.sampled(2);
    Vec v = c.randomVector();
    Vec y = Vec.allocate(w, c.parameters, Precision.F32);
    int[] round = new int[1];
    Runnable products =
        () -> {
          exact.setPoint(c.mean);
          sampled.setPoint(c.mean);
          exact.apply(1, v, 0, y);
          sampled.apply(1, v, 1, y);
          exact.curvature(v);
          sampled.curvature(v);
          int column = round[0]++ % 200;
          exact.trace(1, column, y);
          sampled.trace(1, column, y);
        };
    products.run();
    long offHeap = w.bytesUsed();
    Allocation.assertNone("products of " + family, products);
    assertEquals(offHeap, w.bytesUsed());
  }

  @Test
  void badArgumentsAreNamed() {
    FisherCase c = new FisherCase(w, Precision.F64, Family.CATEGORICAL, 9);
    ExactFisher unset =
        new ExactFisher(w, c.linearization, c.distribution, c.parameters, 2, Precision.F64);
    Vec v = c.randomVector();
    Vec y = Vec.allocate(w, c.parameters, Precision.F64);
    assertMessage(IllegalStateException.class, "setPoint", () -> unset.apply(1, v, 0, y));
    assertMessage(IllegalStateException.class, "setPoint", () -> unset.curvature(v));
    assertMessage(IllegalStateException.class, "setPoint", () -> unset.trace(1, 1, y));
    Mat tall = Mat.allocate(w, 3, c.outputs, Precision.F64);
    assertMessage(IllegalArgumentException.class, "mean is 3×", () -> unset.setPoint(tall));
    Mat single = Mat.allocate(w, 2, c.outputs, Precision.F32);
    assertMessage(IllegalArgumentException.class, "F32", () -> unset.setPoint(single));
    Mat empty = tall.top(0);
    assertThrows(IllegalArgumentException.class, () -> unset.setPoint(empty));
    Fisher exact = c.exact();
    assertMessage(IllegalArgumentException.class, "overlaps", () -> exact.apply(1, v, 0, v));
    Vec wrong = Vec.allocate(w, c.parameters + 1, Precision.F64);
    assertMessage(IllegalArgumentException.class, "length", () -> exact.apply(1, wrong, 0, y));
    assertMessage(IllegalArgumentException.class, "length", () -> exact.curvature(wrong));
    assertMessage(IllegalArgumentException.class, "length", () -> exact.trace(1, 1, wrong));
    assertMessage(IllegalArgumentException.class, "probes is 0", () -> exact.trace(0, 1, y));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SampledFisher(w, c.linearization, new Categorical(2), 3, 1, 0, 1, Precision.F64));
    assertThrows(IllegalArgumentException.class, () -> new DenseFisher(w, 0, Precision.F64));
    assertThrows(IllegalArgumentException.class, () -> new DenseFisher(w, 50_000, Precision.F64));
  }

  private static void assertMessage(Class<? extends Exception> type, String part, Executable run) {
    String message = assertThrows(type, run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
