package dev.natgrad.training;

/**
 * Data, or a file holding it, that cannot be used. The message is one line fit for the person who
 * gave the file: the file, the line where there is one, the rule broken and the way out. Usable
 * from any thread.
 */
public final class DataException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private static final int QUOTED_LENGTH = 40;

  /**
   * A refusal.
   *
   * @param message one line: what, which rule, the way out
   */
  public DataException(String message) {
    super(oneLine(message));
  }

  /**
   * A refusal with what caused it.
   *
   * @param message one line: what, which rule, the way out
   * @param cause the failure underneath
   */
  public DataException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  /** A cell's text between quotes, on one line and cut where it is long. */
  static String quote(CharSequence text) {
    String whole = text.toString();
    boolean cut = whole.length() > QUOTED_LENGTH;
    return "'" + oneLine(cut ? whole.substring(0, QUOTED_LENGTH) + "..." : whole) + "'";
  }

  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
    }
    return line.toString();
  }
}
