package dev.natgrad.serving;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.BatchViews;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Norms;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Model;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Answers requests on one thread with the newest published parameters: y = f(θ, x), or the mean of
 * the distribution there. Every call takes the newest version and returns its number; all samples
 * of a call are answered by the same version.
 *
 * <p>Samples and answers are in row-major order, one row after the other without gaps, in the
 * caller's arrays or segments; they are rounded to the store's precision on the way in. Answers are
 * finite unless the model overflows at finite features.
 *
 * <p>Thread rule: the owner of its workspace; every other thread gets a {@link
 * WrongThreadException}. Allocates nothing after construction, on heap or off.
 */
public final class Predictor implements AutoCloseable {
  /** A linearisation of ours remembers its views of as many parameter vectors. */
  private static final int VECTORS = 16;

  private final SnapshotReader reader;
  private final Linearization[] linearizations;
  private final OutputDistribution distribution;
  private final BatchViews<Views> views;
  private final Precision precision;
  private final int inputs;
  private final int answers;
  private final int maxBatch;

  /** One batch size's rows of the buffers: features, outputs, and those of them that answer. */
  private record Views(Mat x, Mat z, Mat y) {}

  private Predictor(
      Workspace workspace,
      SnapshotStore store,
      Model model,
      OutputDistribution distribution,
      int maxBatch) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(store, "store");
    Arguments.atLeast("maxBatch", maxBatch, 1);
    if (model.parameters() != store.parameters()) {
      throw new IllegalArgumentException(
          "model has "
              + model.parameters()
              + " parameters; the store was built for "
              + store.parameters());
    }
    this.precision = store.precision();
    this.distribution = distribution;
    this.inputs = model.inputs();
    this.answers = distribution == null ? model.outputs() : distribution.targets();
    this.maxBatch = maxBatch;
    Mat x = Mat.allocate(workspace, maxBatch, inputs, precision);
    Mat z = Mat.allocate(workspace, maxBatch, model.outputs(), precision);
    this.views =
        new BatchViews<>(
            maxBatch, rows -> new Views(x.top(rows), z.top(rows), z.block(0, 0, rows, answers)));
    this.linearizations = new Linearization[linearizations(store.thetas.length)];
    for (int i = 0; i < linearizations.length; i++) {
      linearizations[i] = model.linearize(workspace, maxBatch, precision);
    }
    this.reader = new SnapshotReader(workspace, store);
    try {
      prime();
    } catch (RuntimeException | Error e) {
      // Nobody else can give the registration back.
      reader.close();
      throw e;
    }
  }

  /**
   * Makes the views of every batch size and buffer now: compiled code that has only seen views that
   * exist would go back to the interpreter for the first that does not, for milliseconds. What is
   * read here may be in the middle of being written; nobody looks at the outcome.
   */
  private void prime() {
    for (int buffer = 0; buffer < reader.buffers(); buffer++) {
      Views at = views.of(1);
      linearizations[buffer / VECTORS].evaluate(reader.theta(buffer), at.x, at.z);
    }
    for (int rows = 2; rows <= maxBatch; rows++) {
      Views at = views.of(rows);
      for (int i = 0; i < linearizations.length; i++) {
        linearizations[i].evaluate(reader.theta(i * VECTORS), at.x, at.z);
      }
    }
  }

  private static int linearizations(int buffers) {
    return (buffers + VECTORS - 1) / VECTORS;
  }

  /**
   * A predictor of E[y | z], as many numbers a sample as the distribution has targets: class
   * probabilities, expected values.
   *
   * @param workspace a workspace of the calling thread, which takes a lease on the store's; the
   *     owner of {@link #bytes} bytes
   * @param store whose newest version answers
   * @param model f
   * @param distribution P(y | z), with as many outputs as the model
   * @param maxBatch the most samples of a call, at least 1
   * @return the predictor, a registered reader of the store until it is closed
   * @throws IllegalArgumentException if the parts do not fit each other
   * @throws IllegalStateException if the store has no place for another reader
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public static Predictor ofMeans(
      Workspace workspace,
      SnapshotStore store,
      Model model,
      OutputDistribution distribution,
      int maxBatch) {
    if (distribution.outputs() != model.outputs()) {
      throw new IllegalArgumentException(
          "the model has "
              + model.outputs()
              + " outputs; the distribution "
              + distribution.name()
              + " needs "
              + distribution.outputs());
    }
    return new Predictor(workspace, store, model, distribution, maxBatch);
  }

  /**
   * A predictor of the model's outputs z as they are.
   *
   * @param workspace a workspace of the calling thread, which takes a lease on the store's; the
   *     owner of {@link #bytes} bytes
   * @param store whose newest version answers
   * @param model f
   * @param maxBatch the most samples of a call, at least 1
   * @return the predictor, a registered reader of the store until it is closed
   * @throws IllegalArgumentException if the parts do not fit each other
   * @throws IllegalStateException if the store has no place for another reader
   * @throws OutOfMemoryError if the workspace's limit would be exceeded
   */
  public static Predictor ofOutputs(
      Workspace workspace, SnapshotStore store, Model model, int maxBatch) {
    return new Predictor(workspace, store, model, null, maxBatch);
  }

  /**
   * Returns the off-heap memory a predictor takes: a batch of features, one of answers, and a
   * linearisation for every 16 buffers of the store; with several samples also {@link
   * dev.natgrad.linalg.Blas#scratchBytes()}, once in a workspace.
   *
   * @param store whose newest version answers
   * @param model f
   * @param maxBatch the most samples of a call
   * @return bytes
   */
  public static long bytes(SnapshotStore store, Model model, int maxBatch) {
    Precision precision = store.precision();
    return Mat.bytes(maxBatch, model.inputs(), precision)
        + Mat.bytes(maxBatch, model.outputs(), precision)
        + linearizations(store.thetas.length) * model.linearizationBytes(maxBatch, precision);
  }

  /**
   * Answers the samples of an array.
   *
   * @param x rows of features, 1 to the largest batch
   * @param y receives as many rows of answers: exactly that many elements
   * @return the number of the version that answered
   * @throws IllegalArgumentException if a length does not fit or a feature is not finite; y is
   *     unchanged then
   * @throws IllegalStateException if nothing has been published, or this predictor or its workspace
   *     is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public long predict(float[] x, float[] y) {
    Views at = rows(x.length, y.length);
    for (int i = 0; i < at.x.rows(); i++) {
      at.x.copyRowFrom(i, x, i * inputs);
    }
    long version = answer(at);
    for (int i = 0; i < at.y.rows(); i++) {
      at.y.copyRowTo(i, y, i * answers);
    }
    return version;
  }

  /**
   * Answers the samples of an array.
   *
   * @param x rows of features, 1 to the largest batch
   * @param y receives as many rows of answers: exactly that many elements
   * @return the number of the version that answered
   * @throws IllegalArgumentException if a length does not fit or a feature is not finite; y is
   *     unchanged then
   * @throws IllegalStateException if nothing has been published, or this predictor or its workspace
   *     is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public long predict(double[] x, double[] y) {
    Views at = rows(x.length, y.length);
    for (int i = 0; i < at.x.rows(); i++) {
      at.x.copyRowFrom(i, x, i * inputs);
    }
    long version = answer(at);
    for (int i = 0; i < at.y.rows(); i++) {
      at.y.copyRowTo(i, y, i * answers);
    }
    return version;
  }

  /**
   * Answers the samples of a segment, on or off the heap, that the calling thread may read.
   *
   * @param x rows of features in the store's precision, 1 to the largest batch
   * @param y receives as many rows of answers in the same precision: exactly that many elements
   * @return the number of the version that answered
   * @throws IllegalArgumentException if a length does not fit, a feature is not finite or y is
   *     read-only; y is unchanged then
   * @throws IllegalStateException if nothing has been published, or this predictor, its workspace
   *     or a segment's arena is closed
   * @throws WrongThreadException if called from another thread than the workspace's owner's, or the
   *     thread may not use a segment
   */
  public long predict(MemorySegment x, MemorySegment y) {
    Views at = rows(elements("x", x), elements("y", y));
    for (int i = 0; i < at.x.rows(); i++) {
      at.x.copyRowFrom(i, x, (long) i * inputs * precision.bytes(), precision);
    }
    long version = answer(at);
    for (int i = 0; i < at.y.rows(); i++) {
      at.y.copyRowTo(i, y, (long) i * answers * precision.bytes(), precision);
    }
    return version;
  }

  private long elements(String name, MemorySegment segment) {
    if (segment.byteSize() % precision.bytes() != 0) {
      throw new IllegalArgumentException(
          name
              + " has "
              + segment.byteSize()
              + " bytes; it must hold whole elements of "
              + precision.bytes()
              + " bytes");
    }
    return segment.byteSize() / precision.bytes();
  }

  private Views rows(long xElements, long yElements) {
    int rows = Arguments.rows("x", xElements, inputs, maxBatch);
    Arguments.elements("y", yElements, rows, answers);
    return views.of(rows);
  }

  private long answer(Views at) {
    if (!Double.isFinite(Norms.largestAbsolute(at.x))) {
      throw notFinite(at.x);
    }
    int buffer = reader.newest();
    linearizations[buffer / VECTORS].evaluate(reader.theta(buffer), at.x, at.z);
    if (distribution != null) {
      distribution.mean(at.z, at.z);
    }
    return reader.version();
  }

  private static IllegalArgumentException notFinite(Mat x) {
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < x.cols(); j++) {
        if (!Double.isFinite(x.get(i, j))) {
          return new IllegalArgumentException(
              "feature "
                  + j
                  + " of sample "
                  + i
                  + " is "
                  + x.get(i, j)
                  + " in "
                  + x.precision()
                  + "; it must be finite: encode missing values before they get here");
        }
      }
    }
    throw new AssertionError("a norm that is not finite of finite features");
  }

  /**
   * Returns the version that answered last.
   *
   * @return its number; 0 before the first call
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  public long version() {
    return reader.version();
  }

  /**
   * Gives back the version held and the registration. Its memory is the workspace's. Closing twice
   * has no effect.
   *
   * @throws WrongThreadException if called from another thread than the workspace's owner's
   */
  @Override
  public void close() {
    reader.close();
  }
}
