package dev.natgrad.optimizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.Dual;
import dev.natgrad.oracle.NaiveDense;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The problems by which least-squares codes are judged, with their published starts and minima, the
 * recommended options and nothing tuned (Moré, Garbow and Hillstrom, Testing unconstrained
 * optimization software, 1981; their numbers in brackets); and ill-conditioned ones.
 */
class ClassicLeastSquaresTest {
  /** A problem, where it starts, its least sum of squares and the most steps to it. */
  record Case(
      String name,
      Function<Dual[], List<Dual>> residuals,
      double least,
      int most,
      double... start) {
    @Override
    public String toString() {
      return name;
    }

    double half(double[] theta) {
      double sum = 0;
      for (Dual r : residuals.apply(Dual.variables(theta))) {
        sum += r.value() * r.value();
      }
      return sum / 2;
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (double far : new double[] {1, 10, 100}) {
      double[] s = {-1.2 * far, far};
      cases.add(new Case("Rosenbrock [1] x " + far, ClassicLeastSquaresTest::rosenbrock, 0, 30, s));
      double[] q = {3 * far, -far, 0, far};
      cases.add(new Case("Powell, singular [13] x " + far, Valleys::powell, 0, 45, q));
      double[] w = {-3 * far, -far, -3 * far, -far};
      cases.add(new Case("Wood [14] x " + far, Valleys::wood, 0, 120, w));
      double[] b = {far, far, far};
      cases.add(new Case("Bard [8] x " + far, Fits::bard, 8.214877306578963e-3, 20, b));
    }
    // F lacks most of the curvature in these two: plain Gauss–Newton steps lead away.
    double[] half = {0.5, -2};
    cases.add(
        new Case("Freudenstein and Roth [2]", Valleys::freudenstein, 48.98425367924, 30, half));
    double[] js = {0.3, 0.4};
    cases.add(new Case("Jennrich and Sampson [6]", Fits::jennrich, 124.36218235561, 80, js));
    double[] meyer = {0.02, 4000, 250};
    cases.add(new Case("Meyer [10]", Fits::meyer, 87.94585517092, 40, meyer));
    for (double kappa : new double[] {1e8, 1e10, 1e12}) {
      for (double far : new double[] {1, 10, 100}) {
        double[] s = {far / 2, far / 2, far / 2, far / 2, far / 2, far / 2};
        cases.add(new Case("cubes, κ = " + kappa + " x " + far, cubes(kappa), 0, 50, s));
      }
    }
    for (double far : new double[] {1, 10, 100}) {
      double[] s = {far, -far, far, -far, far, -far, far, -far};
      cases.add(new Case("waves, κ = 1e10 x " + far, waves(1e10), 0, 50, s));
    }
    return cases.stream();
  }

  private static List<Dual> rosenbrock(Dual[] x) {
    return List.of(x[1].minus(x[0].squared()).times(10), x[0].minus(1));
  }

  /** Residuals that vanish at their minimum, but for Freudenstein and Roth's second one. */
  private static final class Valleys {
    static List<Dual> freudenstein(Dual[] x) {
      Dual y = x[1];
      Dual first = y.minus(5).times(y).times(-1).minus(2).times(y).plus(x[0]).minus(13);
      return List.of(first, y.plus(1).times(y).minus(14).times(y).plus(x[0]).minus(29));
    }

    static List<Dual> powell(Dual[] x) {
      return List.of(
          x[1].times(10).plus(x[0]),
          x[2].minus(x[3]).times(Math.sqrt(5)),
          x[2].times(-2).plus(x[1]).squared(),
          x[0].minus(x[3]).squared().times(Math.sqrt(10)));
    }

    static List<Dual> wood(Dual[] x) {
      return List.of(
          x[1].minus(x[0].squared()).times(10),
          x[0].minus(1),
          x[3].minus(x[2].squared()).times(Math.sqrt(90)),
          x[2].minus(1),
          x[1].plus(x[3]).minus(2).times(Math.sqrt(10)),
          x[1].minus(x[3]).times(Math.sqrt(0.1)));
    }
  }

  /** Curves through data that they do not meet. */
  private static final class Fits {
    private static final double[] BARD = {
      0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39
    };
    private static final double[] MEYER = {
      34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820,
      3307, 2872
    };

    static List<Dual> bard(Dual[] x) {
      List<Dual> r = new ArrayList<>();
      for (int u = 1; u <= BARD.length; u++) {
        int v = 16 - u;
        Dual below = x[1].times(v).plus(x[2].times(Math.min(u, v)));
        r.add(x[0].minus(BARD[u - 1]).plus(x[0].times(0).plus(u).over(below)));
      }
      return r;
    }

    static List<Dual> jennrich(Dual[] x) {
      List<Dual> r = new ArrayList<>();
      for (int i = 1; i <= 10; i++) {
        r.add(x[0].times(i).exp().plus(x[1].times(i).exp()).minus(2 + 2 * i));
      }
      return r;
    }

    static List<Dual> meyer(Dual[] x) {
      List<Dual> r = new ArrayList<>();
      for (int i = 1; i <= MEYER.length; i++) {
        r.add(x[0].times(x[1].over(x[2].plus(45 + 5 * i)).exp()).minus(MEYER[i - 1]));
      }
      return r;
    }
  }

  /** A(θ + θ³/10 − c): a matrix of condition √κ behind curved coordinates. */
  private static Function<Dual[], List<Dual>> cubes(double kappa) {
    double[][] a = matrix(6, kappa);
    return x -> {
      Dual[] curved = new Dual[6];
      for (int i = 0; i < 6; i++) {
        curved[i] = x[i].squared().times(x[i]).times(0.1).plus(x[i]).minus(1 + i);
      }
      return product(a, curved);
    };
  }

  /** A(θᵢ + 0.4 sin θᵢ₊₁ − c): every coordinate bends the next. */
  private static Function<Dual[], List<Dual>> waves(double kappa) {
    double[][] a = matrix(8, kappa);
    return x -> {
      Dual[] curved = new Dual[8];
      for (int i = 0; i < 8; i++) {
        curved[i] = x[(i + 1) % 8].sin().times(0.4).plus(x[i]).minus(1 + i % 3);
      }
      return product(a, curved);
    };
  }

  private static double[][] matrix(int n, double kappa) {
    return NaiveDense.withEigenvalues(NaiveDense.logSpaced(n, Math.sqrt(kappa)), new Random(13));
  }

  private static List<Dual> product(double[][] a, Dual[] x) {
    List<Dual> y = new ArrayList<>();
    for (double[] row : a) {
      Dual sum = x[0].times(row[0]);
      for (int j = 1; j < row.length; j++) {
        sum = sum.plus(x[j].times(row[j]));
      }
      y.add(sum);
    }
    return y;
  }

  private static Residuals model(Case problem) {
    int outputs = problem.residuals.apply(Dual.variables(problem.start)).size();
    return new Residuals(problem.start.length, outputs) {
      @Override
      double[] at(double[] theta) {
        return problem.residuals.apply(Dual.variables(theta)).stream()
            .mapToDouble(Dual::value)
            .toArray();
      }

      @Override
      double[][] jacobian(double[] theta) {
        return problem.residuals.apply(Dual.variables(theta)).stream()
            .map(Dual::derivatives)
            .toArray(double[][]::new);
      }
    };
  }

  /**
   * To a millionth of the published minimum; where that is zero, to the rounding of the loss, which
   * is ½‖r‖² and a constant of the normal distribution.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void arrives(Case problem) {
    Residuals residuals = model(problem);
    int n = residuals.outputs();
    double constant = n * Math.log(2 * Math.PI) / 2;
    double goal =
        problem.least > 0
            ? problem.least / 2 * (1 + 1e-6)
            : Math.max(1e-12, (8 + n) * 0x1p-53 * constant);
    try (Workspace workspace = Workspace.create()) {
      Problem natural = new Problem(residuals, new Gaussian(n, 1), 1, Precision.F64, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, natural, NaturalGradientOptions.recommended(natural));
      optimizer.parameters().copyFrom(problem.start, 0);
      Mat x = Mat.allocate(workspace, 1, 1, Precision.F64);
      Mat y = Mat.allocate(workspace, 1, n, Precision.F64);
      int steps = 0;
      double half = problem.half(problem.start);
      while (half > goal && steps < problem.most) {
        StepOutcome outcome = optimizer.step(x, y);
        assertTrue(!outcome.status().accepted() || outcome.kl() <= outcome.epsilon());
        half = problem.half(optimizer.parameters().toArray());
        steps++;
      }
      double reached = half;
      assertTrue(half <= goal, () -> reached + " instead of " + goal);
    }
  }
}
