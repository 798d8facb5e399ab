package dev.natgrad.linalg;

import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where the numbers of a view live: the workspace that owns them or, for a caller's segment that
 * was wrapped, also that segment's scope.
 */
final class Storage {
  /** Never started: a segment it may access is not confined to one thread. */
  private static final Thread NOBODY = new Thread(() -> {}, "natgrad-nobody");

  final Workspace workspace;

  /** Null for memory of the workspace itself, which lives as long as the workspace. */
  private final MemorySegment.Scope foreignScope;

  Storage(Workspace workspace) {
    this(workspace, null);
  }

  private Storage(Workspace workspace, MemorySegment.Scope foreignScope) {
    this.workspace = workspace;
    this.foreignScope = foreignScope;
  }

  void checkAccess(String argument) {
    workspace.checkAccess(argument);
    if (foreignScope != null && !foreignScope.isAlive()) {
      throw new IllegalStateException(
          argument
              + " wraps a segment whose arena is closed: keep the arena open while it is used");
    }
  }

  /**
   * The threads that may share work on this memory, or null: none on a caller's segment, which no
   * lease keeps alive.
   */
  Parallelism parallelism() {
    return foreignScope == null ? workspace.parallelism() : null;
  }

  /** Whether a caller's segment, not the workspace, owns the memory. */
  boolean wrapsSegment() {
    return foreignScope != null;
  }

  /** The storage that wraps the segment in place, or null where only a copy is safe. */
  static Storage wrapping(Workspace workspace, MemorySegment segment) {
    boolean global = segment.scope().equals(Arena.global().scope());
    boolean confinedToCaller = !segment.isAccessibleBy(NOBODY);
    boolean safe = (global || confinedToCaller) && !segment.isReadOnly() && !segment.isMapped();
    if (!safe) {
      return null;
    }
    return new Storage(workspace, global ? null : segment.scope());
  }

  /** Checks what wrapping and copying a caller's segment both demand. */
  static void checkSegment(MemorySegment segment, long elements, Precision precision) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "segment is on the heap; kernels read native memory only: copy the array with copyFrom");
    }
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("segment belongs to a closed arena");
    }
    if (!segment.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException("segment is confined to another thread");
    }
    if (segment.byteSize() / precision.bytes() < elements) {
      throw new IllegalArgumentException(
          "segment has "
              + segment.byteSize()
              + " bytes; "
              + elements
              + " elements of "
              + precision
              + " at "
              + precision.bytes()
              + " bytes each do not fit");
    }
    if (segment.address() % precision.bytes() != 0) {
      throw new IllegalArgumentException(
          "segment starts at an address that is not a multiple of "
              + precision.bytes()
              + " bytes, the size of an "
              + precision
              + " element: allocate it with that alignment");
    }
  }
}
