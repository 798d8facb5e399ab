package dev.natgrad.serving;

import dev.natgrad.optimizer.StepOutcome;

/**
 * Where an updater tells what happens: the flight recorder, or nowhere in a runtime without it.
 *
 * <p>Thread rule: the thread that updates. Allocates nothing.
 */
interface Events {
  /** Events that go nowhere. */
  Events NONE =
      new Events() {
        @Override
        public void stepBegins() {}

        @Override
        public void stepEnds(StepOutcome outcome, int samples) {}

        @Override
        public void fallback(String what, double epsilon) {}

        @Override
        public void published(String status, long version) {}

        @Override
        public void budget(String what, double spent, double nats) {}

        @Override
        public void auditFailed(String check, double value, double bound) {}
      };

  /** Of the flight recorder if this runtime has it. The class that needs it is named only here. */
  static Events create() {
    try {
      Class.forName("jdk.jfr.Event", false, Events.class.getClassLoader());
      return new FlightEvents();
    } catch (ClassNotFoundException | LinkageError e) {
      return NONE;
    }
  }

  /** A step begins. */
  void stepBegins();

  /** The step that began ended; it is rejected unless its status says that it was accepted. */
  void stepEnds(StepOutcome outcome, int samples);

  /** A lesser way was taken than the one asked for. */
  void fallback(String what, double epsilon);

  /** A version was published, not published, or rolled back to. */
  void published(String status, long version);

  /** The drift budget changed what is done. */
  void budget(String what, double spent, double nats);

  /** A check of an audit failed. */
  void auditFailed(String check, double value, double bound);
}
