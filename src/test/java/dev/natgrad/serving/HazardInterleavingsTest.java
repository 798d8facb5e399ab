package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every order in which the accesses of one reader and the writer can come, on the real slots: the
 * volatile accesses are totally ordered, so there are no other executions of these two.
 */
class HazardInterleavingsTest {
  private static final int PUBLISHES = 3;
  private static final int ACQUIRES = 2;

  /** Announce, read, settle, read the buffer again, release. */
  private static final int READER_STEPS = 5;

  /** One execution, driven access by access. */
  private static final class Run {
    final HazardSlots slots = new HazardSlots(1, 0, 3);
    final int reader = slots.register();

    /** The change whose contents a buffer holds, or −1 while it is written. */
    final long[] contents = new long[3];

    /** Whether the writer's two accesses are apart. */
    final boolean apart;

    final StringBuilder trace = new StringBuilder();
    int readerStep;
    int writerStep;
    int writing;
    long word;
    long changes;
    long published;
    long publishedBefore;
    long read;
    long held;

    Run(boolean apart) {
      this.apart = apart;
      write();
      fill();
      slots.publish(writing);
      published = changes;
    }

    int writerSteps() {
      return apart ? 4 : 3;
    }

    void write() {
      writing = slots.free();
      assertTrue(writing >= 0, () -> "no buffer is free after " + trace);
      contents[writing] = -1;
    }

    void fill() {
      contents[writing] = ++changes;
    }

    void writer() {
      trace.append(" w").append(writerStep % writerSteps());
      switch (writerStep++ % writerSteps()) {
        case 0 -> write();
        case 1 -> fill();
        case 2 -> {
          if (apart) {
            word = slots.change(writing);
          } else {
            slots.publish(writing);
            published = changes;
          }
        }
        default -> {
          slots.help(word);
          published = changes;
        }
      }
    }

    void reader() {
      trace.append(" r").append(readerStep % READER_STEPS);
      switch (readerStep++ % READER_STEPS) {
        case 0 -> {
          publishedBefore = published;
          slots.announce(reader);
        }
        case 1 -> read = slots.newest();
        case 2 -> {
          held = slots.settle(reader, read);
          check();
          assertTrue(version() >= publishedBefore, () -> "an old version after " + trace);
        }
        case 3 -> check();
        default -> slots.release(reader);
      }
    }

    /** The number of the change that the word held is of. */
    long version() {
      return held >> 16;
    }

    /** The buffer held has the contents it was published with. */
    void check() {
      assertEquals(
          version(), contents[HazardSlots.buffer(held)], () -> "a torn version after " + trace);
    }
  }

  /** Bit i of an order tells whose the i-th access is. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsHeldIsNeverWrittenInAnyOrder(boolean apart) {
    int readerSteps = ACQUIRES * READER_STEPS;
    int writerSteps = PUBLISHES * new Run(apart).writerSteps();
    int steps = readerSteps + writerSteps;
    long orders = 0;
    long helped = 0;
    for (int order = 0; order < 1 << steps; order++) {
      if (Integer.bitCount(order) == readerSteps) {
        Run run = new Run(apart);
        for (int i = 0; i < steps; i++) {
          if ((order & 1 << i) != 0) {
            run.reader();
            helped += run.readerStep % READER_STEPS == 3 && run.held != run.read ? 1 : 0;
          } else {
            run.writer();
          }
        }
        orders++;
      }
    }
    assertEquals(choose(steps, readerSteps), orders);
    assertTrue(helped > orders / 100, "the help was needed " + helped + " times");
  }

  private static long choose(int n, int k) {
    long result = 1;
    for (int i = 1; i <= k; i++) {
      result = result * (n - k + i) / i;
    }
    return result;
  }

  /** The one that needs the help: the reader stands between its read and its settling. */
  @Test
  void aReaderMetHalfwayIsGivenTheNewVersion() {
    HazardSlots slots = new HazardSlots(1, 0, 3);
    int reader = slots.register();
    int first = slots.free();
    slots.publish(first);
    slots.announce(reader);
    long read = slots.newest();
    assertEquals(first, HazardSlots.buffer(read));
    int second = slots.free();
    slots.publish(second);
    long held = slots.settle(reader, read);
    assertEquals(second, HazardSlots.buffer(held));
    assertEquals(first, slots.free());
  }
}
