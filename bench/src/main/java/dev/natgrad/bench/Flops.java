package dev.natgrad.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Second result column of a benchmark in throughput per second: GFLOP/s, counted from the flops of
 * the mathematical operation.
 */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Flops {

  /** 10⁹ floating-point operations done since the iteration began. */
  public double gflops;

  /** Starts an iteration at zero. */
  @Setup(Level.Iteration)
  public void reset() {
    gflops = 0;
  }
}
