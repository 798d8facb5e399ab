package dev.natgrad.cli;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.training.Samples;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C of encoded samples. */
final class SampleChecksum {
  private SampleChecksum() {}

  /**
   * Of inputs and targets, row by row, and of what else is known of the rows, such as weights: they
   * decide a run as the others do. Null samples are left out.
   */
  static String of(SampleObjective objective, Samples... all) {
    CRC32C sum = new CRC32C();
    for (Samples samples : all) {
      if (samples != null) {
        add(sum, samples.x());
        add(sum, samples.y());
        for (Vec values : objective.values(samples)) {
          add(sum, values);
        }
      }
    }
    return String.format("%08x", sum.getValue());
  }

  private static void add(CRC32C sum, Mat a) {
    double[] row = new double[a.cols()];
    ByteBuffer bytes = ByteBuffer.allocate(a.cols() * Double.BYTES);
    for (int i = 0; i < a.rows(); i++) {
      a.copyRowTo(i, row, 0);
      bytes.clear().asDoubleBuffer().put(row);
      sum.update(bytes);
    }
  }

  private static void add(CRC32C sum, Vec a) {
    ByteBuffer number = ByteBuffer.allocate(Double.BYTES);
    for (int i = 0; i < a.length(); i++) {
      sum.update(number.clear().putDouble(a.get(i)).array());
    }
  }
}
