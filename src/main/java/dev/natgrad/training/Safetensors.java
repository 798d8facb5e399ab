package dev.natgrad.training;

import dev.natgrad.files.AtomicFile;
import dev.natgrad.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The content of a safetensors file: 8 bytes of header length (little-endian), a JSON header with
 * each tensor's type, shape and offsets, then the numbers, little-endian and row-major.
 *
 * <p>Reads and writes the types F32 and F64. Immutable but for the tensors' arrays; any thread may
 * read it.
 *
 * @param metadata free text by key, in order
 * @param tensors in the order of their numbers in the file; names differ
 */
public record Safetensors(Map<String, String> metadata, List<Tensor> tensors) {
  /** Longest header in bytes, the limit of the format. */
  public static final int MAX_HEADER = 100_000_000;

  /** The header's entry for what is no tensor. */
  static final String METADATA = "__metadata__";

  /** The header is padded to a multiple of this many bytes, so that the numbers are aligned. */
  private static final int ALIGNMENT = 8;

  private static final int CHUNK = 1 << 20;

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if two tensors have one name, or one is named __metadata__
   */
  public Safetensors {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    tensors = List.copyOf(tensors);
    Set<String> names = new HashSet<>(Set.of(METADATA));
    for (Tensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException(
            "tensor name " + tensor.name() + " is taken; every tensor needs its own");
      }
    }
  }

  /**
   * Reads a file, refusing whatever breaks the format; no more memory is taken than the file has
   * bytes, a few times over.
   *
   * @param file the file
   * @return its content
   * @throws DataException if the file is missing or unreadable, its header is longer than the file
   *     or {@link #MAX_HEADER}, is not UTF-8 JSON starting with a brace or repeats a key, a type is
   *     neither F32 nor F64, a shape does not fit its offsets, or the tensors leave holes, overlap
   *     or do not end where the file does
   */
  public static Safetensors read(Path file) {
    return new SafetensorsReader(file).read();
  }

  /**
   * The tensor of one name.
   *
   * @param name its name
   * @return the tensor
   * @throws DataException if there is none
   */
  public Tensor tensor(String name) {
    return tensors.stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new DataException("the file has no tensor " + DataException.quote(name)));
  }

  /**
   * Writes a file as {@link AtomicFile} does: whole or not at all.
   *
   * @param file where to
   * @throws DataException if it cannot be written, or the header would exceed {@link #MAX_HEADER}
   */
  public void write(Path file) {
    byte[] header = header();
    int padded = (header.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (padded > MAX_HEADER) {
      throw new DataException(
          file
              + ": the header would have "
              + padded
              + " bytes, above the format's limit of "
              + MAX_HEADER
              + "; use fewer columns or categories");
    }
    try {
      AtomicFile.replace(file, channel -> write(header, padded, channel));
    } catch (IOException e) {
      throw new DataException(e.getMessage(), e);
    }
  }

  private void write(byte[] header, int padded, FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(padded).put(header);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    drain(start, channel);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (Tensor tensor : tensors) {
      write(tensor, chunk, channel);
    }
  }

  private byte[] header() {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(METADATA, metadata);
    }
    long offset = 0;
    for (Tensor tensor : tensors) {
      long end = offset + (long) tensor.length() * tensor.type().bytes();
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", tensor.type().name());
      entry.put("shape", tensor.shape());
      entry.put("data_offsets", new long[] {offset, end});
      header.put(tensor.name(), entry);
      offset = end;
    }
    return Json.write(header).getBytes(StandardCharsets.UTF_8);
  }

  private static void write(Tensor tensor, ByteBuffer chunk, FileChannel channel)
      throws IOException {
    int step = CHUNK / tensor.type().bytes();
    for (int from = 0; from < tensor.length(); from += step) {
      int count = Math.min(step, tensor.length() - from);
      chunk.clear();
      if (tensor.type() == Tensor.Type.F32) {
        chunk.asFloatBuffer().put(tensor.floats(), from, count);
      } else {
        chunk.asDoubleBuffer().put(tensor.doubles(), from, count);
      }
      chunk.position(count * tensor.type().bytes());
      drain(chunk, channel);
    }
  }

  private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
