package dev.natgrad.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How much memory the machine could still give, where it tells without a management module. */
final class MachineMemory {
  private static final Path LINUX = Path.of("/proc/meminfo");
  private static final String KEY = "MemAvailable:";

  private MachineMemory() {}

  /**
   * Returns the memory that can be taken without swapping.
   *
   * @return bytes; {@link Long#MAX_VALUE} where the machine does not tell
   */
  static long available() {
    try {
      List<String> lines = Files.isReadable(LINUX) ? Files.readAllLines(LINUX) : List.of();
      for (String line : lines) {
        if (line.startsWith(KEY)) {
          return 1024 * Long.parseLong(line.substring(KEY.length()).replace("kB", "").strip());
        }
      }
      return Long.MAX_VALUE;
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
