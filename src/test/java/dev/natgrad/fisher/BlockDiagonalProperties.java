package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.oracle.Allocation;
import dev.natgrad.oracle.NaiveDense;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** The blocks of a Fisher matrix against slices of the dense one. */
class BlockDiagonalProperties {
  private static ExactFisher exact(KroneckerCase c) {
    ExactFisher exact =
        new ExactFisher(c.w, c.linearization, c.distribution, c.parameters, c.batch, c.precision);
    exact.setPoint(c.mean);
    return exact;
  }

  @Property(tries = 60)
  void theBlocksAreSlicesOfTheDenseMatrix(
      @ForAll Precision precision, @ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, precision, family, seed);
      ExactFisher exact = exact(c);
      DenseFisher dense = new DenseFisher(w, c.parameters, precision);
      dense.assemble(exact);
      BlockDiagonalFisher blocks = new BlockDiagonalFisher(w, exact, c.layers(), true);
      blocks.assemble();
      Vec e = Vec.allocate(w, c.parameters, precision);
      Vec y = Vec.allocate(w, c.parameters, precision);
      Vec full = Vec.allocate(w, c.parameters, precision);
      for (int l = 0; l < c.layers().size(); l++) {
        DenseLayer layer = c.layers().get(l);
        int from = layer.weightOffset();
        for (int i = 0; i < layer.parameters(); i++) {
          for (int j = 0; j <= i; j++) {
            assertEquals(dense.matrix().get(from + i, from + j), blocks.block(l).get(i, j));
          }
          e.set(from + i, 1);
          exact.apply(2, e, 0, full);
          blocks.apply(2, e, 0, y);
          e.set(from + i, 0);
          for (int j = 0; j < c.parameters; j++) {
            boolean inside = j >= from && j < from + layer.parameters();
            assertEquals(inside ? full.get(j) : 0, y.get(j));
          }
        }
      }
    }
  }

  @Property(tries = 60)
  void aSolveIsThatOfEveryBlock(@ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F64, family, seed);
      BlockDiagonalFisher blocks = new BlockDiagonalFisher(w, exact(c), c.layers(), true);
      blocks.assemble();
      double lambda = 0.5;
      Vec b = c.randomVector();
      Vec x = Vec.allocate(w, c.parameters, Precision.F64);
      assertTrue(blocks.solve(lambda, b, x));
      for (int l = 0; l < c.layers().size(); l++) {
        double[][] f = KroneckerCase.symmetric(blocks.block(l), lambda);
        double[] expected = NaiveDense.solve(f, c.block(b, l));
        // Both solvers err by at most c·n²·u·κ of the solution's norm (Higham, 10.4 and 9.5, with
        // a growth of at most n on these matrices).
        double condition = KroneckerCase.trace(f) / lambda;
        double n = f.length;
        double bound = 16 * n * n * n * c.u * condition * NaiveDense.norm(expected);
        double error = NaiveDense.norm(NaiveDense.minus(c.block(x, l), expected));
        assertTrue(error <= bound, "layer " + l + " off by " + error);
      }
      double[] first = x.toArray();
      assertTrue(blocks.solve(lambda, b, b));
      assertArrayEquals(first, b.toArray());
    }
  }

  @Tag("allocation")
  @Example
  void callsAreChecked() {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F32, Family.CATEGORICAL, 2);
      ExactFisher exact = exact(c);
      for (boolean solves : new boolean[] {false, true}) {
        long before = w.bytesUsed();
        new BlockDiagonalFisher(w, exact, c.layers(), solves);
        long bytes = BlockDiagonalFisher.bytes(c.layers(), c.parameters, solves, Precision.F32);
        assertEquals(bytes, w.bytesUsed() - before);
      }
      BlockDiagonalFisher products = new BlockDiagonalFisher(w, exact, c.layers(), false);
      Vec v = c.randomVector();
      Vec y = c.randomVector();
      assertThrows(IllegalStateException.class, products::assemble);
      assertThrows(IllegalStateException.class, () -> products.solve(1, v, y));
      BlockDiagonalFisher solver = new BlockDiagonalFisher(w, exact, c.layers(), true);
      double[] untouched = y.toArray();
      assertFalse(solver.solve(0, v, y));
      assertArrayEquals(untouched, y.toArray());
      assertThrows(IllegalArgumentException.class, () -> solver.solve(-1, v, y));
      List<DenseLayer> large = List.of(new DenseLayer(100, 100, 0, DenseLayer.NO_BIAS));
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> BlockDiagonalFisher.bytes(large, 10_000, true, Precision.F32))
              .getMessage();
      assertTrue(message.contains("10000 parameters") && message.contains("4096"), message);
      solver.assemble();
      Allocation.assertNone(
          "blocks",
          () -> {
            solver.apply(1, v, 0, y);
            solver.solve(1, v, y);
          });
    }
  }
}
