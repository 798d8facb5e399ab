package dev.natgrad.training;

import java.util.Objects;

/**
 * A checkpoint that cannot be written or taken up. The message is one line: the file, what is wrong
 * with it and the way out. Usable from any thread.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Reason {
    /** There is no such file. */
    MISSING,
    /** The file cannot be read. */
    UNREADABLE,
    /** The file is something else. */
    NOT_A_CHECKPOINT,
    /** The file ends before its content does. */
    TRUNCATED,
    /** A checksum is wrong, or the file goes on after its content. */
    DAMAGED,
    /** The file is of another format, later or earlier, than this version reads. */
    NEWER_VERSION,
    /** The file is sound, but of another model, other options or other data. */
    OTHER_RUN,
    /**
     * The file cannot be written, or was not read back as it was written; the old one is intact.
     */
    NOT_WRITTEN
  }

  /** The reason. */
  private final Reason reason;

  CheckpointException(Reason reason, String message) {
    this(reason, message, null);
  }

  CheckpointException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason);
  }

  /**
   * Returns what is wrong.
   *
   * @return the reason
   */
  public Reason reason() {
    return reason;
  }

  /** Whether the file itself, not what it is of, is of no use. */
  boolean unusableFile() {
    return switch (reason) {
      case MISSING, UNREADABLE, NOT_A_CHECKPOINT, TRUNCATED, DAMAGED -> true;
      case NEWER_VERSION, OTHER_RUN, NOT_WRITTEN -> false;
    };
  }
}
