package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.natgrad.oracle.PngReader;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PngProperties {
  @Property(tries = 300)
  void everyPixelComesBack(
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 256) int colours,
      @ForAll long seed)
      throws Exception {
    Random random = new Random(seed);
    int[] palette = random.ints(colours).toArray();
    byte[] pixels = new byte[width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) random.nextInt(colours);
    }
    int[][] image = PngReader.read(Png.encode(width, height, pixels, palette));
    assertEquals(height, image.length);
    for (int i = 0; i < pixels.length; i++) {
      assertEquals(palette[pixels[i] & 0xFF], image[i / width][i % width]);
    }
  }
}
