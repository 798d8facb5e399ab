package dev.natgrad.oracle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads an 8-bit palette PNG without row filters, by the letter of its specification. */
public final class PngReader {
  private final ByteBuffer in;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private byte[] colours;
  private byte[] opacity;
  private int width;
  private int height;

  private PngReader(byte[] png) {
    this.in = ByteBuffer.wrap(png);
  }

  /** Colours as 0xAARRGGBB, one array for each row, top row first. */
  public static int[][] read(byte[] png) throws DataFormatException {
    return new PngReader(png).read();
  }

  private int[][] read() throws DataFormatException {
    require(in.getLong() == 0x89504E470D0A1A0AL, "signature");
    while (chunk()) {
      require(in.remaining() >= 12, "IEND is missing");
    }
    require(!in.hasRemaining(), "bytes after IEND");
    byte[] rows = new byte[(width + 1) * height];
    Inflater inflater = new Inflater();
    inflater.setInput(data.toByteArray());
    require(inflater.inflate(rows) == rows.length, "too few pixels");
    require(inflater.inflate(new byte[1]) == 0 && inflater.finished(), "too many pixels");
    inflater.end();
    int[][] image = new int[height][width];
    for (int y = 0; y < height; y++) {
      require(rows[y * (width + 1)] == 0, "filter");
      for (int x = 0; x < width; x++) {
        int i = rows[y * (width + 1) + 1 + x] & 0xFF;
        require(3 * i < colours.length, "index outside the palette");
        int alpha = i < opacity.length ? opacity[i] & 0xFF : 255;
        int red = colours[3 * i] & 0xFF;
        int green = colours[3 * i + 1] & 0xFF;
        image[y][x] = alpha << 24 | red << 16 | green << 8 | colours[3 * i + 2] & 0xFF;
      }
    }
    return image;
  }

  private boolean chunk() {
    int length = in.getInt();
    byte[] typeAndData = new byte[4 + length];
    in.get(typeAndData);
    CRC32 crc = new CRC32();
    crc.update(typeAndData);
    require((int) crc.getValue() == in.getInt(), "checksum");
    ByteBuffer chunk = ByteBuffer.wrap(typeAndData);
    int type = chunk.getInt();
    byte[] body = new byte[length];
    chunk.get(body);
    switch (type) {
      case 0x49484452 -> { // IHDR
        ByteBuffer header = ByteBuffer.wrap(body);
        width = header.getInt();
        height = header.getInt();
        require(header.getInt() == 0x08030000 && header.get() == 0, "8-bit palette, no interlace");
      }
      case 0x504C5445 -> colours = body; // PLTE
      case 0x74524E53 -> opacity = body; // tRNS
      case 0x49444154 -> data.writeBytes(body); // IDAT
      case 0x49454E44 -> {
        return false; // IEND
      }
      default -> throw new IllegalArgumentException("chunk type " + Integer.toHexString(type));
    }
    return true;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("PNG: " + what);
    }
  }
}
