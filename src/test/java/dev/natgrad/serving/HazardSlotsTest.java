package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The protocol in one thread, against a model of it; SnapshotStressTest has the threads. */
class HazardSlotsTest {
  /** Each operation is a number: the reader it concerns, or the writer. */
  @Property(tries = 300)
  void whatIsHeldOrRetainedIsNeverFree(
      @ForAll @IntRange(min = 1, max = 4) int readers,
      @ForAll @IntRange(max = 3) int history,
      @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 99) Integer> operations) {
    HazardSlots slots = new HazardSlots(readers, history, readers + history + 2);
    long[] held = new long[readers];
    for (int reader = 0; reader < readers; reader++) {
      assertEquals(reader, slots.register());
      held[reader] = HazardSlots.NOTHING;
    }
    assertEquals(-1, slots.register());
    Deque<Integer> retained = new ArrayDeque<>();
    for (int operation : operations) {
      int reader = operation % (readers + 2);
      if (reader < readers && operation < 60) {
        held[reader] = slots.acquire(reader);
        assertEquals(
            retained.isEmpty() ? -1 : (int) retained.peekFirst(),
            held[reader] < 0 ? -1 : HazardSlots.buffer(held[reader]));
        assertTrue(held[reader] < 0 || slots.isCurrent(held[reader]));
      } else if (reader < readers) {
        held[reader] = HazardSlots.NOTHING;
        slots.release(reader);
      } else {
        boolean back = reader > readers && !retained.isEmpty();
        int buffer = back ? retained.peekLast() : slots.free();
        assertTrue(buffer >= 0, "one is always free");
        if (!back) {
          assertTrue(!retained.contains(buffer));
          for (long word : held) {
            assertNotEquals(buffer, word < 0 ? -1 : HazardSlots.buffer(word));
          }
        }
        slots.publish(buffer);
        retained.remove(buffer);
        retained.addFirst(buffer);
        if (retained.size() > history + 1) {
          retained.removeLast();
        }
      }
      assertEquals(retained.size(), slots.retained());
    }
  }

  @Test
  void aNumberGivenBackIsGivenOutAgain() {
    HazardSlots slots = new HazardSlots(2, 0, 4);
    int reader = slots.register();
    slots.publish(slots.free());
    slots.unregister(reader);
    assertEquals(0, slots.registered());
    assertEquals(reader, slots.register());
    assertEquals(1, slots.registered());
    assertTrue(slots.acquire(reader) > 0);
  }
}
