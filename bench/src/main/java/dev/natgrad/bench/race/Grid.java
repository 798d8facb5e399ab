package dev.natgrad.bench.race;

import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a baseline that are tried on a problem.
 *
 * @param constant settings of constant rate, all of one method
 * @param decayed how many of the best constant ones are tried with falling rates
 * @param horizons the times over which these fall, in units of the problem's budget
 * @param factors their first rates, in units of the constant one
 */
record Grid(List<Baseline> constant, int decayed, double[] horizons, double[] factors) {
  private static final int[] BATCHES = {64, 128, 256, 512};
  private static final double[] MOMENTA = {0.9, 0.95};
  private static final double[] HORIZONS = {0.1, 0.2, 0.3, 0.5, 1};

  static Grid adam(String problem) {
    return switch (problem) {
      // Its whole grid takes hours: around the best of a wider study.
      case "P1" -> deep(adam(new double[] {1e-3, 1.5e-3, 2e-3, 3e-3}, new int[] {64, 128}), 0.75);
      case "P3 raw" -> raw(adam(rates(1e-5, 1e-2), new int[] {128, 512}));
      default -> new Grid(adam(rates(3e-4, 3e-2), BATCHES), 2, HORIZONS, new double[] {1, 2});
    };
  }

  static Grid nesterov(String problem) {
    return switch (problem) {
      case "P1" ->
          deep(
              List.of(Baseline.nesterov(0.95, 1e-2, 256), Baseline.nesterov(0.95, 5e-3, 128)), 0.5);
      case "P3 raw" -> raw(nesterov(rates(1e-11, 1e-8), new int[] {128, 512}));
      default -> new Grid(nesterov(rates(3e-3, 0.3), BATCHES), 2, HORIZONS, new double[] {1, 2});
    };
  }

  private static Grid deep(List<Baseline> constant, double horizon) {
    return new Grid(constant, 1, new double[] {horizon}, new double[] {1});
  }

  private static Grid raw(List<Baseline> constant) {
    return new Grid(constant, 1, new double[] {0.5, 1}, new double[] {1, 3});
  }

  private static List<Baseline> adam(double[] rates, int[] batches) {
    List<Baseline> grid = new ArrayList<>();
    for (int batch : batches) {
      for (double rate : rates) {
        grid.add(Baseline.adam(rate, batch));
      }
    }
    return grid;
  }

  private static List<Baseline> nesterov(double[] rates, int[] batches) {
    List<Baseline> grid = new ArrayList<>();
    for (int batch : batches) {
      for (double rate : rates) {
        for (double momentum : MOMENTA) {
          grid.add(Baseline.nesterov(momentum, rate, batch));
        }
      }
    }
    return grid;
  }

  /** Rates a third of a decade apart. */
  private static double[] rates(double from, double to) {
    int count = (int) Math.round(3 * Math.log10(to / from)) + 1;
    double[] rates = new double[count];
    for (int i = 0; i < count; i++) {
      rates[i] = from * Math.pow(10, i / 3.0);
    }
    return rates;
  }
}
