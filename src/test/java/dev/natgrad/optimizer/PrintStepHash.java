package dev.natgrad.optimizer;

import dev.natgrad.linalg.Mat;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.oracle.NaiveLikelihood;

/**
 * Prints hashes of θ after a few steps; run in JVMs of its own by {@link StepSameBitsTest}.
 * Arguments: how often each, and the threads of steps large enough to share them, 0 for none of
 * those.
 */
final class PrintStepHash {
  private PrintStepHash() {}

  public static void main(String[] args) {
    int repeats = Integer.parseInt(args[0]);
    for (Precision precision : Precision.values()) {
      for (NaiveLikelihood likelihood : NaiveLikelihood.values()) {
        for (int draws = 0; draws <= 2; draws += 2) {
          long hash = 0;
          for (int i = 0; i < repeats; i++) {
            hash = hash(likelihood, precision, draws);
          }
          System.out.println(precision + " " + likelihood + " " + Long.toHexString(hash));
        }
      }
    }
    PrintRecipeHash.print((repeats + 3) / 4, Integer.parseInt(args[1]));
  }

  private static long hash(NaiveLikelihood likelihood, Precision precision, int draws) {
    Trial trial = new Trial(11, likelihood, precision, 9, new int[] {13}, null, 11);
    NaturalGradientOptions options =
        NaturalGradientOptions.within(0.05).withConjugateGradient(6, 1e-4);
    options = draws == 0 ? options : options.withSampledFisher(draws);
    long hash = 1;
    try (Workspace workspace = Workspace.create()) {
      NaturalGradient optimizer = trial.natural(workspace, 1e-3, options);
      Mat x = trial.mat(workspace, trial.x);
      Mat y = trial.mat(workspace, trial.y);
      for (int step = 0; step < 5; step++) {
        StepOutcome outcome = optimizer.step(x, y);
        if (!outcome.status().accepted()) {
          throw new AssertionError(outcome);
        }
      }
      for (long bits : Trial.bits(optimizer.parameters())) {
        hash = 1_000_003 * hash + bits;
      }
    }
    return hash;
  }
}
