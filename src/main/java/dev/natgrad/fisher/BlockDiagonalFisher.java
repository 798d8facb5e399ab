package dev.natgrad.fisher;

import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Cholesky;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.linalg.Triangle;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import dev.natgrad.operator.LinearOperator;
import dev.natgrad.operator.OperatorCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The diagonal blocks of a Fisher matrix, one for the parameters of each dense layer and one for
 * those of each gap between them: F_ll for l = 0, 1, …, and zero elsewhere. Nothing else is
 * approximated.
 *
 * <p>As {@link DenseFisher}, they are made of the rows of S, F = SᵀS, in R·B·Σ P_l² operations, or
 * of P products with the unit vectors; and solved with by Cholesky in double, each block with a
 * shift of its own where it needs one. A block has up to {@value #LARGEST_BLOCK} parameters: larger
 * layers are for Kronecker factors.
 *
 * <p>Its own memory is Σ P_l² numbers in its precision and as many in F64, and a few vectors:
 * {@link #bytes}.
 *
 * <p>Thread rule and allocation are {@link DirectFisher}'s, but that it makes views of a vector at
 * its first use.
 */
public final class BlockDiagonalFisher implements DirectFisher {
  /** The largest P_l: 64 MiB in F32 and 128 MiB in F64. */
  public static final int LARGEST_BLOCK = 4096;

  private static final int KEPT = 16;

  private final FactorRows factorRows;
  private final BatchViews<Mat[]> rowParts;
  private final Precision precision;
  private final int[] offsets;
  private final int[] lengths;
  private final Vec unit;
  private final Vec product;
  private final Vec[] unitParts;
  private final Vec[] productParts;
  private final Mat[] blocks;
  private final Vec[][] columns;
  private final DampedCholesky[] factors;
  private final Vec[] kept = new Vec[KEPT];
  private final Vec[][] keptParts = new Vec[KEPT][];
  private int next;
  private boolean assembled;

  /**
   * Blocks of zero.
   *
   * @param workspace the owner of its memory
   * @param factorRows the rows of S; null for products alone
   * @param maxBatch the largest batch of the rows, at least 1
   * @param layers the dense layers
   * @param parameters P
   * @param precision the format
   * @throws IllegalArgumentException if a number is below 1, the layers do not fit in P, or a block
   *     is too large to be held
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public BlockDiagonalFisher(
      Workspace workspace,
      FactorRows factorRows,
      int maxBatch,
      List<DenseLayer> layers,
      int parameters,
      Precision precision) {
    FisherCheck.atLeastOne("maxBatch", maxBatch);
    List<LayerBlocks.Range> ranges = ranges(layers, parameters);
    int count = ranges.size();
    this.factorRows = factorRows;
    this.precision = precision;
    this.offsets = ranges.stream().mapToInt(LayerBlocks.Range::offset).toArray();
    this.lengths = ranges.stream().mapToInt(LayerBlocks.Range::length).toArray();
    this.rowParts = new BatchViews<>(maxBatch, b -> rowParts(factorRows.buffer(b).rows));
    this.unit = Vec.allocate(workspace, parameters, precision);
    this.product = Vec.allocate(workspace, parameters, precision);
    this.unitParts = parts(unit);
    this.productParts = parts(product);
    this.blocks = new Mat[count];
    this.columns = new Vec[count][];
    this.factors = new DampedCholesky[count];
    for (int l = 0; l < count; l++) {
      blocks[l] = Mat.allocate(workspace, lengths[l], lengths[l], precision);
      factors[l] = new DampedCholesky(workspace, lengths[l], precision);
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
    ranges.forEach(BlockDiagonalFisher::checkSize);
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

  private Mat[] rowParts(Mat rows) {
    Mat[] parts = new Mat[offsets.length];
    for (int l = 0; l < parts.length; l++) {
      parts[l] = rows.block(0, offsets[l], rows.rows(), lengths[l]);
    }
    return parts;
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

  /**
   * Returns the off-heap memory it takes, without that of the {@link FactorRows}: two vectors of
   * length P, and for each block P_l² numbers, and P_l² + P_l in F64.
   *
   * @param layers the dense layers
   * @param parameters P
   * @param precision the format
   * @return bytes, each block rounded up to a multiple of 64
   * @throws IllegalArgumentException as for the constructor
   */
  public static long bytes(List<DenseLayer> layers, int parameters, Precision precision) {
    long bytes = 2 * Vec.bytes(parameters, precision);
    for (LayerBlocks.Range range : ranges(layers, parameters)) {
      bytes += Mat.bytes(range.length(), range.length(), precision);
      bytes += DampedCholesky.bytes(range.length());
    }
    return bytes;
  }

  @Override
  public void assemble(Fisher f) {
    begin();
    OperatorCheck.vector(f, "a vector of these blocks", unit);
    if (factorRows == null || f.factorColumns() > DenseFisher.MOST_COLUMNS) {
      assembleFromProducts(f);
      return;
    }
    for (int k = 0; k < f.factorColumns(); k++) {
      Mat[] parts = rowParts.of(factorRows.column(f, k).rows.rows());
      for (int l = 0; l < blocks.length; l++) {
        Blas.syrk(Triangle.LOWER, Transpose.YES, 1, parts[l], k == 0 ? 0 : 1, blocks[l]);
      }
    }
    for (Mat block : blocks) {
      Cholesky.mirror(block);
    }
    assembled = true;
  }

  /**
   * Reads the blocks from another operator by P products, and symmetrises them.
   *
   * @param f a symmetric operator on vectors of length P
   * @throws IllegalArgumentException if its size or precision does not fit
   */
  public void assembleFromProducts(LinearOperator f) {
    begin();
    OperatorCheck.vector(f, "a vector of these blocks", unit);
    Blas.fill(0, unit);
    for (int l = 0; l < blocks.length; l++) {
      for (int i = 0; i < lengths[l]; i++) {
        unitParts[l].set(i, 1);
        f.apply(1, unit, 0, product);
        Blas.copy(productParts[l], columns[l][i]);
        unitParts[l].set(i, 0);
      }
      symmetrise(blocks[l]);
    }
    assembled = true;
  }

  /** Until it ends there are no blocks, so that none are left if it throws. */
  private void begin() {
    assembled = false;
    clear();
  }

  private void clear() {
    for (DampedCholesky factor : factors) {
      factor.clear();
    }
  }

  private static void symmetrise(Mat a) {
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < i; j++) {
        double mean = 0.5 * a.get(i, j) + 0.5 * a.get(j, i);
        a.set(i, j, mean);
        a.set(j, i, mean);
      }
    }
  }

  /**
   * Returns how many blocks there are.
   *
   * @return layers and gaps, at least 1
   */
  public int blocks() {
    return blocks.length;
  }

  /**
   * Returns a block as it was last assembled.
   *
   * @param block its number in the order of θ
   * @return F_ll, both triangles; a view
   */
  public Mat block(int block) {
    return blocks[block];
  }

  @Override
  public int size() {
    return unit.length();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public void apply(double alpha, Vec x, double beta, Vec y) {
    FisherCheck.assembled(assembled);
    OperatorCheck.product(this, x, y);
    Vec[] from = partsOf(x);
    Vec[] to = partsOf(y);
    for (int l = 0; l < blocks.length; l++) {
      Blas.symv(alpha, blocks[l], from[l], beta, to[l]);
    }
  }

  @Override
  public DirectStatus damp(Vec w) {
    FisherCheck.assembled(assembled);
    FisherCheck.damping(this, w);
    Vec[] parts = partsOf(w);
    DirectStatus worst = DirectStatus.SOLVED;
    for (int l = 0; l < blocks.length; l++) {
      DirectStatus status = factors[l].factor(blocks[l], parts[l], 0);
      worst = status.ordinal() > worst.ordinal() ? status : worst;
    }
    if (!worst.solved()) {
      clear();
    }
    return worst;
  }

  @Override
  public DirectStatus solve(Vec g, Vec d) {
    OperatorCheck.vector(this, "g", g);
    OperatorCheck.vector(this, "d", d);
    Vec[] from = partsOf(g);
    for (int l = 0; l < blocks.length; l++) {
      if (!factors[l].solve(from[l], productParts[l])) {
        return DirectStatus.NON_FINITE;
      }
    }
    Blas.copy(product, d);
    return shift() == 0 ? DirectStatus.SOLVED : DirectStatus.SHIFT_RAISED;
  }

  /** {@inheritDoc} The largest of the blocks'. */
  @Override
  public double shift() {
    double largest = 0;
    for (DampedCholesky factor : factors) {
      largest = Math.max(largest, factor.shift());
    }
    return largest;
  }
}
