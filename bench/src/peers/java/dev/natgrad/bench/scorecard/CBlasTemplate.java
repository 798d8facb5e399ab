package dev.natgrad.bench.scorecard;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.natgrad.memory.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

/**
 * Loaded once for each library and precision, as a hidden class: the handles are constants then, as
 * in a binding written for that library, and a call costs its transition and no more.
 */
final class CBlasTemplate implements CBlas {

  /** What tells the copies apart. */
  record Library(SymbolLookup symbols, Precision precision) {}

  private static final int ROW_MAJOR = 101;
  private static final int NON_UNIT = 131;
  private static final int LEFT = 141;
  private static final long HIGH_ACCURACY = 2;
  private static final Library LIBRARY = library();

  // v nothing, i int, l long, r a real of the precision, p pointer; the result first.
  private static final MethodHandle DOT = bind("cblas_?dot", "ripipi");
  private static final MethodHandle AXPY = bind("cblas_?axpy", "virpipi");
  private static final MethodHandle AXPBY = bind("cblas_?axpby", "virpirpi");
  private static final MethodHandle NRM2 = bind("cblas_?nrm2", "ripi");
  private static final MethodHandle ASUM = bind("cblas_?asum", "ripi");
  private static final MethodHandle IAMAX = bind("cblas_i?amax", "lipi");
  private static final MethodHandle SCAL = bind("cblas_?scal", "virpi");
  private static final MethodHandle COPY = bind("cblas_?copy", "vipipi");
  private static final MethodHandle GEMV = bind("cblas_?gemv", "viiiirpipirpi");
  private static final MethodHandle GER = bind("cblas_?ger", "viiirpipipi");
  private static final MethodHandle SYMV = bind("cblas_?symv", "viiirpipirpi");
  private static final MethodHandle TRSV = bind("cblas_?trsv", "viiiiipipi");
  private static final MethodHandle GEMM = bind("cblas_?gemm", "viiiiiirpipirpi");
  private static final MethodHandle SYRK = bind("cblas_?syrk", "viiiiirpirpi");
  private static final MethodHandle TRSM = bind("cblas_?trsm", "viiiiiiirpipi");
  private static final MethodHandle POTRF = bind("?potrf_", "vppppp");
  private static final MethodHandle EXP = bind("vm?Exp", "vippl");
  private static final MethodHandle EXPM1 = bind("vm?Expm1", "vippl");
  private static final MethodHandle LOG1P = bind("vm?Log1p", "vippl");
  private static final MethodHandle LOG = bind("vm?Ln", "vippl");
  private static final MethodHandle TANH = bind("vm?Tanh", "vippl");

  // Fortran takes the address of everything; a row-major lower triangle is its upper one.
  private final MemorySegment upper = Arena.global().allocate(JAVA_INT);
  private final MemorySegment order = Arena.global().allocate(JAVA_INT);
  private final MemorySegment info = Arena.global().allocate(JAVA_INT);

  CBlasTemplate() {
    upper.set(ValueLayout.JAVA_BYTE, 0, (byte) 'U');
  }

  /** A copy of this class for one library and precision. */
  static CBlas load(SymbolLookup symbols, Precision precision) {
    try (var bytes = CBlasTemplate.class.getResourceAsStream("CBlasTemplate.class")) {
      MethodHandles.Lookup copy =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(
                  bytes.readAllBytes(), new Library(symbols, precision), true);
      MethodType none = MethodType.methodType(void.class);
      return (CBlas) copy.findConstructor(copy.lookupClass(), none).invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("cannot bind the C interface in " + precision, e);
    }
  }

