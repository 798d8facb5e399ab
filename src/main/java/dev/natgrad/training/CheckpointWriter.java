package dev.natgrad.training;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.CheckpointFormat.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/** Streams the state of some parts into a channel, or only counts its bytes. */
final class CheckpointWriter {
  private static final int CHUNK = 1 << 16;

  /** Null while bytes are only counted. */
  private final WritableByteChannel channel;

  private final ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C sum = new CRC32C();
  private final Set<String> names = new HashSet<>();
  private final double[] doubles = new double[CHUNK / Double.BYTES];
  private final float[] floats = new float[CHUNK / Float.BYTES];
  private long bytes;

  private CheckpointWriter(WritableByteChannel channel) {
    this.channel = channel;
  }

  /** Writes a whole checkpoint. */
  static void write(
      WritableByteChannel channel, Map<String, String> about, Map<String, Stateful> parts)
      throws IOException {
    try {
      CheckpointWriter counter = new CheckpointWriter(null);
      counter.entries(about, parts);
      long length = CheckpointFormat.PREAMBLE + counter.bytes + CheckpointFormat.CHECKSUM;
      drain(CheckpointFormat.preamble(length, CheckpointFormat.VERSION), channel);
      CheckpointWriter writer = new CheckpointWriter(channel);
      writer.entries(about, parts);
      int checksum = (int) writer.sum.getValue();
      writer.buffer.putInt(checksum);
      drain(writer.buffer.flip(), channel);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void entries(Map<String, String> about, Map<String, Stateful> parts) {
    about.forEach((key, value) -> text(CheckpointFormat.ABOUT + key, value));
    parts.forEach((name, part) -> part.exchange(new Walk(name + "/")));
    flush();
  }

  private void text(String name, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    start(name, Kind.TEXT, 1, text.length);
    put(text);
  }

  private void start(String name, Kind kind, long rows, long cols) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    if (text.length > CheckpointFormat.LONGEST_NAME || !names.add(name)) {
      throw new IllegalStateException(
          "the state's name " + name + " is taken or too long; every entry needs its own");
    }
    room(Integer.BYTES).putInt(text.length);
    put(text);
    room(1).put((byte) kind.ordinal());
    room(Long.BYTES).putLong(rows);
    room(Long.BYTES).putLong(cols);
  }

  private void put(byte[] text) {
    for (int from = 0; from < text.length; from += CHUNK) {
      int count = Math.min(CHUNK, text.length - from);
      room(count).put(text, from, count);
    }
  }

  private ByteBuffer room(int count) {
    if (buffer.remaining() < count) {
      flush();
    }
    return buffer;
  }

  private void flush() {
    buffer.flip();
    bytes += buffer.remaining();
    sum.update(buffer.duplicate());
    if (channel != null) {
      try {
        drain(buffer, channel);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    buffer.clear();
  }

  private static void drain(ByteBuffer from, WritableByteChannel channel) throws IOException {
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }

  private void elements(Vec v) {
    boolean single = v.precision() == Precision.F32;
    int most = single ? floats.length : doubles.length;
    for (int from = 0; from < v.length(); from += most) {
      int count = Math.min(most, v.length() - from);
      if (channel != null && single) {
        v.slice(from, count).copyTo(floats, 0);
      } else if (channel != null) {
        v.slice(from, count).copyTo(doubles, 0);
      }
      int size = count * v.precision().bytes();
      ByteBuffer to = room(size);
      if (single) {
        to.asFloatBuffer().put(floats, 0, count);
      } else {
        to.asDoubleBuffer().put(doubles, 0, count);
      }
      to.position(to.position() + size);
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
      start(prefix + name, Kind.valueOf(v.precision().name()), 1, v.length());
      elements(v);
    }

    @Override
    public void matrix(String name, Mat a) {
      start(prefix + name, Kind.valueOf(a.precision().name()), a.rows(), a.cols());
      for (int i = 0; i < a.rows(); i++) {
        elements(a.row(i));
      }
    }

    @Override
    public double[] numbers(String name, double[] values) {
      start(prefix + name, Kind.NUMBERS, 1, values.length);
      Arrays.stream(values).forEach(value -> room(Double.BYTES).putDouble(value));
      return values;
    }

    @Override
    public long whole(String name, long value) {
      start(prefix + name, Kind.WHOLE, 1, 1);
      room(Long.BYTES).putLong(value);
      return value;
    }
  }
}
