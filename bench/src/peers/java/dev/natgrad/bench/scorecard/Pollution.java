package dev.natgrad.bench.scorecard;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * A host that uses every kind of segment and every vector width through shared code, so that the
 * type profiles inside the JDK have seen all of them.
 */
final class Pollution {
  private static final int BYTES = 4096;
  private static final int ROUNDS = 4_000;
  private static final List<VectorSpecies<Float>> FLOATS =
      List.of(FloatVector.SPECIES_128, FloatVector.SPECIES_256, FloatVector.SPECIES_512);
  private static final List<VectorSpecies<Double>> DOUBLES =
      List.of(DoubleVector.SPECIES_128, DoubleVector.SPECIES_256, DoubleVector.SPECIES_512);

  private static double sink;

  private Pollution() {}

  static void spread() throws IOException {
    Path file = Files.createTempFile("natgrad-pollution", ".bin");
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared();
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      List<MemorySegment> segments =
          List.of(
              MemorySegment.ofArray(new byte[BYTES]),
              MemorySegment.ofArray(new float[BYTES / Float.BYTES]),
              MemorySegment.ofArray(new double[BYTES / Double.BYTES]),
              MemorySegment.ofArray(new long[BYTES / Long.BYTES]),
              confined.allocate(BYTES, 64),
              shared.allocate(BYTES, 64),
              Arena.ofAuto().allocate(BYTES, 64),
              channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, confined));
      MemorySegment target = confined.allocate(BYTES, 64);
      for (int round = 0; round < ROUNDS; round++) {
        MemorySegment segment = segments.get(round % segments.size());
        scalars(segment);
        scalars(segment.asReadOnly());
        vectors(round, segment, target);
        vectors(round, segment.asReadOnly(), segment);
        MemorySegment.copy(segment.asReadOnly(), 0, target, 0, BYTES);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void scalars(MemorySegment segment) {
    double sum = 0;
    for (long i = 0; i < BYTES; i += 64) {
      sum += segment.get(JAVA_DOUBLE_UNALIGNED, i);
    }
    if (!segment.isReadOnly()) {
      segment.set(JAVA_DOUBLE_UNALIGNED, 0, sum / BYTES);
    }
    sink += sum;
  }

  private static void vectors(int round, MemorySegment from, MemorySegment to) {
    VectorSpecies<Float> f = FLOATS.get(round % FLOATS.size());
    VectorSpecies<Double> d = DOUBLES.get(round % DOUBLES.size());
    ByteOrder order = ByteOrder.nativeOrder();
    for (int i = 0; i < BYTES; i += 512) {
      FloatVector x = FloatVector.fromMemorySegment(f, from, i, order);
      x.fma(x, x).lanewise(VectorOperators.ABS).intoMemorySegment(to, i, order);
      DoubleVector y = DoubleVector.fromMemorySegment(d, from, i + 256, order);
      y.mul(0.5).add(y).intoMemorySegment(to, i + 256, order);
    }
  }
}
