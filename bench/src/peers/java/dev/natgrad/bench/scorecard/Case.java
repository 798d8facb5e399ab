package dev.natgrad.bench.scorecard;

import dev.natgrad.memory.Precision;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * One operation at one shape, with everybody who does it on the same data.
 *
 * @param name the operation, such as {@code gemm NT}
 * @param precision format of the operands
 * @param shape the sizes, such as {@code 128x128x128}
 * @param unit what the rate counts, in 10⁹ a second
 * @param work units a call, counted from the mathematics
 * @param limit what this machine allows, in the same units
 * @param contenders natgrad first
 * @param bound |x| of natgrad's result → how far a peer's may lie from it
 */
record Case(
    String name,
    Precision precision,
    String shape,
    Unit unit,
    double work,
    Limit limit,
    List<Contender> contenders,
    DoubleUnaryOperator bound) {

  /** What is counted. */
  enum Unit {
    FLOPS("GFLOP/s"),
    BYTES("GB/s"),
    ELEMENTS("Gelem/s");

    final String label;

    Unit(String label) {
      this.label = label;
    }
  }

  /** Compares every peer's result with natgrad's. */
  void check() {
    double[] ours = contenders.get(0).probe().get();
    for (Contender peer : contenders.subList(1, contenders.size())) {
      double[] theirs = peer.probe().get();
      if (theirs.length != ours.length) {
        throw new AssertionError(this + ": " + peer.name() + " has " + theirs.length + " results");
      }
      for (int i = 0; i < ours.length; i++) {
        double allowed = bound.applyAsDouble(Math.abs(ours[i]));
        if (!(Math.abs(theirs[i] - ours[i]) <= allowed)) {
          throw new AssertionError(
              this
                  + ": result "
                  + i
                  + " of "
                  + peer.name()
                  + " is "
                  + theirs[i]
                  + ", natgrad's "
                  + ours[i]
                  + ", allowed difference "
                  + allowed);
        }
      }
    }
  }

  @Override
  public String toString() {
    return name + " " + precision + " " + shape;
  }
}
