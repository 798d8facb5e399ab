package dev.natgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradient;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Problem;
import dev.natgrad.optimizer.StepOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The README's snippet is the code of this class, so it compiles and does what it says. */
final class ReadmeTest {
  private static final String SOURCE = "src/test/java/dev/natgrad/ReadmeTest.java";

  private static int accepted;

  // snippet
  static void learn(float[][] features, float[][] oneHot) {
    try (Workspace workspace = Workspace.create()) {
      Mlp model = Mlp.of(17, List.of(64, 64), Activation.TANH, 6);
      Problem problem = new Problem(model, new Categorical(6), 256, Precision.F32, 0);
      NaturalGradient optimizer =
          new NaturalGradient(workspace, problem, NaturalGradientOptions.within(0.01));
      Initialization.AUTO.fill(model, 1, optimizer.parameters());

      Mat x = Mat.allocate(workspace, 256, 17, Precision.F32);
      Mat y = Mat.allocate(workspace, 256, 6, Precision.F32);
      for (int i = 0; i < 256; i++) {
        x.copyRowFrom(i, features[i], 0);
        y.copyRowFrom(i, oneHot[i], 0);
      }
      for (int step = 0; step < 10; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        report(outcome.status(), outcome.lossAfter(), outcome.kl()); // kl ≤ 0.01 in every step
      }
    }
  }

  // end

  private static void report(Object status, double loss, double kl) {
    assertTrue(kl <= 0.01, status + " with KL " + kl);
    assertTrue(loss < Math.log(6) * 2);
    accepted++;
  }

  @Test
  void theSnippetRuns() {
    float[][] features = new float[256][17];
    float[][] oneHot = new float[256][6];
    for (int i = 0; i < 256; i++) {
      for (int j = 0; j < 17; j++) {
        features[i][j] = (float) Math.sin(i * 0.7 + j * j);
      }
      oneHot[i][i * 7 % 6] = 1;
    }
    learn(features, oneHot);
    assertEquals(10, accepted);
  }

  @Test
  void theReadmeShowsIt() throws IOException {
    String source = Files.readString(Path.of(SOURCE));
    String from = "// " + "snippet\n";
    String snippet =
        source
            .substring(source.indexOf(from) + from.length(), source.indexOf("// " + "end"))
            .lines()
            .map(line -> line.startsWith("  ") ? line.substring(2) : line)
            .collect(Collectors.joining("\n"))
            .strip();
    assertTrue(
        Files.readString(Path.of("README.md")).contains(snippet),
        "README.md does not show this snippet:\n" + snippet);
  }
}
