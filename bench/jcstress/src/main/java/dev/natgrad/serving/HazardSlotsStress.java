package dev.natgrad.serving;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * The protocol by itself, each buffer two plain numbers: a reader that acquires while the writer
 * fills and publishes sees two equal numbers. In this package since the protocol is not exported.
 */
public final class HazardSlotsStress {
  private HazardSlotsStress() {}

  /** Buffers that are written without any order between the two numbers. */
  static class Buffers {
    final HazardSlots slots = new HazardSlots(2, 0, 4);
    final int[] first = new int[4];
    final int[] second = new int[4];
    final int reader = slots.register();
    final int other = slots.register();

    Buffers() {
      publish(1);
    }

    final void publish(int version) {
      int buffer = slots.free();
      first[buffer] = version;
      second[buffer] = version;
      slots.publish(buffer);
    }

    /** Acquires, reads twice; "torn" unless both numbers are equal and stay so. */
    final String read(int number) {
      int buffer = HazardSlots.buffer(slots.acquire(number));
      int before = first[buffer];
      int after = second[buffer];
      boolean whole = before == after && first[buffer] == before && before > 0;
      return whole ? "whole" : "torn";
    }
  }

  /** Two readers acquire once while four versions are published into four buffers. */
  @JCStressTest
  @Outcome(id = "whole, whole", expect = Expect.ACCEPTABLE, desc = "no read is torn")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a buffer was written while it was held")
  @State
  public static class AcquireWhilePublishing extends Buffers {
    /** The writer. */
    @Actor
    public void writer() {
      publish(2);
      publish(3);
      publish(4);
      publish(5);
    }

    /**
     * One reader.
     *
     * @param r its outcome
     */
    @Actor
    public void reader(LL_Result r) {
      r.r1 = read(reader);
    }

    /**
     * Another, which holds and gives back one version before.
     *
     * @param r its outcome
     */
    @Actor
    public void other(LL_Result r) {
      String once = read(other);
      slots.release(other);
      String again = read(other);
      r.r2 = once.equals(again) ? again : "torn";
    }
  }

  /** What a reader acquires after it has seen a publish return is not older. */
  @JCStressTest
  @Outcome(id = "ordered, .*", expect = Expect.ACCEPTABLE, desc = "never older than announced")
  @Outcome(expect = Expect.FORBIDDEN, desc = "older than a version whose publish had returned")
  @State
  public static class NewestIsSeen extends Buffers {
    volatile int announced = 1;

    /** The writer, which announces each version once it is published. */
    @Actor
    public void writer() {
      publish(2);
      announced = 2;
      publish(3);
      announced = 3;
      publish(4);
      announced = 4;
    }

    /**
     * The reader.
     *
     * @param r whether what it got is in order, and what it got
     */
    @Actor
    public void reader(LL_Result r) {
      int least = announced;
      int version = first[HazardSlots.buffer(slots.acquire(reader))];
      r.r1 = version >= least ? "ordered" : "older";
      r.r2 = version;
    }
  }
}
