package dev.natgrad.training;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * Splits text into records and cells, one record at a time; the cells' characters lie in one buffer
 * that the next record overwrites. Records end at LF, CRLF or CR; spaces (and tabs, unless the tab
 * is the delimiter) around an unquoted cell do not belong to it; a quoted cell may hold delimiters,
 * line ends and doubled quotes; a record without a single non-empty or quoted cell is skipped.
 */
final class CsvParser implements Closeable {
  /** A longer record is taken for a quote that was never closed. */
  private static final int MAX_RECORD = 1 << 26;

  private static final int END = -1;

  private final Reader in;
  private final String file;
  private final char delimiter;
  private final char[] buffer = new char[1 << 16];
  private int at;
  private int limit;

  private char[] chars = new char[1 << 12];
  private int[] ends = new int[64];
  private int length;
  private int cells;
  private long line = 1;
  private long recordLine;
  private boolean blank;
  private long hollow;
  private long hollowLine;

  CsvParser(Reader in, String file, char delimiter) {
    this.in = in;
    this.file = file;
    this.delimiter = delimiter;
  }

  /** Reads the next record that is not blank; false at the end. */
  boolean next() {
    long passed = 0;
    long passedLine = 0;
    do {
      length = 0;
      cells = 0;
      blank = true;
      recordLine = line;
      int end = cell();
      while (end == delimiter) {
        end = cell();
      }
      if (!blank) {
        hollowLine = hollow == 0 ? passedLine : hollowLine;
        hollow += passed;
        return true;
      }
      if (end == END) {
        return false;
      }
      if (cells > 1 && passed++ == 0) {
        passedLine = recordLine;
      }
    } while (true);
  }

  char delimiter() {
    return delimiter;
  }

  int cells() {
    return cells;
  }

  /**
   * Records of delimiters alone that were skipped so far. Those at the end do not count, which
   * spreadsheets leave: between others they may have been meant as rows.
   */
  long hollow() {
    return hollow;
  }

  /** Line of the first of them. */
  long hollowLine() {
    return hollowLine;
  }

  /** Line on which the record begins, counted from 1. */
  long line() {
    return recordLine;
  }

  char[] chars() {
    return chars;
  }

  int start(int cell) {
    return cell == 0 ? 0 : ends[cell - 1];
  }

  int end(int cell) {
    return ends[cell];
  }

  String text(int cell) {
    return new String(chars, start(cell), end(cell) - start(cell));
  }

  /** Reads one cell and what ends it: the delimiter, a line feed for any line end, or END. */
  private int cell() {
    int c = skipSpaces(read());
    int start = length;
    int kept = start;
    if (c == '"') {
      blank = false;
      quoted();
      kept = length;
      c = skipSpaces(read());
      if (c != delimiter && c != '\n' && c != END) {
        throw error("a quoted cell is followed by text; write a quote inside quotes twice");
      }
    } else {
      while (c != delimiter && c != '\n' && c != END) {
        append((char) c);
        kept = isSpace(c) ? kept : length;
        c = read();
      }
      blank &= kept == start;
    }
    length = kept;
    if (cells == ends.length) {
      ends = Arrays.copyOf(ends, 2 * cells);
    }
    ends[cells++] = length;
    return c;
  }

  private void quoted() {
    long opened = line;
    while (true) {
      int c = readRaw();
      if (c == '"') {
        if (peek() != '"') {
          return;
        }
        at++;
      } else if (c == END || length > MAX_RECORD) {
        throw new DataException(
            file + " line " + opened + ": a quote is opened and never closed; close it");
      }
      line += c == '\n' || (c == '\r' && peek() != '\n') ? 1 : 0;
      append((char) c);
    }
  }

  private void append(char c) {
    if (length == chars.length) {
      if (length > MAX_RECORD) {
        throw error("the row is longer than " + MAX_RECORD + " characters; is this a CSV file?");
      }
      chars = Arrays.copyOf(chars, 2 * length);
    }
    chars[length++] = c;
  }

  private int skipSpaces(int first) {
    int c = first;
    while (isSpace(c)) {
      c = read();
    }
    return c;
  }

  private boolean isSpace(int c) {
    return c == ' ' || (c == '\t' && delimiter != '\t');
  }

  /** The next character outside quotes, every line end as one line feed. */
  private int read() {
    int c = readRaw();
    if (c == '\r') {
      if (peek() == '\n') {
        at++;
      }
      c = '\n';
    }
    line += c == '\n' ? 1 : 0;
    return c;
  }

  private int readRaw() {
    int c = peek();
    at += c == END ? 0 : 1;
    if (c == 0) {
      throw error("the file holds a NUL character, so it is not text; give a CSV file in UTF-8");
    }
    return c;
  }

  private int peek() {
    if (at == limit) {
      fill();
    }
    return limit < 0 ? END : buffer[at];
  }

  private void fill() {
    if (limit < 0) {
      return;
    }
    try {
      do {
        limit = in.read(buffer, 0, buffer.length);
      } while (limit == 0);
      at = limit < 0 ? limit : 0;
    } catch (CharacterCodingException e) {
      throw new DataException(
          file
              + " after line "
              + line
              + ": not UTF-8; convert it first, for example with iconv -f latin1 -t utf-8",
          e);
    } catch (EOFException | ZipException e) {
      throw new DataException(
          file + " after line " + line + ": the gzip data is damaged or cut off; copy it again", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private DataException error(String reason) {
    return new DataException(file + " line " + recordLine + ": " + reason);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
