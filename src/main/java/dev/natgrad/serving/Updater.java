package dev.natgrad.serving;

import dev.natgrad.distribution.Weighted;
import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.Optimizer;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepBudget;
import dev.natgrad.optimizer.StepStatus;
import dev.natgrad.serving.Counters.Counter;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Learns from a stream: takes samples from a bounded queue, steps on the newest and on draws from a
 * window of the last, keeps the drift within its budget, and publishes.
 *
 * <p>It has no thread of its own: {@link #runOnce} and {@link #drain} work on the caller's, and
 * {@link #run} until told to stop, on a thread the caller hands over.
 *
 * <p>Where the problem's distribution is {@link Weighted}, of this updater's workspace, the queue
 * keeps weights and every step's are set before it. Masked samples count as never offered, and how
 * often an older sample is drawn does not depend on its weight.
 *
 * <p>Where a step throws, the parameters are as before it and the samples are gone.
 *
 * <p>Thread rule: the owner of its workspace; {@link #counters()} may be read by any thread.
 * Allocates nothing once its batch sizes have been seen.
 */
public final class Updater implements Stateful {
  private static final long PAUSE_NANOS = 100_000;

  private final Workspace workspace;
  private final Problem problem;
  private final Optimizer optimizer;
  private final BudgetedSteps budgeted;
  private final SampleQueue queue;
  private final SnapshotStore store;
  private final UpdaterOptions options;
  private final SampleWindow window;
  private final Vec saved;
  private final Counters counters = new Counters();
  private final Events events = Events.create();
  private final UpdateOutcome outcome = new UpdateOutcome();
  private DriftGuard guard;
  private SelfAudit audit;
  private long auditEvery;
  private long nextAudit;
  private long accepted;
  private long steps;

  /**
   * Takes the window, a batch and a copy of the parameters.
   *
   * @param workspace the owner of {@link #bytes} bytes, and of the optimiser and the store
   * @param problem what is to be minimised; its targets are the distribution's
   * @param optimizer an optimiser of the problem, at the parameters to start from
   * @param queue where samples come from; it stays the caller's
   * @param store where versions go; publish the first yourself, with {@link #publish}
   * @param options how to make steps of the stream
   * @throws IllegalArgumentException if the parts do not fit each other, or the objective is a
   *     {@link dev.natgrad.objective.PolicySurrogate}, whose advantages a stream does not bring
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public Updater(
      Workspace workspace,
      Problem problem,
      Optimizer optimizer,
      SampleQueue queue,
      SnapshotStore store,
      UpdaterOptions options) {
    this.workspace = Objects.requireNonNull(workspace, "workspace");
    this.problem = Objects.requireNonNull(problem, "problem");
    this.optimizer = Objects.requireNonNull(optimizer, "optimizer");
    this.budgeted = new BudgetedSteps(optimizer);
    this.queue = Objects.requireNonNull(queue, "queue");
    this.store = Objects.requireNonNull(store, "store");
    this.options = Objects.requireNonNull(options, "options");
    UpdaterParts.check(problem, optimizer, queue, store, options);
    this.window = new SampleWindow(workspace, problem, options);
    this.saved = Vec.allocate(workspace, problem.model().parameters(), problem.precision());
    JvmWarning.once();
    countBytes();
  }

  /**
   * Returns the off-heap memory an updater takes: a window and a batch of samples, with their
   * weights where the distribution takes weights, a row of targets, and a vector of P.
   *
   * @param problem what is to be minimised
   * @param options how to make steps of the stream
   * @return bytes
   */
  public static long bytes(Problem problem, UpdaterOptions options) {
    return SampleWindow.bytes(problem, options)
        + Vec.bytes(problem.model().parameters(), problem.precision());
  }

  /**
   * Holds the drift within a budget from now on; the reference is the optimiser's current model.
   *
   * @param drift measures the drift; of this updater's workspace
   * @return this
   * @throws IllegalArgumentException if the budget asks to shrink steps and the optimiser has no ε
   */
  public Updater withDrift(DriftControl drift) {
    checkThread();
    NaturalGradient natural = optimizer instanceof NaturalGradient n ? n : null;
    DriftGuard made = new DriftGuard(drift, natural, events);
    made.anchor(optimizer.parameters());
    this.guard = made;
    countBytes();
    return this;
  }

  /**
   * Audits the numerics after every so many steps from now on.
   *
   * @param audit the checks; of this updater's workspace and problem
   * @param everySteps from one audit to the next, in steps, at least 1
   * @return this
   * @throws IllegalArgumentException if {@code everySteps} is below 1
   */
  public Updater withAudit(SelfAudit audit, long everySteps) {
    checkThread();
    Arguments.atLeast("everySteps", everySteps, 1);
    this.audit = Objects.requireNonNull(audit, "audit");
    this.auditEvery = everySteps;
    this.nextAudit = steps + everySteps;
    countBytes();
    return this;
  }

  /**
   * Limits what each step may cost from now on. A step whose time is up changes nothing and counts
   * as {@code REJECTED}, with {@link StepStatus#BUDGET_SPENT}; its samples count as used. Each try
   * of an update that a drift budget shrinks has the whole budget. It is no part of the state.
   *
   * @param newBudget as for {@link NaturalGradient#step(dev.natgrad.linalg.Mat,
   *     dev.natgrad.linalg.Mat, StepBudget)}
   * @return this
   * @throws IllegalArgumentException if there is a limit and the optimiser is not the natural
   *     gradient
   */
  public Updater withStepBudget(StepBudget newBudget) {
    checkThread();
    budgeted.limit(newBudget);
    return this;
  }

  private void checkThread() {
    workspace.checkAccess("this updater");
  }

  /**
   * Takes at most as many samples as the queue can hold and makes at most one step of them.
   *
   * @return what was done, overwritten by the next run
   * @throws IllegalStateException if a workspace or the queue is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public UpdateOutcome runOnce() {
    checkThread();
    outcome.clear();
    long illegal = window.take(queue);
    if (illegal > 0) {
      counters.add(Counter.ILLEGAL_SAMPLES, illegal);
    }
    if (!window.enough()) {
      return outcome;
    }
    counters.add(Counter.SAMPLES, options.fresh());
    SampleWindow.Batch batch = window.next(steps);
    update(batch);
    if (audit != null && steps >= nextAudit) {
      nextAudit = steps + auditEvery;
      audit(batch);
    }
    if (outcome.status == UpdateStatus.UPDATED && ++accepted % options.publishEvery() == 0) {
      publish();
    }
    countBytes();
    return outcome;
  }

  private void update(SampleWindow.Batch batch) {
    outcome.samples = batch.x().rows();
    Vec theta = optimizer.parameters();
    if (guard != null && !guard.begin(theta)) {
      spent();
      return;
    }
    Blas.copy(theta, saved);
    boolean kept = false;
    try {
      boolean again;
      do {
        step(batch);
        again = false;
        if (guard != null && outcome.status == UpdateStatus.UPDATED) {
          outcome.drift = guard.measure(theta);
          if (!guard.fits(outcome.drift)) {
            Blas.copy(saved, theta);
            counters.add(Counter.UNDONE_BY_DRIFT, 1);
            outcome.status = UpdateStatus.BUDGET_SPENT;
            again = guard.shrink(outcome.drift, outcome.step);
          }
        }
      } while (again);
      kept = outcome.status == UpdateStatus.UPDATED;
    } finally {
      if (!kept) {
        Blas.copy(saved, theta);
      }
    }
    settle();
  }

  private void step(SampleWindow.Batch batch) {
    events.stepBegins();
    outcome.step = budgeted.step(batch.x(), batch.y());
    outcome.attempts++;
    steps++;
    boolean taken = outcome.step.status().accepted();
    outcome.status = taken ? UpdateStatus.UPDATED : UpdateStatus.REJECTED;
    counters.add(Counter.STEPS, 1);
    counters.count(outcome.step.status());
    events.stepEnds(outcome.step, batch.x().rows());
    if (outcome.step.status() == StepStatus.DEGRADED) {
      events.fallback("SCALED_GRADIENT", outcome.step.epsilon());
    }
  }

  /** Counts how the update ended. */
  private void settle() {
    boolean updated = outcome.status == UpdateStatus.UPDATED;
    counters.add(Counter.ACCEPTED, updated ? 1 : 0);
    counters.add(Counter.REJECTED, outcome.attempts - (updated ? 1 : 0));
    if (outcome.status == UpdateStatus.BUDGET_SPENT) {
      spent();
    }
    if (guard != null && updated) {
      guard.accept(outcome.drift);
    }
  }

  private void spent() {
    outcome.status = UpdateStatus.BUDGET_SPENT;
    counters.add(Counter.BUDGET_SPENT, 1);
  }

  private void audit(SampleWindow.Batch batch) {
    counters.add(Counter.AUDITS, 1);
    if (!audit.run(optimizer.parameters(), batch.x(), events)) {
      counters.add(Counter.FAILED_AUDITS, 1);
    }
  }

  private void countBytes() {
    counters.set(Counter.BYTES_OFF_HEAP, workspace.bytesUsed() + queue.rows().bytes());
    counters.set(Counter.VERSION, store.version());
  }

  /**
   * Runs until there are too few samples for another step.
   *
   * @return how many steps changed the parameters
   * @throws IllegalStateException if a workspace or the queue is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public long drain() {
    long updates = 0;
    while (runOnce().status() != UpdateStatus.IDLE) {
      updates += outcome.status == UpdateStatus.UPDATED ? 1 : 0;
    }
    return updates;
  }

  /**
   * Runs until told to stop or interrupted, pausing for a tenth of a millisecond where there are
   * too few samples. The thread must be the workspace's owner: one that the caller hands over.
   *
   * @param until asked before every run; true ends it
   * @throws IllegalStateException if a workspace or the queue is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public void run(BooleanSupplier until) {
    while (!until.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      if (runOnce().status() == UpdateStatus.IDLE) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /**
   * Publishes the optimiser's parameters now, whatever the options say.
   *
   * @return whether they were published
   * @throws IllegalStateException if a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public PublishStatus publish() {
    PublishStatus status = store.publish(optimizer.parameters());
    outcome.publish = status;
    switch (status) {
      case PUBLISHED -> counters.add(Counter.PUBLISHED, 1);
      case NO_FREE_BUFFER -> counters.add(Counter.NO_FREE_BUFFER, 1);
      case NON_FINITE -> counters.add(Counter.NON_FINITE_PARAMETERS, 1);
    }
    counters.set(Counter.VERSION, store.version());
    events.published(status.name(), store.version());
    return status;
  }

  /**
   * Makes a retained version the one that readers get, in constant time, and copies it into the
   * optimiser, so that training goes on from there. With drift control it becomes the reference.
   *
   * @param version its number
   * @return false if it is not retained (any more); nothing has changed then
   * @throws IllegalStateException if a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public boolean rollBack(long version) {
    checkThread();
    if (!store.rollBack(version)) {
      return false;
    }
    store.copyTo(version, optimizer.parameters());
    if (guard != null) {
      guard.anchor(optimizer.parameters());
    }
    counters.add(Counter.ROLLBACKS, 1);
    counters.set(Counter.VERSION, version);
    events.published("ROLLED_BACK", version);
    return true;
  }

  /**
   * Makes the current model the reference of the drift, with the whole budget before it.
   *
   * @throws IllegalStateException if there is no drift control or a workspace is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public void setReference() {
    checkThread();
    if (guard == null) {
      throw new IllegalStateException("there is no drift control: call withDrift first");
    }
    guard.anchor(optimizer.parameters());
  }

  /**
   * {@inheritDoc} The optimiser, the window of samples, the budget of the drift and its window, and
   * when the next audit is due. An updater that takes a state must have been given its drift
   * control and its audit before. Samples still in the queue, versions and counters are not among
   * it: {@link #publish} what was restored.
   */
  @Override
  public void exchange(State state) {
    checkThread();
    optimizer.exchange(state.part("optimizer"));
    window.exchange(state.part("window"));
    if (guard != null) {
      guard.exchange(state.part("drift"));
    }
    if (audit != null) {
      audit.exchange(state.part("audit"));
    }
    steps = state.whole("steps", steps);
    accepted = state.whole("accepted", accepted);
    nextAudit = state.whole("next_audit", nextAudit);
  }

  /**
   * Returns what this updater has done, counted.
   *
   * @return the counters, live, for any thread
   */
  public Counters counters() {
    return counters;
  }

  /**
   * Returns what is minimised.
   *
   * @return the problem
   */
  public Problem problem() {
    return problem;
  }
}
