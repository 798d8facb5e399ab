package dev.natgrad.bench.scorecard;

import com.sun.management.ThreadMXBean;
import dev.natgrad.bench.ChildJvm;
import dev.natgrad.linalg.Simd;
import dev.natgrad.memory.Precision;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import jdk.incubator.vector.VectorShape;

/**
 * Every family of kernels at every width that the machine has, each in a fresh JVM: fails where a
 * warm call allocates, or runs below a stated share of the multiply-adds or of the copy that the
 * same JVM reaches at that width. C2 decides anew in every JVM whether it boxes the vectors of a
 * kernel, which then runs at a fiftieth: the shares are far below what is usual and far above that.
 */
final class Cliff {
  static final String NAME = "cliff";
  static final String CHILD = "cliff-child";
  private static final List<String> FAMILIES =
      List.of("gemm", "factor", "level1", "level2", "maps", "rows");
  private static final double WARM_UP_SECONDS =
      Double.parseDouble(System.getProperty("natgrad.cliff.seconds", "6"));
  // On a busy machine C2 takes long: who fails is warmed up again, up to so often.
  private static final int TRIES = 4;
  private static final int SAMPLES = 15;

  /** Those that take the functions of single numbers from StrictMath. */
  private static final Set<String> SCALAR =
      Set.of(
          "KL-blocks",
          "KL-categorical",
          "KLs-categorical",
          "KL-negative-binomial",
          "loss-negative-binomial");

  private Cliff() {}

  /** Returns how many JVMs failed; each prints what it saw. */
  static int run() throws IOException, InterruptedException {
    int failed = 0;
    for (int bits = 128; bits <= VectorShape.preferredShape().vectorBitSize(); bits *= 2) {
      for (String family : FAMILIES) {
        List<String> width = List.of("-Dnatgrad.vectorBits=" + bits);
        failed +=
            ChildJvm.builder(Scorecard.class, width, CHILD, family).inheritIO().start().waitFor()
                    == 0
                ? 0
                : 1;
      }
    }
    System.out.println(failed == 0 ? "no cliff" : failed + " JVMs with a cliff");
    return failed;
  }

  /** The child: returns how many kernels of a family failed. */
  static int serve(String family) {
    List<Case> cases = cases(family);
    List<Timing> timings = new ArrayList<>();
    for (Case c : cases) {
      timings.add(new Timing(List.of(c.contenders().get(0).call(), c.limit().call())));
    }
    Timing.warmUp(timings, WARM_UP_SECONDS);
    int failed = 0;
    for (int i = 0; i < cases.size(); i++) {
      failed += passes(cases.get(i), timings.get(i)) ? 0 : 1;
    }
    return failed;
  }

  private static List<Case> cases(String family) {
    Cases cases =
        switch (family) {
          case "gemm" -> new Products(false);
          case "factor" -> new FactorCases(false);
          case "level1" -> new Level1Cases(false);
          case "level2" -> new Level2Cases(false);
          case "maps" -> new MapCases(false);
          case "rows" -> new RowCases();
          default -> throw new IllegalArgumentException("family is '" + family + "'");
        };
    // Odd on purpose: the ends of the kernels must not box either.
    for (Precision p : Precision.values()) {
      if (cases instanceof Products products) {
        for (String op : List.of("NN", "NT", "TN", "TT")) {
          products.add(op, 33, 33, 33, p);
          products.add(op, 257, 257, 257, p);
        }
      } else if (cases instanceof FactorCases factor) {
        factor.add(100, p);
        factor.add(257, p);
      } else if (cases instanceof Level1Cases level1) {
        level1.add(1_003, p);
        level1.add(24_003, p);
      } else if (cases instanceof Level2Cases level2) {
        level2.add(257, p);
      } else if (cases instanceof MapCases maps) {
        maps.add(1_003, p);
      } else if (cases instanceof RowCases rows) {
        rows.add(27, 38, p);
      }
    }
    return cases.list;
  }

  private static boolean passes(Case c, Timing timing) {
    for (int i = 1; i < TRIES; i++) {
      if (passes(c, timing, false)) {
        break;
      }
      Timing.warmUp(List.of(timing), WARM_UP_SECONDS);
    }
    return passes(c, timing, true);
  }

  private static boolean passes(Case c, Timing timing, boolean print) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double[] shares = new double[SAMPLES];
    long bytes = Long.MAX_VALUE;
    for (int i = 0; i < SAMPLES; i++) {
      double limit = timing.sample(1) / c.limit().work();
      long before = threads.getCurrentThreadAllocatedBytes();
      double seconds = timing.sample(0);
      bytes = Math.min(bytes, threads.getCurrentThreadAllocatedBytes() - before);
      shares[i] = limit * c.work() / seconds;
    }
    double share = Timing.median(shares);
    boolean good = bytes == 0 && share >= least(c);
    if (!print) {
      return good;
    }
    System.out.printf(
        Locale.ROOT,
        "%-4s %3d bits  %s %s %s: %.2f %% of the %s, at least %.2f; %d bytes a sample%n",
        good ? "ok" : "FAIL",
        Simd.bits(),
        c.name(),
        c.shape(),
        c.precision(),
        100 * share,
        c.limit().label(),
        100 * least(c),
        bytes);
    return good;
  }

  /** The least share of the limit; of maps, which all compute much, by the unit. */
  private static double least(Case c) {
    if (c.unit() == Case.Unit.ELEMENTS) {
      return ofRows(c.name());
    }
    return switch (c.name().split(" ")[0]) {
      case "gemm", "syrk" -> 0.1;
      case "trsm" -> 0.04;
      case "potrf" -> 0.015;
      case "trsv", "symv" -> 0.02;
      default -> 0.08;
    };
  }

  /**
   * Of kernels of rows: logarithms, some of them StrictMath's, and sums in double lanes where the
   * data may be of F32. A fifth at most of what each did at its worst on a busy machine.
   */
  private static double ofRows(String name) {
    String kind = name.split("-")[0];
    return switch (kind) {
      case "KL", "KLs", "loss", "trace" -> SCALAR.contains(name) ? 0.0001 : 0.0005;
      case "softmax", "logsumexp", "factor", "transpose" -> 0.003;
      default -> 0.005;
    };
  }
}
