package dev.natgrad.bench.service;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * One connection at a fixed rate. A latency counts from the moment the request was due, so that one
 * held up by a slow one before it is not counted as fast.
 */
final class LoadThread extends Thread {
  /** Requests made beforehand and sent in turn, so that making them takes no time from sending. */
  private static final int PREPARED = 256;

  private final int port;
  private final long interval;
  private final long nanos;
  private final int expected;
  private final byte[][] prepared = new byte[PREPARED][];
  private final Histogram latencies = histogram();
  private long requests;
  private long failed;
  private long refused;

  LoadThread(int port, double interval, int seconds, int expected, Supplier<byte[]> maker) {
    super("load");
    this.port = port;
    this.interval = (long) (interval * 1e9);
    this.nanos = seconds * 1_000_000_000L;
    this.expected = expected;
    for (int i = 0; i < PREPARED; i++) {
      prepared[i] = maker.get();
    }
  }

  static Histogram histogram() {
    return new Histogram(60_000_000_000L, 3);
  }

  @Override
  public void run() {
    try (HttpConnection connection = new HttpConnection(port)) {
      long due = System.nanoTime();
      final long end = due + nanos;
      for (int i = 0; due < end; i = (i + 1) % PREPARED) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        int status = connection.send(prepared[i]);
        latencies.recordValue(System.nanoTime() - due);
        requests++;
        boolean full =
            status == RequestException.UNAVAILABLE || status == RequestException.TOO_MANY_REQUESTS;
        refused += full ? 1 : 0;
        failed += status != expected && !full ? 1 : 0;
        due += interval;
      }
    } catch (IOException e) {
      failed++;
      System.err.println("load: " + e);
    }
  }

  Histogram latencies() {
    return latencies;
  }

  long requests() {
    return requests;
  }

  long failed() {
    return failed;
  }

  /** Requests that the service turned away because it was full. */
  long refused() {
    return refused;
  }
}
