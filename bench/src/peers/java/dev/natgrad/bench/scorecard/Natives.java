package dev.natgrad.bench.scorecard;

import dev.natgrad.memory.Precision;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * OpenBLAS and MKL, one thread each, as bytedeco packs them. They are called through the foreign
 * function interface: it takes natgrad's segments as they are and costs less than the bindings.
 */
final class Natives {
  static final String OPENBLAS = "OpenBLAS";
  static final String MKL = "MKL";

  /** Name → precision → functions. */
  static final Map<String, Map<Precision, CBlas>> LIBRARIES = load();

  private Natives() {}

  private static Map<String, Map<Precision, CBlas>> load() {
    Loader.load(org.bytedeco.openblas.global.openblas.class);
    Loader.load(org.bytedeco.mkl.global.mkl_rt.class);
    Map<String, Map<Precision, CBlas>> libraries = new LinkedHashMap<>();
    SymbolLookup openblas = lookup(org.bytedeco.openblas.global.openblas.class, "libopenblas.so");
    oneThread(openblas, "openblas_set_num_threads");
    libraries.put(OPENBLAS, bind(openblas));
    SymbolLookup mkl = lookup(org.bytedeco.mkl.global.mkl_rt.class, "libmkl_rt.so");
    oneThread(mkl, "MKL_Set_Num_Threads");
    libraries.put(MKL, bind(mkl));
    return libraries;
  }

  private static Map<Precision, CBlas> bind(SymbolLookup symbols) {
    Map<Precision, CBlas> functions = new EnumMap<>(Precision.class);
    for (Precision precision : Precision.values()) {
      functions.put(precision, CBlasTemplate.load(symbols, precision));
    }
    return functions;
  }

  /** The library's file, in the folder to which bytedeco has unpacked it. */
  private static SymbolLookup lookup(Class<?> binding, String prefix) {
    Path folder = new File(Loader.load(binding)).toPath().getParent();
    try (Stream<Path> files = Files.list(folder)) {
      Path file =
          files
              .filter(f -> f.getFileName().toString().startsWith(prefix))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no " + prefix + "* in " + folder));
      return SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IOException e) {
      throw new IllegalStateException("cannot list " + folder, e);
    }
  }

  private static void oneThread(SymbolLookup symbols, String function) {
    try {
      Linker.nativeLinker()
          .downcallHandle(
              symbols.findOrThrow(function), FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
          .invokeExact(1);
    } catch (Throwable e) {
      throw new IllegalStateException(function + " failed", e);
    }
  }
}
