package dev.natgrad.report;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** A PNG encoder for 8-bit palette images: the one form that carries greys, colours and opacity. */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private Png() {}

  /**
   * Encodes an image.
   *
   * @param pixels palette indices, width × height, row-major, top row first
   * @param palette colours as 0xAARRGGBB, 1 to 256 elements
   */
  static byte[] encode(int width, int height, byte[] pixels, int[] palette) {
    Check.length("pixels", pixels.length, "width × height", (long) width * height);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(SIGNATURE);
    byte[] header = {8, 3, 0, 0, 0};
    chunk(png, "IHDR", ByteBuffer.allocate(13).putInt(width).putInt(height).put(header).array());
    byte[] colours = new byte[3 * palette.length];
    byte[] opacity = new byte[palette.length];
    for (int i = 0; i < palette.length; i++) {
      colours[3 * i] = (byte) (palette[i] >> 16);
      colours[3 * i + 1] = (byte) (palette[i] >> 8);
      colours[3 * i + 2] = (byte) palette[i];
      opacity[i] = (byte) (palette[i] >>> 24);
    }
    chunk(png, "PLTE", colours);
    chunk(png, "tRNS", opacity);
    chunk(png, "IDAT", deflate(width, height, pixels));
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  /** The image as a {@code data:} address. */
  static String dataUri(int width, int height, byte[] pixels, int[] palette) {
    byte[] png = encode(width, height, pixels, palette);
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  private static byte[] deflate(int width, int height, byte[] pixels) {
    byte[] rows = new byte[(width + 1) * height];
    for (int row = 0; row < height; row++) {
      System.arraycopy(pixels, row * width, rows, row * (width + 1) + 1, width);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
      deflater.setInput(rows);
      deflater.finish();
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
    }
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
    png.writeBytes(name);
    png.writeBytes(data);
    png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
  }
}
