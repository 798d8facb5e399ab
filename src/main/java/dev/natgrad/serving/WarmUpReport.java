package dev.natgrad.serving;

/**
 * What a warm-up reached.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param nanos the time it took
 * @param rounds the rounds made
 * @param firstPredictionNanos one prediction of one sample, on average over the first round
 * @param predictionNanos the same over the last round
 * @param bestPredictionNanos the same over the fastest round
 * @param firstStepNanos one step, on average over the first round
 * @param stepNanos the same over the last round
 * @param bestStepNanos the same over the fastest round of the same work
 * @param allocatedBytes the bytes of heap that the predictions and steps of the last round took, −1
 *     where the JVM does not tell
 * @param settled whether it ended before the budget did: the last rounds were as fast as the
 *     fastest, and, where the JVM tells, nothing was compiled and nothing allocated in them
 */
public record WarmUpReport(
    long nanos,
    long rounds,
    double firstPredictionNanos,
    double predictionNanos,
    double bestPredictionNanos,
    double firstStepNanos,
    double stepNanos,
    double bestStepNanos,
    long allocatedBytes,
    boolean settled) {}
