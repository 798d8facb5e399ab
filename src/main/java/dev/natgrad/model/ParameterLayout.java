package dev.natgrad.model;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the named blocks of a model's parameters lie in the flat vector θ. The blocks follow each
 * other without gaps, matrices row-major. Immutable; usable from any thread.
 */
public final class ParameterLayout {
  /**
   * One block of parameters: a matrix, or a vector of {@code cols} numbers.
   *
   * @param name its name, unique in the layout, such as {@code layer0.weight}
   * @param offset its first element's index in θ
   * @param rows the number of rows; 1 for a vector
   * @param cols the number of columns; its length for a vector
   * @param vector whether it is a vector rather than a matrix
   */
  public record Block(String name, int offset, int rows, int cols, boolean vector) {
    /**
     * Returns the number of parameters in the block.
     *
     * @return rows·cols
     */
    public int length() {
      return rows * cols;
    }

    /**
     * Returns the block of a θ as a rows×cols matrix: a view.
     *
     * @param theta θ, of length P
     * @return a view of θ's memory
     */
    public Mat mat(Vec theta) {
      return theta.slice(offset, length()).asMat(rows, cols);
    }

    /**
     * Returns the block of a θ as a vector, a matrix row by row: a view.
     *
     * @param theta θ, of length P
     * @return a view of θ's memory, of {@link #length()} elements
     */
    public Vec vec(Vec theta) {
      return theta.slice(offset, length());
    }
  }

  private final List<Block> blocks;
  private final int parameters;

  private ParameterLayout(List<Block> blocks, int parameters) {
    this.blocks = List.copyOf(blocks);
    this.parameters = parameters;
  }

  /**
   * Returns the blocks in their order in θ.
   *
   * @return an unmodifiable list
   */
  public List<Block> blocks() {
    return blocks;
  }

  /**
   * Returns the block of a name.
   *
   * @param name the name
   * @return the block
   * @throws IllegalArgumentException if there is none of that name
   */
  public Block block(String name) {
    for (Block block : blocks) {
      if (block.name().equals(name)) {
        return block;
      }
    }
    throw new IllegalArgumentException(
        "name is '" + name + "'; this layout has " + blocks.stream().map(Block::name).toList());
  }

  /**
   * Returns P, the length of θ.
   *
   * @return the sum of the blocks' lengths
   */
  public int parameters() {
    return parameters;
  }

  /** Collects blocks in the order of θ. */
  static final class Builder {
    private final List<Block> blocks = new ArrayList<>();
    private int offset;

    Builder matrix(String name, int rows, int cols) {
      return add(new Block(name, offset, rows, cols, false));
    }

    Builder vector(String name, int length) {
      return add(new Block(name, offset, 1, length, true));
    }

    /** The block added last. */
    Block last() {
      return blocks.get(blocks.size() - 1);
    }

    private Builder add(Block block) {
      long end = offset + (long) block.rows() * block.cols();
      if (end > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "the model has more than "
                + Integer.MAX_VALUE
                + " parameters, the most a vector can hold ("
                + block.name()
                + " ends at "
                + end
                + "): use narrower layers");
      }
      blocks.add(block);
      offset = (int) end;
      return this;
    }

    ParameterLayout build() {
      return new ParameterLayout(blocks, offset);
    }
  }
}
