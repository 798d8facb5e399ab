package dev.natgrad.bench.scorecard;

import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the families share: the workspace, and the list they fill. */
abstract class Cases {
  final boolean peers;
  final Workspace workspace = Workspace.create();
  final List<Case> list = new ArrayList<>();

  Cases(boolean peers) {
    this.peers = peers;
  }

  /** natgrad's call and, with peers, each native library's; a null call is left out. */
  final List<Contender> withNatives(
      Precision precision,
      Runnable ours,
      Function<CBlas, Runnable> theirs,
      Supplier<double[]> result,
      Runnable reset) {
    List<Contender> contenders = new ArrayList<>();
    contenders.add(contender(Contender.NATGRAD, ours, result, reset));
    if (!peers) {
      return contenders;
    }
    Natives.LIBRARIES.forEach(
        (name, functions) -> {
          Runnable call = theirs.apply(functions.get(precision));
          if (call != null) {
            contenders.add(contender(name, call, result, reset));
          }
        });
    return contenders;
  }

  static Contender contender(
      String name, Runnable call, Supplier<double[]> result, Runnable reset) {
    return new Contender(
        name,
        call,
        () -> {
          reset.run();
          call.run();
          return result.get();
        });
  }

  /** γₙ for both results together, with room for the rounding of the bound itself. */
  static double gamma(int n, Precision precision) {
    double nu = (n + 2) * precision.unitRoundoff();
    return 2 * nu / (1 - nu);
  }

  static void eachPrecision(Consumer<Precision> action) {
    for (Precision precision : Precision.values()) {
      action.accept(precision);
    }
  }
}
