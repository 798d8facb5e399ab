package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Allocation;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No map, alone or as the end of a product, allocates once compiled: at any width it would be the
 * first sign that C2 boxes vectors.
 */
@Tag("width")
class MapsAllocationTest {
  private static final Epilogue[] EPILOGUES =
      Arrays.stream(Epilogue.values()).filter(e -> e != Epilogue.NONE).toArray(Epilogue[]::new);

  @ParameterizedTest
  @EnumSource
  void mapsAllocateNothing(Precision precision) {
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, 9, 37, precision);
      Mat y = Mat.allocate(workspace, 9, 37, precision);
      Mat z = Mat.allocate(workspace, 9, 40, precision).block(0, 1, 9, 37);
      Vec v = Vec.allocate(workspace, 9, precision);
      Allocation.assertNone("every map once", () -> everyMap(x, y, z, v));
      Mat a = Mat.allocate(workspace, 37, 5, precision);
      Mat b = Mat.allocate(workspace, 5, 37, precision);
      Mat c = Mat.allocate(workspace, 37, 37, precision);
      Mat values = Mat.allocate(workspace, 37, 37, precision);
      Vec bias = Vec.allocate(workspace, 37, precision);
      for (int i = 0; i < 37; i++) {
        a.set(i, i % 5, 0.5);
        b.set(i % 5, i, 0.25);
        bias.set(i, 0.1 * i);
      }
      Allocation.assertNone("every epilogue once", () -> everyEpilogue(a, b, c, values, bias));
    }
  }

  private static void everyEpilogue(Mat a, Mat b, Mat c, Mat y, Vec bias) {
    for (Epilogue epilogue : EPILOGUES) {
      Blas.gemm(Transpose.NO, Transpose.NO, 1, a, b, 0, c, epilogue, bias, y);
    }
  }

  private static void everyMap(Mat x, Mat y, Mat z, Vec v) {
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < x.cols(); j++) {
        x.set(i, j, i + 0.25 * j);
        z.set(i, j, 1);
      }
    }
    Maps.exp(x, y);
    Maps.log(x, y);
    Maps.tanh(x, z);
    Maps.logistic(x, y);
    Maps.softplus(x, y);
    Maps.relu(x, y);
    Maps.expm1(x, y);
    Maps.log1p(x, y);
    Maps.silu(x, y);
    Maps.gelu(x, y);
    Maps.siluDerivative(x, z);
    Maps.geluDerivative(x, z);
    Maps.softplusDerivative(x, z);
    Maps.tanhDerivative(x, z);
    Maps.logisticDerivative(x, z);
    Maps.reluDerivative(x, z);
    Maps.hadamard(x, y, z);
    Maps.logSumExp(x, v);
    Maps.softmax(x, y);
    Maps.softmax(x, z);
    Maps.softmaxProduct(0.5, y, x, z);
    Maps.outerProduct(0.5, x, y, 0.25, z);
  }
}
