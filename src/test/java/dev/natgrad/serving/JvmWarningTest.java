package dev.natgrad.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.JvmCheck;
import dev.natgrad.oracle.OtherJvm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM without C2 is told of once, a fit one never. */
class JvmWarningTest {
  /** What the other JVM runs: two updaters' worth of warnings. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) {
      JvmWarning.once();
      JvmWarning.once();
      System.out.println("compiler " + JvmCheck.hasOptimizingCompiler());
    }
  }

  private String run(boolean interpreted) throws Exception {
    List<String> options = interpreted ? List.of("-Xint") : List.of();
    String text = OtherJvm.outputOf(OtherJvm.of(options, Child.class).start());
    assertTrue(text.contains("compiler " + !interpreted), text);
    return text;
  }

  @Test
  void aSlowJvmIsToldOfOnce() throws Exception {
    String text = run(true);
    assertEquals(2, text.split("WARNING: this JVM runs without", -1).length, text);
    assertTrue(text.contains("-Xint"), text);
    String fit = run(false);
    assertEquals(1, fit.split("this JVM runs without", -1).length, fit);
  }
}
