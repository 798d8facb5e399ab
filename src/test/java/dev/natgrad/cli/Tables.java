package dev.natgrad.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Small CSV files whose target can be learnt. */
final class Tables {
  private Tables() {}

  /** Columns size, colour, noise and the named target: kind, flag, count, price or amount. */
  static Path write(Path folder, String target, int rows) throws IOException {
    Random random = new Random(rows);
    StringBuilder text = new StringBuilder("size, colour, noise, " + target + "\n");
    String[] colours = {"red", "green", "\"dark, blue\"", "?"};
    for (int i = 0; i < rows; i++) {
      double size = random.nextGaussian();
      int colour = random.nextInt(4);
      double score = size + (colour == 1 ? 1 : 0);
      String value =
          switch (target) {
            case "kind" -> score < -0.5 ? "small" : score < 0.7 ? "middle, about" : "large";
            case "flag" -> score > 0.2 ? "yes" : "no";
            case "count" -> Long.toString((long) Math.exp(0.5 * score + 1 + random.nextDouble()));
            case "price" -> Double.toString(50 * Math.exp(score + 0.3 * random.nextGaussian()));
            default -> Double.toString(100 + 30 * score + random.nextGaussian());
          };
      String cell = value.contains(",") ? '"' + value + '"' : value;
      text.append(size).append(", ").append(colours[colour]).append(", ");
      text.append(random.nextDouble()).append(", ").append(cell).append('\n');
    }
    Path file = folder.resolve(target + rows + ".csv");
    Files.writeString(file, text);
    return file;
  }

  /** The file without its last column. */
  static Path withoutTarget(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(file)) {
      String bare = line.endsWith("\"") ? line.substring(0, line.lastIndexOf(" \"")) : line;
      text.append(bare, 0, bare.lastIndexOf(',')).append('\n');
    }
    Path other = file.resolveSibling("bare-" + file.getFileName());
    Files.writeString(other, text);
    return other;
  }
}
