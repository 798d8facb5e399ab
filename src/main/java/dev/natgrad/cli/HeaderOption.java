package dev.natgrad.cli;

import dev.natgrad.training.Header;
import java.util.List;

/** {@code --header}, an option of every command that reads a table. */
final class HeaderOption {
  static final Option OPTION =
      new Option(
          "--header",
          "yes|no|auto",
          "whether the first line of --data names the columns; auto tells by\n"
              + "its cells and those below, and takes numbers for data (auto)");

  private HeaderOption() {}

  /**
   * Reads the option.
   *
   * @throws UsageException naming its value and what it may be
   */
  static Header of(Options o) {
    return o.choice("--header", Header.AUTO, List.of(Header.values()), Texts::lower);
  }
}
