package dev.natgrad.solver;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;

/**
 * Iterates of a conjugate gradient solve at iterations 1, 2, 3, 4, 6, 8, 11, … (each ⌈{@value
 * #GROWTH}·j⌉ after j), the last few of them: candidates for a step. The last iterate minimises φ
 * best, but not always the objective: the caller evaluates it on the candidates from the newest
 * back and takes the best (Martens, Deep learning via Hessian-free optimization, 2010, section
 * 4.6).
 *
 * <p>Its memory is {@code capacity} vectors of length n, {@link #bytes}; {@link #gridPoints} is the
 * capacity that loses none. Thread rule: the owner of its workspace. Allocates nothing after
 * construction.
 */
public final class StoredIterates {
  /** The factor between the numbers of stored iterations. */
  public static final double GROWTH = 1.3;

  private final Vec[] iterates;
  private final int[] numbers;
  private int stored;
  private int due;

  /**
   * Takes the vectors.
   *
   * @param workspace the owner of the vectors
   * @param n their length, in elements, at least 0
   * @param precision their format
   * @param capacity how many iterates to keep, at least 1
   * @throws IllegalArgumentException if {@code capacity} is below 1 or {@code n} negative
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public StoredIterates(Workspace workspace, int n, Precision precision, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + "; it must be at least 1");
    }
    this.iterates = new Vec[capacity];
    this.numbers = new int[capacity];
    for (int i = 0; i < capacity; i++) {
      iterates[i] = Vec.allocate(workspace, n, precision);
    }
    clear();
  }

  /**
   * Returns the off-heap memory it takes: {@code capacity} vectors of length n.
   *
   * @param n the length of the vectors, in elements
   * @param precision their format
   * @param capacity how many iterates it keeps
   * @return bytes
   */
  public static long bytes(int n, Precision precision, int capacity) {
    return capacity * Vec.bytes(n, precision);
  }

  /**
   * Returns how many iterates a solve of a given length stores if none is overwritten.
   *
   * @param iterationLimit the number of iterations, at least 0
   * @return 21 for 250 iterations
   */
  public static int gridPoints(int iterationLimit) {
    int points = 0;
    for (long j = 1; j <= iterationLimit; j = after(j)) {
      points++;
    }
    return points;
  }

  private static long after(long j) {
    return (long) Math.ceil(GROWTH * j);
  }

  /** Forgets all iterates. A solve does so when it starts. */
  void clear() {
    stored = 0;
    due = 1;
  }

  /** Keeps x if this iteration is one of the grid, in place of the oldest if all are in use. */
  void offer(int iteration, Vec x) {
    if (iteration != due) {
      return;
    }
    int slot = stored % iterates.length;
    Blas.copy(x, iterates[slot]);
    numbers[slot] = iteration;
    stored++;
    due = (int) Math.min(Integer.MAX_VALUE, after(due));
  }

  /** Refuses a solver of another size. */
  void check(int n, Precision precision) {
    if (iterates[0].length() != n || iterates[0].precision() != precision) {
      throw new IllegalArgumentException(
          "these stored iterates have length "
              + iterates[0].length()
              + " in "
              + iterates[0].precision()
              + "; the solver was built for "
              + n
              + " in "
              + precision);
    }
  }

  /**
   * Returns how many iterates of the last solve are kept.
   *
   * @return 0 to the capacity
   */
  public int count() {
    return Math.min(stored, iterates.length);
  }

  /**
   * Returns a kept iterate.
   *
   * @param back 0 for the newest, {@link #count} − 1 for the oldest
   * @return x after {@link #iteration} iterations; overwritten by the next solve
   * @throws IndexOutOfBoundsException if {@code back} is out of range
   */
  public Vec iterate(int back) {
    return iterates[slot(back)];
  }

  /**
   * Returns the number of iterations after which a kept iterate was x.
   *
   * @param back 0 for the newest, {@link #count} − 1 for the oldest
   * @return at least 1
   * @throws IndexOutOfBoundsException if {@code back} is out of range
   */
  public int iteration(int back) {
    return numbers[slot(back)];
  }

  private int slot(int back) {
    if (back < 0 || back >= count()) {
      throw new IndexOutOfBoundsException(
          "back is " + back + "; " + count() + " iterates are kept: it must be below that");
    }
    return (stored - 1 - back) % iterates.length;
  }
}
