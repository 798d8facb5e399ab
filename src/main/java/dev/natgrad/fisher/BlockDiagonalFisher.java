package dev.natgrad.fisher;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * The diagonal blocks of a Fisher matrix, one for the parameters of each dense layer and one for
 * those of each gap between them: F_ll for l = 0, 1, …, and zero elsewhere. Nothing else is
 * approximated.
 *
 * <p>A product masks the vector block by block: as many products with F as there are blocks. A
 * solve needs the blocks in memory, {@link #assemble}: P products with F and Σ P_l² numbers, so it
 * is for small layers, up to {@value #LARGEST_BLOCK} parameters.
 *
 * <p>Its own memory is {@link #bytes}. Thread rule: the owner of its workspace. Allocates nothing
 * once its vectors have been seen.
 */
public final class BlockDiagonalFisher implements LinearOperator {
  /** The largest P_l of a block that is held in memory: 64 MiB in F32, twice. */
  public static final int LARGEST_BLOCK = 4096;

  private static final int KEPT = 16;

  private final LinearOperator fisher;
  private final int[] offsets;
  private final int[] lengths;
  private final Vec masked;
  private final Vec product;
  private final Mat[] blocks;
  private final Mat[] factors;
  private final Vec[][] columns;
  private final Vec[] maskedParts;
  private final Vec[] productParts;
  private final Vec[] kept = new Vec[KEPT];
  private final Vec[][] keptParts = new Vec[KEPT][];
  private int next;
  private double factored = Double.NaN;

  /**
   * Blocks of a Fisher matrix.
   *
   * @param workspace the owner of its memory
   * @param fisher F, at its current point
   * @param layers the dense layers
   * @param solves whether the blocks are to be held in memory and solved with
   * @throws IllegalArgumentException if the layers do not fit in P, or a block is too large to be
   *     held
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public BlockDiagonalFisher(
      Workspace workspace, LinearOperator fisher, List<DenseLayer> layers, boolean solves) {
    this.fisher = Objects.requireNonNull(fisher, "fisher");
    List<LayerBlocks.Range> ranges = ranges(layers, fisher.size());
    int count = ranges.size();
    if (solves) {
      ranges.forEach(BlockDiagonalFisher::checkSize);
    }
    this.offsets = ranges.stream().mapToInt(LayerBlocks.Range::offset).toArray();
    this.lengths = ranges.stream().mapToInt(LayerBlocks.Range::length).toArray();
    Precision precision = fisher.precision();
    this.masked = Vec.allocate(workspace, fisher.size(), precision);
    this.product = Vec.allocate(workspace, fisher.size(), precision);
    this.maskedParts = parts(masked);
    this.productParts = parts(product);
    this.blocks = new Mat[solves ? count : 0];
    this.factors = new Mat[blocks.length];
    this.columns = new Vec[blocks.length][];
    for (int l = 0; l < blocks.length; l++) {
      blocks[l] = Mat.allocate(workspace, lengths[l], lengths[l], precision);
      factors[l] = Mat.allocate(workspace, lengths[l], lengths[l], precision);
      columns[l] = new Vec[lengths[l]];
      for (int i = 0; i < lengths[l]; i++) {
        columns[l][i] = blocks[l].row(i);
      }
    }
  }

  private static List<LayerBlocks.Range> ranges(List<DenseLayer> layers, int parameters) {
    List<LayerBlocks.Range> ranges = new ArrayList<>(new LayerBlocks(layers, parameters).gaps);
    for (DenseLayer layer : layers) {
      ranges.add(new LayerBlocks.Range(layer.weightOffset(), layer.parameters()));
    }
    ranges.sort(Comparator.comparingInt(LayerBlocks.Range::offset));
    return ranges;
  }

  private static void checkSize(LayerBlocks.Range range) {
    if (range.length() > LARGEST_BLOCK) {
      throw new IllegalArgumentException(
          "the block at offset "
              + range.offset()
              + " has "
              + range.length()
              + " parameters; one that is solved with has at most "
              + LARGEST_BLOCK
              + ": use Kronecker factors");
    }
  }

  /**
   * Returns the off-heap memory it takes: two vectors of length P and, to solve, two matrices
   * P_l×P_l a block.
   *
   * @param layers the dense layers
   * @param parameters P
   * @param solves whether the blocks are held in memory
   * @param precision the format
   * @return bytes, each block rounded up to a multiple of 64
   * @throws IllegalArgumentException as for the constructor
   */
  public static long bytes(
      List<DenseLayer> layers, int parameters, boolean solves, Precision precision) {
    long bytes = 2 * Vec.bytes(parameters, precision);
    for (LayerBlocks.Range range : ranges(layers, parameters)) {
      if (solves) {
        checkSize(range);
        bytes += 2 * Mat.bytes(range.length(), range.length(), precision);
      }
    }
    return bytes;
  }

  private Vec[] parts(Vec vector) {
    Vec[] parts = new Vec[offsets.length];
    for (int l = 0; l < parts.length; l++) {
      parts[l] = vector.slice(offsets[l], lengths[l]);
    }
    return parts;
  }

  /** The parts of a caller's vector, remembered for the last few. */
  private Vec[] partsOf(Vec vector) {
    for (int i = 0; i < KEPT; i++) {
      if (kept[i] == vector) {
        return keptParts[i];
      }
    }
    Vec[] parts = parts(vector);
    kept[next] = vector;
    keptParts[next] = parts;
    next = (next + 1) % KEPT;
    return parts;
  }

  @Override
  public int size() {
    return fisher.size();
  }

  @Override
  public Precision precision() {
    return fisher.precision();
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    OperatorCheck.product(this, x, y);
    Vec[] from = partsOf(x);
    Vec[] to = partsOf(y);
    Blas.fill(0, masked);
    for (int l = 0; l < from.length; l++) {
      Blas.copy(from[l], maskedParts[l]);
      fisher.apply(alpha, masked, 0, product);
      Blas.axpby(1, productParts[l], beta, to[l]);
      Blas.fill(0, maskedParts[l]);
    }
  }

  /**
   * Reads the blocks from F at its current point, symmetrised: P products.
   *
   * @throws IllegalStateException if it was not built to solve
   */
  public void assemble() {
    checkSolves();
    factored = Double.NaN;
    Blas.fill(0, masked);
    for (int l = 0; l < blocks.length; l++) {
      for (int i = 0; i < lengths[l]; i++) {
        maskedParts[l].set(i, 1);
        fisher.apply(1, masked, 0, product);
        Blas.copy(productParts[l], columns[l][i]);
        maskedParts[l].set(i, 0);
      }
      symmetrise(blocks[l]);
    }
  }

  private static void symmetrise(Mat a) {
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < i; j++) {
        a.set(i, j, 0.5 * a.get(i, j) + 0.5 * a.get(j, i));
      }
    }
  }

  /**
   * Returns a block as the last {@link #assemble} left it.
   *
   * @param block its number in the order of θ
   * @return F_ll, of which the lower triangle is to be read; a view
   * @throws IllegalStateException if it was not built to solve
   */
  public Mat block(int block) {
    checkSolves();
    return blocks[block];
  }

  /**
   * x ← (F_ll + λI)⁻¹b block by block, by Cholesky; the factors are kept until λ changes or the
   * blocks do.
   *
   * @param lambda λ ≥ 0
   * @param b a vector of length P
   * @param x a vector of length P; may be b
   * @return false if a block is not positive definite to working precision; x is unchanged then
   * @throws IllegalArgumentException if λ is negative or not finite, or a vector does not fit
   * @throws IllegalStateException if it was not built to solve
   */
  public boolean solve(double lambda, Vec b, Vec x) {
    checkSolves();
    if (!(lambda >= 0 && Double.isFinite(lambda))) {
      throw new IllegalArgumentException("lambda is " + lambda + "; it must be finite and ≥ 0");
    }
    OperatorCheck.vector(this, "b", b);
    OperatorCheck.vector(this, "x", x);
    if (factored != lambda && !factor(lambda)) {
      return false;
    }
    Blas.copy(b, x);
    Vec[] parts = partsOf(x);
    for (int l = 0; l < parts.length; l++) {
      Cholesky.solve(factors[l], parts[l]);
    }
    return true;
  }

  private boolean factor(double lambda) {
    factored = Double.NaN;
    for (int l = 0; l < blocks.length; l++) {
      Blas.copy(blocks[l], factors[l]);
      for (int i = 0; i < lengths[l]; i++) {
        factors[l].set(i, i, factors[l].get(i, i) + lambda);
      }
      if (!Cholesky.factor(factors[l])) {
        return false;
      }
    }
    factored = lambda;
    return true;
  }

  private void checkSolves() {
    if (blocks.length == 0) {
      throw new IllegalStateException("the blocks are not held: build it with solves = true");
    }
  }
}
