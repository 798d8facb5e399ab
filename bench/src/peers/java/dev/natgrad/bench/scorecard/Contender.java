package dev.natgrad.bench.scorecard;

import java.util.function.Supplier;

/**
 * One implementation of a case.
 *
 * @param name whose it is: {@link #NATGRAD} or a peer's
 * @param call one call on the case's data, the only thing that is timed
 * @param probe resets the data, calls once and returns the result, for comparison
 */
record Contender(String name, Runnable call, Supplier<double[]> probe) {
  static final String NATGRAD = "natgrad";
}
