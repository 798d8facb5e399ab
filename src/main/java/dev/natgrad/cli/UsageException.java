package dev.natgrad.cli;

/** A command line that cannot be carried out as given. The message is one line for its author. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
