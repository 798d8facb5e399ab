package dev.natgrad.linalg;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.SequencedMap;

/** Calls every kernel often enough to be compiled by the first compiler. Argument: a precision. */
public final class FirstTierKernels {
  private static final int CALLS = 12;

  private FirstTierKernels() {}

  public static void main(String[] args) {
    Precision precision = Precision.valueOf(args[0]);
    try (Workspace workspace = Workspace.create()) {
      SequencedMap<String, Runnable> calls = KernelCalls.of(workspace, precision);
      for (Runnable call : calls.reversed().values()) {
        for (int i = 0; i < CALLS; i++) {
          call.run();
        }
      }
      System.out.println("called " + calls.size());
    }
  }
}
