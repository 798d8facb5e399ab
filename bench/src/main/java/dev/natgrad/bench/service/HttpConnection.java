package dev.natgrad.bench.service;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One kept-alive connection: a whole request out, a whole reply in, as cheaply as Java can. */
final class HttpConnection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;
  private static final String LENGTH = "content-length:";
  private static final String RETRY = "retry-after:";

  private final Socket socket;
  private final InputStream in;
  private byte[] body = new byte[0];
  private boolean retryAfter;

  HttpConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  static byte[] post(String path, byte[] body) {
    byte[] head =
        ("POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] request = new byte[head.length + body.length];
    System.arraycopy(head, 0, request, 0, head.length);
    System.arraycopy(body, 0, request, head.length, body.length);
    return request;
  }

  static byte[] get(String path) {
    return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Sends a request and returns the status of its reply. */
  int send(byte[] request) throws IOException {
    begin(request);
    return end();
  }

  /** Sends a request, for {@link #end} to read its reply. */
  void begin(byte[] request) throws IOException {
    socket.getOutputStream().write(request);
  }

  /** Waits for the reply of the request sent last and returns its status. */
  int end() throws IOException {
    retryAfter = false;
    final int status = Integer.parseInt(line().split(" ", 3)[1]);
    int length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
        length = Integer.parseInt(header.substring(LENGTH.length()).trim());
      }
      retryAfter |= header.toLowerCase(Locale.ROOT).startsWith(RETRY);
    }
    body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the reply was cut short");
    }
    return status;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection was closed");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** The body of the last reply. */
  byte[] body() {
    return body;
  }

  /** Whether the last reply said when to come again. */
  boolean retryAfter() {
    return retryAfter;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
