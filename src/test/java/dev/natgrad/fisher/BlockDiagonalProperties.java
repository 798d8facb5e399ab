package dev.natgrad.fisher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.fisher.FisherCase.Family;
import dev.natgrad.linalg.Blas;
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
      dense.assembleFromProducts(exact);
      BlockDiagonalFisher blocks = blocks(w, c, null);
      blocks.assemble(exact);
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
          dense.apply(2, e, 0, full);
          blocks.apply(2, e, 0, y);
          e.set(from + i, 0);
          for (int j = 0; j < c.parameters; j++) {
            boolean inside = j >= from && j < from + layer.parameters();
            // A column of the dense matrix, summed with zeros only.
            assertEquals(inside ? full.get(j) : 0, y.get(j));
          }
        }
      }
    }
  }

  /** The rows of S give, to rounding, what products with unit vectors do. */
  @Property(tries = 60)
  void rowsAndProductsGiveTheSameBlocks(@ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F64, family, seed);
      ExactFisher exact = exact(c);
      int outputs = exact.factorColumns();
      int batch = exact.batch();
      FactorRows rows =
          new FactorRows(w, c.linearization, outputs, c.parameters, batch, Precision.F64);
      BlockDiagonalFisher fromRows = blocks(w, c, rows);
      BlockDiagonalFisher fromProducts = blocks(w, c, null);
      fromRows.assemble(exact);
      fromProducts.assemble(exact);
      for (int l = 0; l < c.layers().size(); l++) {
        double trace = KroneckerCase.trace(KroneckerCase.symmetric(fromProducts.block(l), 0));
        // Both sum outputs·batch terms, each a product of at most width² others.
        double bound = 1000 * (outputs * batch + c.parameters) * c.u * trace;
        for (int i = 0; i < fromRows.block(l).rows(); i++) {
          for (int j = 0; j < fromRows.block(l).rows(); j++) {
            assertEquals(fromProducts.block(l).get(i, j), fromRows.block(l).get(i, j), bound);
          }
        }
      }
    }
  }

  private static BlockDiagonalFisher blocks(Workspace w, KroneckerCase c, FactorRows rows) {
    return new BlockDiagonalFisher(w, rows, c.batch, c.layers(), c.parameters, c.precision);
  }

  @Property(tries = 60)
  void aSolveIsThatOfEveryBlock(@ForAll Family family, @ForAll long seed) {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F64, family, seed);
      BlockDiagonalFisher blocks = blocks(w, c, null);
      blocks.assemble(exact(c));
      double lambda = 0.5;
      Vec damping = Vec.allocate(w, c.parameters, Precision.F64);
      Blas.fill(lambda, damping);
      assertEquals(DirectStatus.SOLVED, blocks.damp(damping));
      Vec b = c.randomVector();
      Vec x = Vec.allocate(w, c.parameters, Precision.F64);
      assertEquals(DirectStatus.SOLVED, blocks.solve(b, x));
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
      assertEquals(DirectStatus.SOLVED, blocks.solve(b, b));
      assertArrayEquals(first, b.toArray());
    }
  }

  @Tag("allocation")
  @Example
  void callsAreChecked() {
    try (Workspace w = Workspace.create()) {
      KroneckerCase c = new KroneckerCase(w, Precision.F32, Family.CATEGORICAL, 2);
      ExactFisher exact = exact(c);
      long before = w.bytesUsed();
      BlockDiagonalFisher blocks = blocks(w, c, null);
      long bytes = BlockDiagonalFisher.bytes(c.layers(), c.parameters, Precision.F32);
      assertEquals(bytes, w.bytesUsed() - before);
      Vec v = c.randomVector();
      Vec y = c.randomVector();
      Vec damping = Vec.allocate(w, c.parameters, Precision.F32);
      assertThrows(IllegalStateException.class, () -> blocks.damp(damping));
      assertThrows(IllegalStateException.class, () -> blocks.solve(v, y));
      assertThrows(IllegalStateException.class, () -> blocks.apply(1, v, 0, y));
      blocks.assemble(exact);
      Blas.fill(-1, damping);
      assertThrows(IllegalArgumentException.class, () -> blocks.damp(damping));
      Blas.fill(Double.NaN, damping);
      double[] untouched = y.toArray();
      assertEquals(DirectStatus.NON_FINITE, blocks.damp(damping));
      assertThrows(IllegalStateException.class, () -> blocks.solve(v, y));
      assertArrayEquals(untouched, y.toArray());
      List<DenseLayer> large = List.of(new DenseLayer(100, 100, 0, DenseLayer.NO_BIAS));
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> BlockDiagonalFisher.bytes(large, 10_000, Precision.F32))
              .getMessage();
      assertTrue(message.contains("10000 parameters") && message.contains("4096"), message);
      Blas.fill(1, damping);
      Allocation.assertNone(
          "blocks",
          () -> {
            blocks.assemble(exact);
            blocks.apply(1, v, 0, y);
            blocks.damp(damping);
            blocks.solve(v, y);
          });
    }
  }
}
