package dev.natgrad.json;

/** A text that is not JSON, or that breaks a limit of {@link Json}; the message is one line. */
public final class JsonException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Index of the offending character. */
  private final int offset;

  /**
   * A refusal of the text at one place.
   *
   * @param reason what is wrong, without the place
   * @param offset index of the offending character, counted in chars from 0
   */
  public JsonException(String reason, int offset) {
    super(reason + " at offset " + offset);
    this.offset = offset;
  }

  /**
   * The place of the mistake.
   *
   * @return index of the offending character, counted in chars from 0
   */
  public int offset() {
    return offset;
  }
}
