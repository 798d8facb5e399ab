package dev.natgrad.linalg;

import java.util.ArrayList;
import java.util.List;

/**
 * What natgrad needs of the JVM and the machine.
 *
 * <p>Thread rule: any thread.
 */
public final class JvmCheck {
  private static final int BATCHES = 16;
  private static final int CALLS = 16;

  /** In hardware an fma takes about 16 ns in the interpreter, by BigDecimal above 3,000. */
  private static final double SLOW_FMA_NANOS = 1000;

  private JvmCheck() {}

  /**
   * Returns what cannot be done without.
   *
   * @return one sentence each, saying how to get it; none on a fit JVM
   */
  public static List<String> missing() {
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

  /**
   * Tells whether Math.fma runs in hardware, by its speed: the JVM has no other portable answer.
   *
   * @return true if it does
   */
  public static boolean hasFma() {
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

  /**
   * Tells whether the JVM has a compiler that turns vector code into vector instructions.
   *
   * @return true if C2 or one like it is on
   */
  public static boolean hasOptimizingCompiler() {
    String mode = System.getProperty("java.vm.info", "");
    String name = System.getProperty("java.vm.name", "");
    boolean without =
        mode.contains("interpreted") || mode.contains("emulated-client") || name.contains("Zero");
    return !without && !name.contains("Client") && !name.contains("Minimal");
  }

  /**
   * Returns the sentence about a JVM without an optimising compiler.
   *
   * @return what it means and what to do
   */
  public static String slowVm() {
    return "this JVM runs without its optimising compiler C2 ("
        + System.getProperty("java.vm.info")
        + "), so natgrad is 30 to 100 times slower; remove -Xint, -XX:TieredStopAtLevel and"
        + " -XX:CompilationMode";
  }
}
