package dev.natgrad.training;

import dev.natgrad.files.AtomicFile;
import dev.natgrad.json.Json;
import dev.natgrad.json.JsonException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one safetensors file; used once. Every check precedes the allocation it guards. */
final class SafetensorsReader {
  private static final int CHUNK = 1 << 20;
  private static final int LENGTH_BYTES = 8;
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final Path file;

  SafetensorsReader(Path file) {
    this.file = file;
  }

  /** A tensor's header entry; offsets in bytes from the end of the header. */
  private record Entry(String name, Tensor.Type type, long[] shape, long begin, long end) {}

  Safetensors read() {
    if (Files.isDirectory(file)) {
      throw new DataException(file + ": is a directory; give a model file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      Map<?, ?> header = header(channel, size);
      Map<String, String> metadata = metadata(header.get(Safetensors.METADATA), header);
      List<Entry> entries = entries(header);
      long position = checkLayout(entries, size - channel.position()) + channel.position();
      List<Tensor> tensors = new ArrayList<>();
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, size));
      for (Entry entry : entries) {
        tensors.add(tensor(entry, chunk, channel));
      }
      if (channel.position() != position) {
        throw refuse("changed while it was read");
      }
      return new Safetensors(metadata, tensors);
    } catch (IOException e) {
      throw new DataException(
          file + ": cannot be read: " + AtomicFile.reason(e) + "; check the path", e);
    } catch (OutOfMemoryError e) {
      throw new DataException(
          file + ": does not fit into the memory of this JVM; give it more (-Xmx)", e);
    }
  }

  private Map<?, ?> header(FileChannel channel, long size) throws IOException {
    if (size < LENGTH_BYTES) {
      throw refuse("has " + size + " bytes, fewer than the 8 of a header length");
    }
    long length = fill(ByteBuffer.allocate(LENGTH_BYTES), LENGTH_BYTES, channel).getLong();
    if (length < 0 || length > Safetensors.MAX_HEADER) {
      throw refuse(
          "claims a header of "
              + Long.toUnsignedString(length)
              + " bytes, above the limit of "
              + Safetensors.MAX_HEADER);
    }
    if (length > size - LENGTH_BYTES) {
      throw refuse(
          "claims a header of "
              + length
              + " bytes, but only "
              + (size - LENGTH_BYTES)
              + " follow; is it cut off?");
    }
    ByteBuffer bytes = fill(ByteBuffer.allocate((int) length), (int) length, channel);
    if (length == 0 || bytes.get(0) != '{') {
      throw refuse("has a header that does not start with {");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      return (Map<?, ?>) Json.parse(text);
    } catch (CharacterCodingException e) {
      throw refuse("has a header that is not UTF-8");
    } catch (JsonException e) {
      throw refuse("has a header that is not JSON: " + e.getMessage());
    }
  }

  private Map<String, String> metadata(Object value, Map<?, ?> header) {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!header.containsKey(Safetensors.METADATA)) {
      return metadata;
    }
    if (!(value instanceof Map<?, ?> entries)) {
      throw refuse("has metadata that is not an object");
    }
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      if (!(entry.getValue() instanceof String text)) {
        throw refuse("has metadata " + quote(entry.getKey()) + " that is not a string");
      }
      metadata.put((String) entry.getKey(), text);
    }
    return metadata;
  }

  private List<Entry> entries(Map<?, ?> header) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<?, ?> item : header.entrySet()) {
      String name = (String) item.getKey();
      if (!name.equals(Safetensors.METADATA)) {
        entries.add(entry(name, item.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    return entries;
  }

  private Entry entry(String name, Object value) {
    if (!(value instanceof Map<?, ?> map)
        || map.size() != 3
        || !(map.get("dtype") instanceof String type)) {
      throw refuse("has tensor " + quote(name) + " without dtype, shape and data_offsets alone");
    }
    if (!type.equals("F32") && !type.equals("F64")) {
      throw refuse("has tensor " + quote(name) + " of type " + quote(type) + ", not F32 or F64");
    }
    long[] shape = sizes(name, "shape", map.get("shape"));
    long[] offsets = sizes(name, "data_offsets", map.get("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw refuse("has tensor " + quote(name) + " whose data_offsets are not [begin, end]");
    }
    return new Entry(name, Tensor.Type.valueOf(type), shape, offsets[0], offsets[1]);
  }

  private long[] sizes(String name, String key, Object value) {
    if (!(value instanceof List<?> list)) {
      throw refuse("has tensor " + quote(name) + " whose " + key + " is not a list");
    }
    long[] sizes = new long[list.size()];
    for (int i = 0; i < sizes.length; i++) {
      if (!(list.get(i) instanceof Long size) || size < 0) {
        throw refuse(
            "has tensor "
                + quote(name)
                + " whose "
                + key
                + " holds "
                + quote(list.get(i))
                + ", not a whole number of at least 0");
      }
      sizes[i] = size;
    }
    return sizes;
  }

  /** Tensors one after the other without holes, from 0 to the file's end; returns that end. */
  private long checkLayout(List<Entry> entries, long available) {
    long at = 0;
    for (Entry entry : entries) {
      if (entry.begin != at) {
        throw refuse(
            "has tensor "
                + quote(entry.name)
                + " at byte "
                + entry.begin
                + ", where "
                + at
                + " is next: a hole or an overlap");
      }
      long elements;
      long bytes;
      try {
        elements = Tensor.elements(quote(entry.name), entry.shape);
        bytes = Math.multiplyExact(elements, (long) entry.type.bytes());
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw refuse("has tensor " + quote(entry.name) + " whose shape overflows");
      }
      if (bytes != entry.end - entry.begin || elements > MAX_ARRAY) {
        throw refuse(
            "has tensor "
                + quote(entry.name)
                + " of "
                + elements
                + " numbers in "
                + (entry.end - entry.begin)
                + " bytes");
      }
      at = entry.end;
    }
    if (at != available) {
      throw refuse("has " + available + " bytes of numbers where its header describes " + at);
    }
    return at;
  }

  private Tensor tensor(Entry entry, ByteBuffer chunk, FileChannel channel) throws IOException {
    int length = (int) ((entry.end - entry.begin) / entry.type.bytes());
    int step = CHUNK / entry.type.bytes();
    boolean single = entry.type == Tensor.Type.F32;
    float[] floats = new float[single ? length : 0];
    double[] doubles = new double[single ? 0 : length];
    for (int from = 0; from < length; from += step) {
      int count = Math.min(step, length - from);
      fill(chunk, count * entry.type.bytes(), channel);
      if (single) {
        chunk.asFloatBuffer().get(floats, from, count);
      } else {
        chunk.asDoubleBuffer().get(doubles, from, count);
      }
    }
    return single
        ? Tensor.of(entry.name, floats, entry.shape)
        : Tensor.of(entry.name, doubles, entry.shape);
  }

  private ByteBuffer fill(ByteBuffer buffer, int bytes, FileChannel channel) throws IOException {
    buffer.clear().limit(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw refuse("was cut off while it was read");
      }
    }
    return buffer.flip();
  }

  private static String quote(Object name) {
    return DataException.quote(String.valueOf(name));
  }

  private DataException refuse(String reason) {
    return new DataException(file + ": " + reason + "; it is no sound safetensors file");
  }
}
