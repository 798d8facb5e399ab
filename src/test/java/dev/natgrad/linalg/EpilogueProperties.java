package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.function.DoubleSupplier;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.function.Executable;

/** A product with an epilogue has the bits of the product, the bias and the map one by one. */
@Tag("width")
class EpilogueProperties {

  private static Guarded operand(
      Workspace w, Draw draw, Transpose op, int m, int n, Precision p, DoubleSupplier data) {
    return op == Transpose.YES
        ? Guarded.mat(w, n, m, draw.slack(), p, data)
        : Guarded.mat(w, m, n, draw.slack(), p, data);
  }

  /** The map that an epilogue names, by the facade of maps. */
  private static void separately(Epilogue epilogue, Mat c, Mat y) {
    switch (epilogue) {
      case NONE -> {}
      case TANH -> Maps.tanh(c, y);
      case LOGISTIC -> Maps.logistic(c, y);
      case RELU -> Maps.relu(c, y);
      case SOFTPLUS -> Maps.softplus(c, y);
      case GELU -> Maps.gelu(c, y);
      case SILU -> Maps.silu(c, y);
      case TANH_DERIVATIVE -> Maps.tanhDerivative(y, c);
      case LOGISTIC_DERIVATIVE -> Maps.logisticDerivative(y, c);
      case RELU_DERIVATIVE -> Maps.reluDerivative(y, c);
      case SOFTPLUS_DERIVATIVE -> Maps.softplusDerivative(y, c);
      case GELU_DERIVATIVE -> Maps.geluDerivative(y, c);
      case SILU_DERIVATIVE -> Maps.siluDerivative(y, c);
    }
  }

  private static double[] bits(Mat a) {
    return a.toArray();
  }

  private static Mat copyOf(Workspace w, Mat a) {
    Mat copy = Mat.allocate(w, a.rows(), a.cols(), a.precision());
    Blas.copy(a, copy);
    return copy;
  }

  private static void check(
      Workspace w,
      Draw draw,
      int m,
      int n,
      int k,
      Precision p,
      Epilogue epilogue,
      boolean inPlace) {
    Transpose opA = draw.transpose();
    Transpose opB = draw.transpose();
    double beta = draw.scalar();
    double alpha = draw.scalar();
    Guarded a = operand(w, draw, opA, m, k, p, draw.uniform());
    Guarded b = operand(w, draw, opB, k, n, p, draw.uniform());
    Guarded c = Guarded.mat(w, m, n, draw.slack(), p, draw.output(beta));
    DoubleSupplier old = epilogue.isDerivative() ? draw.uniform() : draw.output(0);
    Guarded other = Guarded.mat(w, m, n, draw.slack(), p, old);
    Mat y = inPlace ? c.mat() : other.mat();
    Guarded bias = Guarded.vec(w, n, p, draw.uniform());
    boolean biased = draw.flag();
    Mat expected = copyOf(w, c.mat());
    Mat expectedY = inPlace ? expected : copyOf(w, y);
    Blas.gemm(opA, opB, alpha, a.mat(), b.mat(), beta, expected);
    if (biased) {
      Blas.addToRows(1, bias.vec(), expected);
    }
    separately(epilogue, expected, expectedY);
    Vec offset = biased ? bias.vec() : null;
    Blas.gemm(opA, opB, alpha, a.mat(), b.mat(), beta, c.mat(), epilogue, offset, y);
    String what = epilogue + " " + opA + opB + " " + m + "×" + n + "×" + k + " biased " + biased;
    assertArrayEquals(bits(expected), bits(c.mat()), what);
    assertArrayEquals(bits(expectedY), bits(y), what);
    a.assertIntact("a");
    b.assertIntact("b");
    bias.assertIntact("bias");
    c.assertCanaries("c");
    other.assertCanaries("y");
    if (inPlace || epilogue.isDerivative()) {
      other.assertIntact("y");
    }
  }

  private static boolean inPlace(Draw draw, Epilogue epilogue) {
    return epilogue == Epilogue.NONE || (!epilogue.isDerivative() && draw.flag());
  }

  @Property(tries = 400)
  void bitsOfTheOperationsOneByOne(
      @ForAll long seed, @ForAll Precision p, @ForAll Epilogue epilogue) {
    Draw draw = new Draw(seed);
    try (Workspace w = Workspace.create()) {
      int m = draw.dimension();
      int n = draw.dimension();
      check(w, draw, m, n, draw.depth(), p, epilogue, inPlace(draw, epilogue));
    }
  }

  /** Several blocks of rows and of depth, several strips of B, on one thread and on three. */
  @Property(tries = 16)
  void bitsOfLargeProducts(@ForAll long seed, @ForAll Precision p, @ForAll Epilogue epilogue) {
    Draw draw = new Draw(seed);
    int[][] shapes = {
      {97, 1100, 1030},
      {700, 130, 40},
      {33, 4500, 10},
      {3000, 50, 5},
      {530, 1100, 1030},
      {1100, 97, 300}
    };
    int[] shape = shapes[draw.random.nextInt(shapes.length)];
    Workspace w = Workspace.create();
    try (Parallelism threads = Parallelism.of(3)) {
      if (draw.flag()) {
        w.use(threads);
      }
      check(w, draw, shape[0], shape[1], shape[2], p, epilogue, inPlace(draw, epilogue));
    }
    w.close();
  }

  @Example
  void misuseIsRefused() {
    try (Workspace w = Workspace.create()) {
      Mat a = Mat.allocate(w, 3, 3, Precision.F64);
      Mat c = Mat.allocate(w, 3, 3, Precision.F64);
      Mat y = Mat.allocate(w, 3, 3, Precision.F64);
      Mat wide = Mat.allocate(w, 3, 4, Precision.F64);
      Vec bias = Vec.allocate(w, 4, Precision.F64);
      refused(() -> product(a, c, Epilogue.NONE, null, y), "NONE");
      refused(() -> product(a, c, Epilogue.TANH_DERIVATIVE, null, c), "y overlaps c");
      refused(() -> product(a, c, Epilogue.TANH, null, a), "a overlaps y");
      refused(() -> product(a, c, Epilogue.TANH, null, wide), "y is 3×4");
      refused(() -> product(a, c, Epilogue.TANH, bias, c), "bias has length 4");
      refused(() -> product(a, c, Epilogue.TANH, c.row(1), c), "bias overlaps c");
      refused(
          () -> product(a, c, Epilogue.TANH, null, Mat.allocate(w, 3, 3, Precision.F32)),
          "y has precision F32");
    }
  }

  private static void product(Mat a, Mat c, Epilogue epilogue, Vec bias, Mat y) {
    Blas.gemm(Transpose.NO, Transpose.NO, 1, a, a, 0, c, epilogue, bias, y);
  }

  private static void refused(Executable call, String part) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
