package dev.natgrad.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The owner of off-heap memory: every vector and matrix lives in one workspace and dies with it.
 *
 * <p>A block of b bytes takes {@link #blockBytes(long) ⌈b/64⌉·64} bytes, starts on a 64-byte
 * boundary and is zero-filled. {@link #bytesUsed()} is the sum over all blocks handed out; nothing
 * else is taken off heap. A workspace may have a limit: a request beyond it fails before any memory
 * is taken, and the workspace goes on as it was.
 *
 * <p>Thread rule: confined to the thread that created it. Every operation on its vectors and
 * matrices, and {@link #close()}, must come from that thread; any other gets a {@link
 * WrongThreadException}. So memory cannot be freed beneath an operation under way.
 *
 * <p>Sharing: a thread that is to read this memory owns a workspace of its own, which takes a lease
 * on this one with {@link #borrow} and holds it until it is closed. While leases are held, {@link
 * #close()} throws. A lease is counted once when taken and once when given back; operations on
 * borrowed memory check only the borrower, so they touch nothing that threads share.
 */
public final class Workspace implements AutoCloseable {
  /** Every block starts at a multiple of this many bytes: a cache line, a 512-bit vector. */
  public static final int ALIGNMENT = 64;

  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final int CLOSED = -1;

  private final Arena arena;
  private final Thread owner;
  private final long limit;
  private final MemorySegment reductionScratch;
  private MemorySegment productScratch;
  private long used;
  private boolean closed;

  /** Leases held on this workspace, or {@link #CLOSED}: the only state that threads share. */
  private final AtomicInteger leases = new AtomicInteger();

  private final List<Workspace> lenders = new ArrayList<>();

  private Parallelism parallelism;

  private Workspace(long limit) {
    this.arena = Arena.ofConfined();
    this.owner = Thread.currentThread();
    this.limit = limit;
    this.productScratch = MemorySegment.NULL;
    this.reductionScratch = allocate("reduction scratch", OVERHEAD_BYTES);
  }

  /**
   * What a new workspace takes for itself, in bytes: the scratch in which reductions are summed.
   */
  public static final long OVERHEAD_BYTES = 8 * ALIGNMENT;

  /**
   * Creates a workspace without a limit, confined to the calling thread.
   *
   * @return the workspace, of which {@link #OVERHEAD_BYTES} bytes are used
   */
  public static Workspace create() {
    return new Workspace(NO_LIMIT);
  }

  /**
   * Creates a workspace that never takes more than a given number of bytes, confined to the calling
   * thread.
   *
   * @param limitBytes the most it may take, in bytes, {@link #OVERHEAD_BYTES} included
   * @return the workspace
   * @throws IllegalArgumentException if the limit is below {@link #OVERHEAD_BYTES}
   */
  public static Workspace create(long limitBytes) {
    if (limitBytes < OVERHEAD_BYTES) {
      throw new IllegalArgumentException(
          "limitBytes is "
              + limitBytes
              + "; a workspace takes "
              + OVERHEAD_BYTES
              + " bytes for itself: give at least that much");
    }
    return new Workspace(limitBytes);
  }

  /**
   * Returns what a block of the given size takes: ⌈bytes/64⌉·64.
   *
   * @param bytes the size asked for, in bytes, at least 0
   * @return the size taken, in bytes
   */
  public static long blockBytes(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Takes a zero-filled block that lives until the workspace is closed.
   *
   * @param what what the block is for, named in the error when it does not fit
   * @param bytes the size in bytes, at least 0
   * @return the block, 64-byte aligned, of exactly {@code bytes} bytes
   * @throws IllegalArgumentException if {@code bytes} is negative
   * @throws OutOfMemoryError if the limit would be exceeded or the system has no memory left; the
   *     workspace is unchanged
   * @throws IllegalStateException if the workspace is closed
   * @throws WrongThreadException if called from another thread than the owner's
   */
  public MemorySegment allocate(String what, long bytes) {
    checkAccess(what);
    if (bytes < 0) {
      throw new IllegalArgumentException(what + ": size is " + bytes + " bytes; it must be ≥ 0");
    }
    if (bytes > Long.MAX_VALUE - ALIGNMENT || blockBytes(bytes) > limit - used) {
      throw new OutOfMemoryError(
          what
              + " needs "
              + bytes
              + " bytes, but "
              + used
              + " of the workspace's limit of "
              + limit
              + " bytes are used: raise the limit, or use a smaller batch or model");
    }
    MemorySegment block = arena.allocate(blockBytes(bytes), ALIGNMENT);
    used += blockBytes(bytes);
    return block.asSlice(0, bytes);
  }

  /**
   * Returns the scratch that products share, taken at the first call; later calls with the same
   * size return the same block and allocate nothing. Nothing in it outlives the operation that
   * wrote it.
   *
   * @param bytes its size in bytes: the same at every call
   * @return a block of at least {@code bytes} bytes, 64-byte aligned
   */
  public MemorySegment productScratch(long bytes) {
    if (productScratch.byteSize() < bytes) {
      productScratch = allocate("product scratch", bytes);
    }
    return productScratch;
  }

  /**
   * Returns the scratch in which reductions store their lanes. Nothing in it outlives the operation
   * that wrote it.
   *
   * @return a block of {@link #OVERHEAD_BYTES} bytes, 64-byte aligned
   */
  public MemorySegment reductionScratch() {
    return reductionScratch;
  }

  /**
   * Returns the off-heap memory this workspace holds.
   *
   * @return bytes, the sum of {@link #blockBytes(long)} over all blocks
   */
  public long bytesUsed() {
    return used;
  }

  /**
   * Takes a lease on another workspace, held until this one is closed: vectors of the other may
   * then be used on this workspace's thread, through views that belong to this one. A second lease
   * on the same workspace has no effect. Two workspaces that borrow from each other can never be
   * closed.
   *
   * @param lender the owner of the memory, of any thread
   * @throws IllegalArgumentException if {@code lender} is this workspace
   * @throws IllegalStateException if either is closed
   * @throws WrongThreadException if called from another thread than this workspace's owner's
   */
  public void borrow(Workspace lender) {
    Objects.requireNonNull(lender, "lender");
    checkAccess("the borrowing workspace");
    if (lender == this) {
      throw new IllegalArgumentException("lender is the borrowing workspace itself");
    }
    if (borrows(lender)) {
      return;
    }
    lender.takeLease();
    lenders.add(lender);
  }

  private void takeLease() {
    int held;
    do {
      held = leases.get();
      if (held == CLOSED) {
        throw new IllegalStateException("lender is closed: borrow before it is closed");
      }
    } while (!leases.compareAndSet(held, held + 1));
  }

  /**
   * Lets products whose operands all live in workspaces that use the same parallelism share its
   * threads, from now until it is closed. It takes a lease on this workspace, so close it first. No
   * bit of any result depends on it. The same parallelism again has no effect.
   *
   * @param threads a parallelism of the calling thread
   * @throws IllegalStateException if either is closed, or this workspace uses another parallelism
   * @throws WrongThreadException if called from another thread than the owner's of both
   */
  public void use(Parallelism threads) {
    Objects.requireNonNull(threads, "threads");
    checkAccess("the workspace");
    if (parallelism == threads) {
      return;
    }
    if (parallelism != null) {
      throw new IllegalStateException(
          "this workspace uses another parallelism: close that one first");
    }
    threads.addUser(this);
    takeLease();
    parallelism = threads;
  }

  /** The parallelism is closed: its lease ends. */
  void release(Parallelism threads) {
    if (parallelism == threads) {
      parallelism = null;
      leases.decrementAndGet();
    }
  }

  /**
   * Returns the threads that products in this workspace may share. Thread rule: this workspace's
   * owner.
   *
   * @return the parallelism, or null where the owner's thread works alone, as it does by default
   */
  public Parallelism parallelism() {
    return parallelism;
  }

  /**
   * Tells whether this workspace holds a lease on another. Thread rule: this workspace's owner.
   *
   * @param lender the other workspace
   * @return true from {@link #borrow} until this workspace is closed
   */
  public boolean borrows(Workspace lender) {
    return lenders.contains(lender);
  }

  /**
   * Returns the number of leases held on this workspace. Any thread may ask.
   *
   * @return a count ≥ 0; 0 once it is closed
   */
  public int leases() {
    return Math.max(0, leases.get());
  }

  /**
   * Checks that the calling thread may touch this workspace's memory now.
   *
   * @param argument the name of the argument on whose behalf the check is made
   * @throws IllegalStateException if the workspace is closed
   * @throws WrongThreadException if called from another thread than the owner's
   */
  public void checkAccess(String argument) {
    if (Thread.currentThread() != owner || closed) {
      throw refusal(argument);
    }
  }

  private RuntimeException refusal(String argument) {
    if (Thread.currentThread() != owner) {
      return new WrongThreadException(
          argument
              + " belongs to thread '"
              + owner.getName()
              + "' and was used by '"
              + Thread.currentThread().getName()
              + "': a workspace is confined to the thread that created it");
    }
    return new IllegalStateException(
        argument + " belongs to a closed workspace: use it before the workspace is closed");
  }

  /**
   * Tells whether the workspace has been closed.
   *
   * @return true after {@link #close()}
   */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Frees all memory of this workspace and gives back the leases it holds. Closing twice has no
   * effect.
   *
   * @throws IllegalStateException if another workspace or a parallelism holds a lease on this one;
   *     nothing has changed then
   * @throws WrongThreadException if called from another thread than the owner's
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    checkAccess("this workspace");
    if (parallelism != null) {
      throw new IllegalStateException(
          "this workspace is used by a parallelism, which holds a lease on it: close that first");
    }
    if (!leases.compareAndSet(0, CLOSED)) {
      throw new IllegalStateException(
          "this workspace is read by "
              + leases.get()
              + " others that hold a lease on it: close theirs first, each on its own thread");
    }
    closed = true;
    arena.close();
    for (Workspace lender : lenders) {
      lender.leases.decrementAndGet();
    }
    lenders.clear();
  }
}
