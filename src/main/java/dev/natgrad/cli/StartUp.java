package dev.natgrad.cli;

import dev.natgrad.linalg.Simd;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What natgrad needs of the JVM and the machine, asked before any work is begun. */
final class StartUp {
  /** The JVM or the machine lacks something that cannot be done without. */
  static final class UnusableJvmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableJvmException(String message) {
      super(message);
    }
  }

  private static final int BATCHES = 16;
  private static final int CALLS = 16;

  /** In hardware an fma takes about 16 ns in the interpreter, by BigDecimal above 3,000. */
  private static final double SLOW_FMA_NANOS = 1000;

  private StartUp() {}

  /**
   * Refuses a JVM on which nothing can be computed, and warns once about one that is slow.
   *
   * @throws UnusableJvmException saying what is missing and how to get it
   */
  static void check(PrintStream err) {
    List<String> missing = missing();
    if (!missing.isEmpty()) {
      throw new UnusableJvmException(missing.get(0));
    }
    if (!hasOptimizingCompiler()) {
      err.println("natgrad: warning: " + slowVm());
    }
  }

  /** What cannot be done without, one sentence each; none on a fit JVM. */
  static List<String> missing() {
    List<String> missing = new ArrayList<>();
    String vectors = vectorProblem();
    if (vectors != null) {
      missing.add(vectors);
    }
    if (!hasFma()) {
      missing.add(
          "this machine has no fused multiply-add that the JVM may use, without which natgrad"
              + " would be a thousand times slower: run on x86-64 with AVX2, or on arm64, and"
              + " without -XX:UseAVX=0 or -XX:-UseFMA");
    }
    return missing;
  }

  /** Why there are no vectors, or null if there are. */
  private static String vectorProblem() {
    try {
      Simd.bits();
      return null;
    } catch (ExceptionInInitializerError e) {
      return String.valueOf(e.getCause().getMessage());
    } catch (NoClassDefFoundError e) {
      return "the module jdk.incubator.vector is not loaded; start java with"
          + " --add-modules jdk.incubator.vector";
    }
  }

  /** Whether Math.fma runs in hardware, told by its speed: the JVM has no other portable answer. */
  static boolean hasFma() {
    double least = Double.POSITIVE_INFINITY;
    double sum = 0;
    for (int b = 0; b < BATCHES; b++) {
      long start = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        sum = Math.fma(1.1 + i, 1.3, sum * 0.5);
      }
      least = Math.min(least, (System.nanoTime() - start) / (double) CALLS);
    }
    return least < SLOW_FMA_NANOS && sum > 0;
  }

  /** Whether the JVM has a compiler that turns vector code into vector instructions. */
  static boolean hasOptimizingCompiler() {
    String mode = System.getProperty("java.vm.info", "");
    String name = System.getProperty("java.vm.name", "");
    boolean without =
        mode.contains("interpreted") || mode.contains("emulated-client") || name.contains("Zero");
    return !without && !name.contains("Client") && !name.contains("Minimal");
  }

  /** The sentence about a JVM without an optimising compiler. */
  static String slowVm() {
    return "this JVM runs without its optimising compiler C2 ("
        + System.getProperty("java.vm.info")
        + "), so natgrad is 30 to 100 times slower; remove -Xint, -XX:TieredStopAtLevel and"
        + " -XX:CompilationMode";
  }
}
