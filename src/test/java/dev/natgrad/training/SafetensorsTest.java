package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;
  private Path file;

  private static final Safetensors EXAMPLE =
      new Safetensors(
          Map.of("k", "v\n\"é"),
          List.of(
              Tensor.of("b", new float[] {1, -0f, Float.NaN}, 3),
              Tensor.of("a", new double[] {0.1, 1e-320, 3, 4, 5, 6}, 2, 3),
              Tensor.of("none", new float[0], 0, 7),
              Tensor.of("one", new double[] {9})));

  @BeforeEach
  void place() {
    file = folder.resolve("m.safetensors");
  }

  private static void assertSame(Safetensors expected, Safetensors actual) {
    assertEquals(expected.metadata(), actual.metadata());
    assertEquals(expected.tensors().size(), actual.tensors().size());
    for (int i = 0; i < expected.tensors().size(); i++) {
      Tensor e = expected.tensors().get(i);
      Tensor a = actual.tensors().get(i);
      assertEquals(e.name(), a.name());
      assertEquals(e.type(), a.type());
      assertArrayEquals(e.shape(), a.shape());
      assertArrayEquals(e.doubles(), a.doubles());
    }
  }

  private DataException refusal(byte[] bytes) throws IOException {
    Files.write(file, bytes);
    return assertThrows(DataException.class, () -> Safetensors.read(file));
  }

  private static byte[] encode(String header, int numbers) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + numbers);
    return bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).array();
  }

  @Test
  void whatIsWrittenReadsBack() {
    EXAMPLE.write(file);
    assertSame(EXAMPLE, Safetensors.read(file));
    float[] many = new float[700_001];
    Arrays.setAll(new int[many.length], i -> (int) (many[i] = i));
    Safetensors large = new Safetensors(Map.of(), List.of(Tensor.of("x", many, many.length)));
    large.write(file);
    assertArrayEquals(many, Safetensors.read(file).tensor("x").floats());
  }

  @Test
  void theBytesAreThoseOfTheFormat() throws IOException {
    Safetensors one = new Safetensors(Map.of(), List.of(Tensor.of("w", new float[] {1}, 1)));
    one.write(file);
    String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) bytes.getLong();
    assertEquals(0, length % 8);
    byte[] text = new byte[length];
    bytes.get(text);
    assertEquals(header, new String(text, StandardCharsets.UTF_8).stripTrailing());
    assertEquals(1f, bytes.getFloat());
    assertFalse(bytes.hasRemaining());
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    EXAMPLE.write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      refusal(Arrays.copyOf(whole, length));
    }
    refusal(Arrays.copyOf(whole, whole.length + 1));
  }

  /** An altered byte is refused, or stands in a name, a metadata text, white space or a number. */
  @Test
  void alteredBytesAreRefusedOrHarmless() throws IOException {
    EXAMPLE.write(file);
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] altered = whole.clone();
      altered[random.nextInt(altered.length)] = (byte) random.nextInt(256);
      Files.write(file, altered);
      try {
        Safetensors read = Safetensors.read(file);
        long numbers = read.tensors().stream().mapToLong(t -> t.length()).sum();
        assertEquals(10, numbers);
        assertEquals(4, read.tensors().size());
      } catch (DataException e) {
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]|0|start with {",
        "` {}`|0|start with {",
        "{}|1|describes 0",
        "{} x|0|not JSON",
        "{\"a\":1}|0|without dtype",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]}}|2|of type 'F16'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|4|of 2 numbers in 4 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|8|a hole or an overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|4|not a whole number",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}|4|not a whole number",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}|4|not [begin, end]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}|0|overflows",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}|0|overflows",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1000000000],\"data_offsets\":[0,4000000000]}}|8|describes",
        "{\"__metadata__\":{\"a\":1}}|0|not a string",
        "{\"__metadata__\":null}|0|not an object",
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}|0|repeats"
      })
  void refusesMalformedHeaders(String header, int numbers, String reason) throws IOException {
    String message = refusal(encode(header == null ? "" : header, numbers)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesOverlapsAndLongHeaders() throws IOException {
    String entry = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    String message = refusal(encode("{\"a\":" + entry + ",\"b\":" + entry + "}", 4)).getMessage();
    assertTrue(message.contains("overlap"), message);
    for (long length : new long[] {100_000_001, Long.MAX_VALUE, -1, 3}) {
      ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      message = refusal(bytes.array()).getMessage();
      assertTrue(message.contains("claims a header"), message);
    }
  }

  @Test
  void refusesPlacesThatCannotBeWritten() throws IOException {
    Path absent = folder.resolve("absent").resolve("m");
    String message = assertThrows(DataException.class, () -> EXAMPLE.write(absent)).getMessage();
    assertTrue(message.contains("absent does not exist"), message);
    message = assertThrows(DataException.class, () -> EXAMPLE.write(folder)).getMessage();
    assertTrue(message.contains("is a directory"), message);
    Path full = Path.of("/dev/full");
    if (Files.exists(full)) {
      message = assertThrows(DataException.class, () -> EXAMPLE.write(full)).getMessage();
      assertTrue(message.contains("no regular file"), message);
      assertTrue(Files.exists(full));
    }
    Files.writeString(file, "x");
    Path below = file.resolve("m");
    assertThrows(DataException.class, () -> EXAMPLE.write(below));
    Path gone = folder.resolve("gone");
    message = assertThrows(DataException.class, () -> Safetensors.read(gone)).getMessage();
    assertTrue(message.contains("no such file"), message);
  }

  @Test
  void tensorsCheckTheirShape() {
    assertThrows(IllegalArgumentException.class, () -> Tensor.of("a", new float[2], 3));
    assertThrows(IllegalArgumentException.class, () -> Tensor.of("a", new float[2], -1, -2));
    Tensor t = Tensor.of("a", new float[2], 2);
    assertThrows(IllegalArgumentException.class, () -> new Safetensors(Map.of(), List.of(t, t)));
  }
}
