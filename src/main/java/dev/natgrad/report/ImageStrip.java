package dev.natgrad.report;

import java.util.List;

/**
 * Rows of small grey images, such as originals and their reconstructions.
 *
 * <p>Immutable but for the arrays of the images, which are not copied; any thread may read it.
 *
 * @param title what the strip shows
 * @param width pixels of an image along x
 * @param height pixels of an image along y
 * @param rows one row for each source, at least one; the first is what the others are compared with
 */
public record ImageStrip(String title, int width, int height, List<Row> rows) {
  /**
   * Images of one source. The arrays are not copied.
   *
   * @param name the source, such as an optimiser
   * @param images grey values from 0 (black) to 1 (white), others are clamped and NaN is left
   *     transparent; each image height × width, row-major, top row first
   */
  public record Row(String name, List<double[]> images) {
    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if {@code name} is blank or there is no image
     */
    public Row {
      Check.notBlank("name", name);
      images = List.copyOf(images);
      Check.positive("images.size()", images.size());
    }
  }

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if there is no row, rows differ in their number of images, or
   *     an image has another size
   */
  public ImageStrip {
    Check.notBlank("title", title);
    Check.positive("width", width);
    Check.positive("height", height);
    rows = List.copyOf(rows);
    Check.positive("rows.size()", rows.size());
    int count = rows.get(0).images().size();
    for (Row row : rows) {
      Check.length("images of " + row.name(), row.images().size(), "those of the first row", count);
      for (double[] image : row.images()) {
        Check.length(
            "image of " + row.name(), image.length, "height × width", (long) width * height);
      }
    }
  }

  /** Mean squared difference per pixel between a row and the first one. */
  double meanSquaredError(int row) {
    double sum = 0;
    List<double[]> images = rows.get(row).images();
    for (int i = 0; i < images.size(); i++) {
      double[] original = rows.get(0).images().get(i);
      for (int p = 0; p < original.length; p++) {
        double difference = images.get(i)[p] - original[p];
        sum += difference * difference;
      }
    }
    return sum / ((double) images.size() * width * height);
  }
}
