package dev.natgrad.serving;

import dev.natgrad.memory.Precision;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;

/** Learns a little, in a JVM that may lack modules; prints which kind of events it has. */
public final class FlightSmoke {
  private FlightSmoke() {}

  public static void main(String[] args) {
    try (Stream s = new Stream(Precision.F32, 0.01, 1)) {
      UpdaterOptions options = UpdaterOptions.everySampleOnce(8);
      Updater updater = new Updater(s.workspace, s.problem, s.optimizer, s.queue, s.store, options);
      s.offer(16);
      long updates = updater.drain();
      NaturalGradientOptions natural = NaturalGradientOptions.within(0.01);
      WarmUp.run(s.problem, (w, p) -> new NaturalGradient(w, p, natural), options, 0);
      System.out.println(
          updates
              + " updates, events "
              + Events.create().getClass().getSimpleName()
              + ", compilation "
              + (JvmMeters.compilationMillis().getAsLong() == JvmMeters.UNKNOWN)
              + ", allocation "
              + (JvmMeters.allocatedBytes().getAsLong() == JvmMeters.UNKNOWN));
    }
  }
}
