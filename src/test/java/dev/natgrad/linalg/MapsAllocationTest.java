package dev.natgrad.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No map allocates once compiled: at any width it would be the first sign that C2 boxes vectors.
 */
@Tag("width")
class MapsAllocationTest {
  private static final int ROUNDS_OF_WARM_UP = 60;
  private static final int CALLS = 500;

  @ParameterizedTest
  @EnumSource
  void mapsAllocateNothing(Precision precision) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Workspace workspace = Workspace.create()) {
      Mat x = Mat.allocate(workspace, 9, 37, precision);
      Mat y = Mat.allocate(workspace, 9, 37, precision);
      Mat z = Mat.allocate(workspace, 9, 40, precision).block(0, 1, 9, 37);
      Vec v = Vec.allocate(workspace, 9, precision);
      long allocated = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS_OF_WARM_UP && allocated > 0; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int call = 0; call < CALLS; call++) {
          everyMap(x, y, z, v);
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertEquals(0, allocated, "bytes in " + CALLS + " calls of every map");
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