  private static Library library() {
    try {
      return MethodHandles.classData(MethodHandles.lookup(), "_", Library.class);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The handle, with double for every real; null where the library has no such function. */
  private static MethodHandle bind(String name, String signature) {
    if (LIBRARY == null) {
      return null;
    }
    boolean f32 = LIBRARY.precision() == Precision.F32;
    Optional<MemorySegment> symbol = LIBRARY.symbols().find(name.replace('?', f32 ? 's' : 'd'));
    if (symbol.isEmpty()) {
      return null;
    }
    MemoryLayout[] arguments = new MemoryLayout[signature.length() - 1];
    Class<?>[] types = new Class<?>[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = layout(signature.charAt(i + 1), f32);
      types[i] = type(signature.charAt(i + 1));
    }
    char result = signature.charAt(0);
    FunctionDescriptor descriptor =
        result == 'v'
            ? FunctionDescriptor.ofVoid(arguments)
            : FunctionDescriptor.of(layout(result, f32), arguments);
    MethodHandle handle = Linker.nativeLinker().downcallHandle(symbol.get(), descriptor);
    return MethodHandles.explicitCastArguments(handle, MethodType.methodType(type(result), types));
  }

  private static MemoryLayout layout(char c, boolean f32) {
    return switch (c) {
      case 'i' -> JAVA_INT;
      case 'l' -> JAVA_LONG;
      case 'p' -> ADDRESS;
      default -> f32 ? JAVA_FLOAT : JAVA_DOUBLE;
    };
  }

  private static Class<?> type(char c) {
    return switch (c) {
      case 'v' -> void.class;
      case 'i' -> int.class;
      case 'l' -> long.class;
      case 'p' -> MemorySegment.class;
      default -> double.class;
    };
  }

  private static AssertionError failed(Throwable e) {
    return new AssertionError("a downcall does not throw", e);
  }

  @Override
  public double dot(int n, MemorySegment x, MemorySegment y) {
    try {
      return (double) DOT.invokeExact(n, x, 1, y, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void axpy(int n, double alpha, MemorySegment x, MemorySegment y) {
    try {
      AXPY.invokeExact(n, alpha, x, 1, y, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void axpby(int n, double alpha, MemorySegment x, double beta, MemorySegment y) {
    try {
      AXPBY.invokeExact(n, alpha, x, 1, beta, y, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public double nrm2(int n, MemorySegment x) {
    try {
      return (double) NRM2.invokeExact(n, x, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public double asum(int n, MemorySegment x) {
    try {
      return (double) ASUM.invokeExact(n, x, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public long iamax(int n, MemorySegment x) {
    try {
      return (long) IAMAX.invokeExact(n, x, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void scal(int n, double alpha, MemorySegment x) {
    try {
      SCAL.invokeExact(n, alpha, x, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void copy(int n, MemorySegment x, MemorySegment y) {
    try {
      COPY.invokeExact(n, x, 1, y, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void gemv(int op, int m, int n, MemorySegment a, MemorySegment x, MemorySegment y) {
    try {
      GEMV.invokeExact(ROW_MAJOR, op, m, n, 1.0, a, n, x, 1, 0.0, y, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void ger(int m, int n, double alpha, MemorySegment x, MemorySegment y, MemorySegment a) {
    try {
      GER.invokeExact(ROW_MAJOR, m, n, alpha, x, 1, y, 1, a, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void symv(int n, MemorySegment a, MemorySegment x, MemorySegment y) {
    try {
      SYMV.invokeExact(ROW_MAJOR, LOWER, n, 1.0, a, n, x, 1, 0.0, y, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void trsv(int op, int n, MemorySegment t, MemorySegment x) {
    try {
      TRSV.invokeExact(ROW_MAJOR, LOWER, op, NON_UNIT, n, t, n, x, 1);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void gemm(
      int opA, int opB, int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c) {
    int lda = opA == NO_TRANS ? k : m;
    int ldb = opB == NO_TRANS ? n : k;
    try {
      GEMM.invokeExact(ROW_MAJOR, opA, opB, m, n, k, 1.0, a, lda, b, ldb, 0.0, c, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void syrk(int n, int k, MemorySegment a, MemorySegment c) {
    try {
      SYRK.invokeExact(ROW_MAJOR, LOWER, NO_TRANS, n, k, 1.0, a, k, 0.0, c, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void trsm(int m, int n, MemorySegment t, MemorySegment b) {
    try {
      TRSM.invokeExact(ROW_MAJOR, LEFT, LOWER, NO_TRANS, NON_UNIT, m, n, 1.0, t, m, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void potrf(int n, MemorySegment a) {
    order.set(JAVA_INT, 0, n);
    try {
      POTRF.invokeExact(upper, order, a, order, info);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  @Override
  public void map(Map map, int n, MemorySegment x, MemorySegment y) {
    try {
      switch (map) {
        case EXP -> EXP.invokeExact(n, x, y, HIGH_ACCURACY);
        case EXPM1 -> EXPM1.invokeExact(n, x, y, HIGH_ACCURACY);
        case LOG -> LOG.invokeExact(n, x, y, HIGH_ACCURACY);
        case LOG1P -> LOG1P.invokeExact(n, x, y, HIGH_ACCURACY);
        case TANH -> TANH.invokeExact(n, x, y, HIGH_ACCURACY);
        default -> throw new IllegalArgumentException("MKL has no " + map);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }
}
