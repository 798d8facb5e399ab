package dev.natgrad.training;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * A file that can be read twice as UTF-8 text: gzip is undone where the first two bytes say so, a
 * byte order mark is dropped, and what can be read only once (a pipe) is copied to a temporary
 * file, which close deletes.
 */
final class CsvSource implements Closeable {
  private static final int SAMPLE = 1 << 16;
  private static final int SAMPLE_RECORDS = 16;
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};
  private static final int UTF16_BIG = 0xfeff;
  private static final int UTF16_LITTLE = 0xfffe;
  private static final long EVERYWHERE = 1L << 32;
  private static final char[] DELIMITERS = {',', ';', '\t'};

  /** What spreadsheets write above a table, and read as its delimiter. */
  private static final Pattern TOLD = Pattern.compile("(?i)(\"?)sep=([,;|\t])\\1(?=\\R|\\z)");

  private final String name;
  private final Path file;
  private final boolean temporary;
  private boolean told;

  private CsvSource(String name, Path file, boolean temporary) {
    this.name = name;
    this.file = file;
    this.temporary = temporary;
  }

  static CsvSource open(Path path) {
    String name = path.toString();
    if (Files.isDirectory(path)) {
      throw new DataException(name + ": is a directory; give a CSV file");
    }
    try {
      if (Files.isRegularFile(path) || !Files.exists(path)) {
        Files.newInputStream(path).close();
        return new CsvSource(name, path, false);
      }
      Path copy = Files.createTempFile("natgrad", ".csv");
      CsvSource source = new CsvSource(name, copy, true);
      try (InputStream in = Files.newInputStream(path)) {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return source;
      } catch (IOException e) {
        source.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      String way = name.equals("-") ? "standard input is /dev/stdin" : "check the path";
      throw new DataException(name + ": no such file; " + way, e);
    } catch (AccessDeniedException e) {
      throw new DataException(name + ": may not be read; check its permissions", e);
    } catch (IOException e) {
      throw new DataException(name + ": cannot be read: " + e.getMessage(), e);
    }
  }

  String name() {
    return name;
  }

  CsvParser parser(char delimiter) {
    CsvParser parser = new CsvParser(reader(), name, delimiter);
    if (told) {
      parser.next();
    }
    return parser;
  }

  /**
   * The delimiter among comma, semicolon and tab, judged on the first 16 records of the first
   * 65,536 characters: the most frequent of those that occur equally often in every record; if none
   * does, the one whose rarest record has most. In a tie the earlier of the three wins. Semicolons
   * win over commas that are all decimal ones between them. A first line such as {@code sep=;}
   * settles it and is no record of a parser made later.
   */
  char delimiter() {
    char[] sample = new char[SAMPLE];
    int length = 0;
    try (Reader in = reader()) {
      for (int n = 0; n >= 0 && length < SAMPLE; length += Math.max(n, 0)) {
        n = in.read(sample, length, SAMPLE - length);
      }
    } catch (IOException unreadable) {
      // The parser meets the same fault and reports it with its line.
      return DELIMITERS[0];
    }
    Matcher line = TOLD.matcher(CharBuffer.wrap(sample, 0, length));
    if (line.lookingAt()) {
      told = true;
      return line.group(2).charAt(0);
    }
    char best = DELIMITERS[0];
    long bestScore = 0;
    for (char candidate : DELIMITERS) {
      long score = score(sample, length, candidate);
      if (score > bestScore) {
        bestScore = score;
        best = candidate;
      }
    }
    boolean semicolons = score(sample, length, ';') >= EVERYWHERE;
    return best == ',' && semicolons && allDecimal(sample, length) ? ';' : best;
  }

  /** Whether every comma is the decimal one of a number between semicolons or line ends. */
  private static boolean allDecimal(char[] sample, int length) {
    String text = new String(sample, 0, length);
    // The last cell of a sample may be half a number.
    String whole = length < SAMPLE ? text : text.substring(0, text.lastIndexOf(';'));
    return whole
        .lines()
        .limit(SAMPLE_RECORDS)
        .flatMap(line -> Arrays.stream(line.split(";")))
        .filter(cell -> cell.indexOf(',') >= 0)
        .map(cell -> cell.strip().toCharArray())
        .allMatch(cell -> CsvNumber.hasComma(cell, 0, cell.length));
  }

  /** Delimiters in the record with fewest; {@link #EVERYWHERE} more if all records have as many. */
  private static long score(char[] sample, int length, char delimiter) {
    long fewest = Long.MAX_VALUE;
    long most = 0;
    long count = 0;
    int records = 0;
    boolean quoted = false;
    boolean blank = true;
    for (int i = 0; i <= length && records < SAMPLE_RECORDS; i++) {
      boolean cut = i == length;
      char c = cut ? '\n' : sample[i];
      quoted ^= c == '"';
      if ((c == '\n' || c == '\r') && (!quoted || cut)) {
        boolean whole = !cut || length < SAMPLE || records == 0;
        if (!blank && whole) {
          fewest = Math.min(fewest, count);
          most = Math.max(most, count);
          records++;
        }
        count = 0;
        blank = true;
      } else if (c == delimiter && !quoted) {
        count++;
      } else if (c != ' ' && c != ',' && c != ';' && c != '\t') {
        blank = false;
      }
    }
    return records == 0 || fewest == 0 ? 0 : fewest == most ? fewest + EVERYWHERE : fewest;
  }

  private Reader reader() {
    try {
      InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      InputStream plain =
          gzip ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), MARK.length) : in;
      checkNotUtf16(plain);
      skipByteOrderMark(plain);
      return new InputStreamReader(
          plain,
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT));
    } catch (IOException e) {
      throw new DataException(
          name + ": cannot be read: " + e.getMessage() + "; is it a CSV file?", e);
    }
  }

  /** What spreadsheets save as Unicode text; another encoding cannot be told by its bytes. */
  private void checkNotUtf16(InputStream plain) throws IOException {
    plain.mark(2);
    int first = plain.read() << 8 | plain.read();
    plain.reset();
    if (first == UTF16_BIG || first == UTF16_LITTLE) {
      throw new DataException(
          name
              + ": is UTF-16, not UTF-8; convert it first, for example with iconv -f utf-16 -t"
              + " utf-8");
    }
  }

  /** By its bytes: what is no UTF-8 is left to the parser, which says so and where. */
  private static void skipByteOrderMark(InputStream plain) throws IOException {
    plain.mark(MARK.length);
    if (!Arrays.equals(plain.readNBytes(MARK.length), MARK)) {
      plain.reset();
    }
  }

  @Override
  public void close() {
    if (temporary) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        file.toFile().deleteOnExit();
      }
    }
  }
}
