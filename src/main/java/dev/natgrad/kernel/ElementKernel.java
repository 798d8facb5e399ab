package dev.natgrad.kernel;

/** A kernel on n elements at two addresses, of which the second is written. */
@FunctionalInterface
public interface ElementKernel {
  /**
   * Runs it.
   *
   * @param n how many elements, without gaps
   * @param x the address of the first operand
   * @param y the address of the second; may be x where the kernel says so
   * @param scratch 128 bytes
   */
  void run(int n, long x, long y, long scratch);
}
