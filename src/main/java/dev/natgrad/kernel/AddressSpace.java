package dev.natgrad.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The whole address space as one constant segment: an offset into it is an address.
 *
 * <p>All kernels read and write through it because access through many segments shares type
 * profiles inside the JDK, and other code in the JVM that uses heap segments then slows the kernels
 * 3 to 5 times. It checks neither bounds nor liveness: whoever calls a kernel has done so.
 */
public final class AddressSpace {
  /** Every byte the process can address; byte offset = address. */
  @SuppressWarnings("restricted")
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /**
   * {@code address & RANGE} is the address itself, now known to C2 to be within {@link #ALL} by a
   * wide margin: it drops the bounds check of every access at a constant distance. In the inner
   * loop of gemm the checks cost half of the speed.
   */
  public static final long RANGE = Long.MAX_VALUE >>> 2;

  private AddressSpace() {}
}
