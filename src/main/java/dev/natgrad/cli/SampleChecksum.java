package dev.natgrad.cli;

import dev.natgrad.linalg.Mat;
import dev.natgrad.training.Samples;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C of encoded samples. */
final class SampleChecksum {
  private SampleChecksum() {}

  /** Of inputs and targets, row by row; null samples are left out. */
  static String of(Samples... all) {
    CRC32C sum = new CRC32C();
    for (Samples samples : all) {
      if (samples != null) {
        add(sum, samples.x());
        add(sum, samples.y());
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
}
