package dev.natgrad.cli;

import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.Diagnostics;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The looks at the Fisher matrix that a run has made, in order, kept in its checkpoints.
 *
 * <p>Thread rule: the thread of the run.
 */
final class Looks implements Stateful {
  private final List<Look> made = new ArrayList<>();

  /** Adds one, in place of what was seen after the same step before. */
  void add(Look look) {
    made.removeIf(other -> other.step() == look.step());
    made.add(look);
  }

  /** A copy of all. */
  List<Look> all() {
    return List.copyOf(made);
  }

  /** Each as its step, four numbers and three lists after their lengths. */
  @Override
  public void exchange(State state) {
    double[] saved = made.stream().flatMapToDouble(Looks::numbers).toArray();
    double[] found = state.numbers("numbers", saved);
    if (found != saved) {
      made.clear();
      Reader reader = new Reader(found);
      while (reader.at < found.length) {
        made.add(reader.look());
      }
    }
  }

  private static DoubleStream numbers(Look look) {
    Diagnostics found = look.found();
    DoubleStream.Builder out = DoubleStream.builder();
    out.add(look.step()).add(found.rows()).add(found.smallest());
    out.add(found.largest()).add(found.trace());
    out.add(found.spectrum().size());
    found.spectrum().forEach(a -> out.add(a.eigenvalue()).add(a.count()));
    out.add(found.effective().size());
    found
        .effective()
        .forEach(
            e -> out.add(e.lambda()).add(e.dimension()).add(e.dimensionError()).add(e.condition()));
    out.add(found.model().size());
    found.model().forEach(l -> out.add(l.foreseen()).add(l.measured()));
    return out.build();
  }

  /** Numbers in the order they were written in, which is that of the arguments below. */
  private static final class Reader {
    private final double[] numbers;
    private int at;

    Reader(double[] numbers) {
      this.numbers = numbers;
    }

    private double next() {
      return numbers[at++];
    }

    Look look() {
      long step = (long) next();
      int rows = (int) next();
      double smallest = next();
      double largest = next();
      double trace = next();
      List<Diagnostics.Above> spectrum = new ArrayList<>();
      for (int left = (int) next(); left > 0; left--) {
        spectrum.add(new Diagnostics.Above(next(), next()));
      }
      List<Diagnostics.Effective> effective = new ArrayList<>();
      for (int left = (int) next(); left > 0; left--) {
        effective.add(new Diagnostics.Effective(next(), next(), next(), next()));
      }
      List<Diagnostics.Length> model = new ArrayList<>();
      for (int left = (int) next(); left > 0; left--) {
        model.add(new Diagnostics.Length(next(), next()));
      }
      return new Look(
          step, new Diagnostics(rows, smallest, largest, trace, spectrum, effective, model));
    }
  }
}
