package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Linearization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Model;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A user's model may throw; the parameters then are those before the step. */
class ThrowingModelTest {
  private static final Mlp MODEL = Mlp.of(2, List.of(), Activation.TANH, 1);
  private static final RuntimeException FAILURE = new RuntimeException("the user's model failed");

  /** The network, of which a given evaluation fails. */
  private static final class Failing implements Model, Linearization {
    private Linearization network;
    private int evaluationsLeft;

    Failing(int evaluationsLeft) {
      this.evaluationsLeft = evaluationsLeft;
    }

    @Override
    public int parameters() {
      return MODEL.parameters();
    }

    @Override
    public int inputs() {
      return MODEL.inputs();
    }

    @Override
    public int outputs() {
      return MODEL.outputs();
    }

    @Override
    public Linearization linearize(Workspace workspace, int maxBatch, Precision precision) {
      network = MODEL.linearize(workspace, maxBatch, precision);
      return this;
    }

    @Override
    public long linearizationBytes(int maxBatch, Precision precision) {
      return MODEL.linearizationBytes(maxBatch, precision);
    }

    @Override
    public void evaluate(Vec theta, Mat x, Mat z) {
      if (evaluationsLeft-- == 0) {
        throw FAILURE;
      }
      network.evaluate(theta, x, z);
    }

    @Override
    public void jvp(Vec v, Mat t) {
      network.jvp(v, t);
    }

    @Override
    public void vjp(Mat u, double beta, Vec g) {
      network.vjp(u, beta, g);
    }

    @Override
    public double outputErrorBound() {
      return network.outputErrorBound();
    }
  }

  @Test
  void parametersAreUndone() {
    for (int evaluations = 0; evaluations < 2; evaluations++) {
      try (Workspace workspace = Workspace.create()) {
        Problem problem =
            new Problem(new Failing(evaluations), new Gaussian(1), 2, Precision.F64, 0);
        NaturalGradient optimizer =
            new NaturalGradient(workspace, problem, NaturalGradientOptions.within(0.1));
        optimizer.parameters().copyFrom(new double[] {0.1, -0.2, 0.3}, 0);
        long[] before = Trial.bits(optimizer.parameters());
        Mat x = Trial.mat(workspace, new double[][] {{1, 2}, {3, 4}}, Precision.F64);
        Mat y = Trial.mat(workspace, new double[][] {{1}, {0}}, Precision.F64);
        assertSame(FAILURE, assertThrows(RuntimeException.class, () -> optimizer.step(x, y)));
        assertArrayEquals(before, Trial.bits(optimizer.parameters()));
        assertTrue(optimizer.step(x, y).status().accepted());
      }
    }
  }
}
