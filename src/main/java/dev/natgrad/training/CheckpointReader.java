package dev.natgrad.training;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.Checkpoint.Entry;
import dev.natgrad.training.CheckpointFormat.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Compares the state of some parts with a checkpoint's entries, then replaces it by theirs. */
final class CheckpointReader {
  private static final int CHUNK = 1 << 16;

  private final Checkpoint checkpoint;
  private final Map<String, Entry> entries;
  private final Set<String> seen = new HashSet<>();
  private final double[] doubles = new double[CHUNK / Double.BYTES];
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  private final float[] floats = new float[CHUNK / Float.BYTES];

  /** Whether this is the walk that changes the parts. */
  private boolean loading;

  CheckpointReader(Checkpoint checkpoint, Map<String, Entry> entries) {
    this.checkpoint = checkpoint;
    this.entries = entries;
  }

  /** Refuses parts that do not have exactly the entries. */
  void check(Map<String, Stateful> parts) {
    loading = false;
    parts.forEach((name, part) -> part.exchange(new Walk(name + "/")));
    for (String name : entries.keySet()) {
      if (!seen.contains(name)) {
        throw checkpoint.other("it has " + name + ", for which this run has no room");
      }
    }
  }

  /** Gives the parts, which were checked, their state. */
  void load(Map<String, Stateful> parts) {
    loading = true;
    parts.forEach((name, part) -> part.exchange(new Walk(name + "/")));
  }

  private Entry entry(String name, Kind kind, long rows, long cols) {
    seen.add(name);
    Entry entry = entries.get(name);
    if (entry == null) {
      throw checkpoint.other("it has no " + name);
    }
    boolean fits = entry.rows() == rows && (entry.cols() == cols || cols < 0);
    if (entry.kind() != kind || !fits) {
      throw checkpoint.other(
          "its "
              + name
              + " is "
              + entry.kind()
              + " "
              + entry.rows()
              + "×"
              + entry.cols()
              + " and this run's is "
              + kind
              + " "
              + rows
              + (cols < 0 ? "" : "×" + cols));
    }
    return entry;
  }

  private ByteBuffer read(long position, int count) {
    try {
      checkpoint.copy(position, chunk.array(), 0, count);
      return chunk.clear().limit(count);
    } catch (IOException e) {
      throw checkpoint.incomplete(e);
    }
  }

  private void elements(long position, Vec v) {
    boolean single = v.precision() == Precision.F32;
    int most = single ? floats.length : doubles.length;
    for (int from = 0; from < v.length(); from += most) {
      int count = Math.min(most, v.length() - from);
      int size = v.precision().bytes();
      ByteBuffer bytes = read(position + (long) from * size, count * size);
      if (single) {
        bytes.asFloatBuffer().get(floats, 0, count);
        v.slice(from, count).copyFrom(floats, 0);
      } else {
        bytes.asDoubleBuffer().get(doubles, 0, count);
        v.slice(from, count).copyFrom(doubles, 0);
      }
    }
  }

  /** The names of one part. */
  private final class Walk implements State {
    private final String prefix;

    Walk(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public State part(String name) {
      return new Walk(prefix + name + "/");
    }

    @Override
    public void vector(String name, Vec v) {
      Entry entry = entry(prefix + name, Kind.valueOf(v.precision().name()), 1, v.length());
      if (loading) {
        elements(entry.position(), v);
      }
    }

    @Override
    public void matrix(String name, Mat a) {
      Kind kind = Kind.valueOf(a.precision().name());
      Entry entry = entry(prefix + name, kind, a.rows(), a.cols());
      for (int i = 0; loading && i < a.rows(); i++) {
        elements(entry.position() + (long) i * a.cols() * kind.bytes, a.row(i));
      }
    }

    @Override
    public double[] numbers(String name, double[] values) {
      Entry entry = entry(prefix + name, Kind.NUMBERS, 1, -1);
      if (!loading) {
        return values;
      }
      double[] found = new double[Math.toIntExact(entry.cols())];
      for (int from = 0; from < found.length; from += doubles.length) {
        int count = Math.min(doubles.length, found.length - from);
        long position = entry.position() + (long) from * Double.BYTES;
        read(position, count * Double.BYTES).asDoubleBuffer().get(found, from, count);
      }
      return found;
    }

    @Override
    public long whole(String name, long value) {
      Entry entry = entry(prefix + name, Kind.WHOLE, 1, 1);
      return loading ? read(entry.position(), Long.BYTES).getLong() : value;
    }
  }
}
