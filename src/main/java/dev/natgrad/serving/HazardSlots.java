package dev.natgrad.serving;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Which of N buffers may be read and which may be written: one writer, R readers, no locks. It
 * knows buffers by number only.
 *
 * <p>{@code current} is one word: the number of the change (48 bits) and the buffer (16 bits). Each
 * reader has a hazard slot on a cache line of its own, in one of these states: free; acquiring; a
 * word, which names the buffer it holds.
 *
 * <p>Acquire, wait-free in three accesses: set the own slot to acquiring, read {@code current},
 * change the slot from acquiring to that word by compare-and-set. Publish: set {@code current},
 * then change every slot that is acquiring to the new word. So the reader's compare-and-set
 * re-checks its announcement: it fails only if the writer has announced a newer buffer on the
 * reader's behalf, and then that one is held. Either way the buffer held was current at a moment
 * within the call, and an acquire that begins after a publish has returned gets that version or a
 * later one.
 *
 * <p>Why no buffer that is read is written: let a reader read {@code current} = c. A later publish
 * first sees its slot as acquiring, and changes it, or sees c there; both before the writer next
 * looks for a free buffer. It takes none that is current, retained or named in a slot. With N ≥ R +
 * history + 2 one is always free, since each reader names one at most.
 *
 * <p>Access modes. Announcing (reader) and publishing (writer) each store one variable and load the
 * other, and one of the two must see the other's store: volatile, for no weaker mode orders a store
 * before a later load. The two compare-and-sets are volatile too. Release and acquire suffice
 * elsewhere: giving a buffer back releases the reads before it to the writer, whose acquiring look
 * precedes its writes; the look whether {@code current} has changed acquires nothing new, since
 * what is held was acquired before.
 *
 * <p>Thread rule: {@link #register} from any thread; a reader's number is one thread's from then
 * until {@link #unregister}; all else is the writer's.
 */
final class HazardSlots {
  /** What {@link #acquire} gives before anything has been published. */
  static final long NOTHING = -1;

  private static final long FREE = -1;
  private static final long ACQUIRING = -2;
  private static final long UNREGISTERED = -3;
  private static final int BUFFER_BITS = 16;

  /** 128 bytes: the adjacent-line prefetcher of x86 makes neighbours of two lines. */
  private static final int STRIDE = 16;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT = MethodHandles.lookup().findVarHandle(HazardSlots.class, "current", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int readers;
  private final int buffers;
  private final long[] slots;

  /** Retained buffers, the current one first; the writer's own. */
  private final int[] recent;

  private final boolean[] taken;
  private int retained;
  private long changes;

  @SuppressWarnings("unused")
  private long current = NOTHING;

  HazardSlots(int readers, int history, int buffers) {
    this.readers = readers;
    this.buffers = buffers;
    this.slots = new long[(readers + 2) * STRIDE];
    Arrays.fill(slots, UNREGISTERED);
    this.recent = new int[history + 1];
    this.taken = new boolean[buffers];
  }

  /** Index of the reader's slot: whole lines lie before the first and after the last. */
  private static int at(int reader) {
    return (reader + 1) * STRIDE;
  }

  static int buffer(long word) {
    return (int) (word & (1 << BUFFER_BITS) - 1);
  }

  /** A reader's number, or −1 if all are taken. */
  int register() {
    for (int reader = 0; reader < readers; reader++) {
      if (SLOT.compareAndSet(slots, at(reader), UNREGISTERED, FREE)) {
        return reader;
      }
    }
    return -1;
  }

  /** Gives back what the reader holds, and its number. */
  void unregister(int reader) {
    SLOT.setRelease(slots, at(reader), UNREGISTERED);
  }

  /** Whether a word is still the newest. */
  boolean isCurrent(long word) {
    return (long) CURRENT.getAcquire(this) == word;
  }

  /** Gives back what the reader holds, if anything, and takes the newest; {@link #NOTHING} yet. */
  long acquire(int reader) {
    announce(reader);
    return settle(reader, newest());
  }

  /** The first access of an acquire; each is a method, so that a test can come between. */
  void announce(int reader) {
    SLOT.setVolatile(slots, at(reader), ACQUIRING);
  }

  /** The second. */
  long newest() {
    return (long) CURRENT.getVolatile(this);
  }

  /** The third: what the reader holds from now on. */
  long settle(int reader, long newest) {
    long seen = (long) SLOT.compareAndExchange(slots, at(reader), ACQUIRING, newest);
    return seen == ACQUIRING ? newest : seen;
  }

  /** Gives back what the reader holds. */
  void release(int reader) {
    SLOT.setRelease(slots, at(reader), FREE);
  }

  /** A buffer that nobody reads and that is not retained, or −1. */
  int free() {
    Arrays.fill(taken, false);
    for (int i = 0; i < retained; i++) {
      taken[recent[i]] = true;
    }
    for (int reader = 0; reader < readers; reader++) {
      long word = (long) SLOT.getAcquire(slots, at(reader));
      if (word >= 0) {
        taken[buffer(word)] = true;
      }
    }
    for (int buffer = 0; buffer < buffers; buffer++) {
      if (!taken[buffer]) {
        return buffer;
      }
    }
    return -1;
  }

  /**
   * Makes a buffer current, be it fresh from {@link #free} or retained. Of those retained the one
   * that was current longest ago is dropped where there are more than the history and the current.
   */
  void publish(int buffer) {
    help(change(buffer));
  }

  /** The first part of a publish: the word that is current from now on. */
  long change(int buffer) {
    int place = 0;
    while (place < retained && recent[place] != buffer) {
      place++;
    }
    if (place == retained) {
      retained = Math.min(retained + 1, recent.length);
      place = retained - 1;
    }
    System.arraycopy(recent, 0, recent, 1, place);
    recent[0] = buffer;
    changes++;
    long word = changes << BUFFER_BITS | buffer;
    CURRENT.setVolatile(this, word);
    return word;
  }

  /** The second: announces the word on behalf of the readers met halfway. */
  void help(long word) {
    for (int reader = 0; reader < readers; reader++) {
      if ((long) SLOT.getVolatile(slots, at(reader)) == ACQUIRING) {
        SLOT.compareAndSet(slots, at(reader), ACQUIRING, word);
      }
    }
  }

  /** The number of buffers retained, the current one included. */
  int retained() {
    return retained;
  }

  /** Retained buffer number i, from the current one (0) to the one that was so longest ago. */
  int recent(int i) {
    return recent[i];
  }

  /** Readers registered now. Any thread may ask. */
  int registered() {
    int count = 0;
    for (int reader = 0; reader < readers; reader++) {
      if ((long) SLOT.getAcquire(slots, at(reader)) != UNREGISTERED) {
        count++;
      }
    }
    return count;
  }
}
