package dev.natgrad.cli;

import dev.natgrad.linalg.JvmCheck;
import dev.natgrad.linalg.Simd;
import dev.natgrad.memory.Precision;
import java.io.PrintStream;
import java.util.List;
import jdk.incubator.vector.VectorShape;

/** {@code natgrad info}: what this JVM and machine give to natgrad, and what they lack. */
final class InfoCommand {
  static final Command COMMAND =
      new Command(
          "info",
          "tells the vector width, the compiler, and what this JVM lacks",
          """
          usage: natgrad info

          Tells what this JVM and this machine give to natgrad: the width of its vectors, whether
          the optimising compiler is on, the precision used by default, and what is missing.
          The exit code is 0 if natgrad can run here and 1 if it cannot.
          """,
          InfoCommand::run);

  private InfoCommand() {}

  private static int run(List<String> args, PrintStream out, PrintStream err) {
    OptionTable.of("info").parse(args);
    List<String> missing = JvmCheck.missing();
    boolean compiler = JvmCheck.hasOptimizingCompiler();
    line(out, "natgrad", Version.text());
    line(out, "Java", property("java.vm.version") + ", " + property("java.vendor"));
    line(out, "JVM", property("java.vm.name") + " (" + property("java.vm.info") + ")");
    line(out, "machine", property("os.name") + " " + property("os.arch") + ", " + cores());
    line(out, "compiler C2", compiler ? "on" : "off");
    line(out, "fused multiply-add", JvmCheck.hasFma() ? "in hardware" : "not in hardware");
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      line(out, "vectors", vectors());
    }
    line(out, "default precision", Texts.lower(TrainSettings.DEFAULT_PRECISION));
    missing.forEach(problem -> line(out, "missing", problem));
    if (!compiler) {
      line(out, "slow", JvmCheck.slowVm());
    }
    if (missing.isEmpty() && compiler) {
      line(out, "missing", "nothing");
    }
    return missing.isEmpty() ? CommandLine.OK : CommandLine.FAILED;
  }

  private static String vectors() {
    int preferred = VectorShape.preferredShape().vectorBitSize();
    try {
      return Simd.bits()
          + " bits, "
          + Simd.lanes(Precision.F32)
          + " f32 or "
          + Simd.lanes(Precision.F64)
          + " f64 numbers (the machine prefers "
          + preferred
          + " bits; -D"
          + Simd.property()
          + " forces a width)";
    } catch (LinkageError e) {
      return "unusable (the machine prefers " + preferred + " bits)";
    }
  }

  private static String cores() {
    int cores = Runtime.getRuntime().availableProcessors();
    return cores + (cores == 1 ? " core" : " cores");
  }

  private static String property(String key) {
    return System.getProperty(key, "unknown");
  }

  private static void line(PrintStream out, String what, String value) {
    out.printf("%-19s %s%n", what, value);
  }
}
