package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class DownsampleProperties {
  private static final int COLUMNS = 50;

  @Property
  void everyColumnKeepsItsExtremes(
      @ForAll @IntRange(min = 0, max = 5000) int n, @ForAll long seed, @ForAll boolean gaps) {
    Random random = new Random(seed);
    double[] x = new double[n];
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = (double) COLUMNS * i / n;
      y[i] = gaps && random.nextInt(500) == 0 ? Double.NaN : random.nextGaussian();
    }
    int[] kept = Downsample.indices(x, y);
    long missing = Arrays.stream(y).filter(Double::isNaN).count();
    assertTrue(kept.length <= Math.max(Downsample.LIMIT, 4 * COLUMNS + 5 * missing));
    for (int i = 1; i < kept.length; i++) {
      assertTrue(kept[i] > kept[i - 1]);
    }
    double[][] all = extremes(x, y, null);
    double[][] some = extremes(x, y, kept);
    assertTrue(Arrays.deepEquals(all, some));
    if (n > 0) {
      assertEquals(0, kept[0]);
      assertTrue(kept[kept.length - 1] == n - 1 || Double.isNaN(y[n - 1]));
    }
    assertEquals(missing > 0, Arrays.stream(kept).anyMatch(i -> Double.isNaN(y[i])));
  }

  private static double[][] extremes(double[] x, double[] y, int[] only) {
    double[][] extremes = new double[COLUMNS][];
    Arrays.setAll(extremes, c -> new double[] {Double.MAX_VALUE, -Double.MAX_VALUE});
    int n = only == null ? x.length : only.length;
    for (int k = 0; k < n; k++) {
      int i = only == null ? k : only[k];
      double[] column = extremes[(int) x[i]];
      if (!Double.isNaN(y[i])) {
        column[0] = Math.min(column[0], y[i]);
        column[1] = Math.max(column[1], y[i]);
      }
    }
    return extremes;
  }
}
