package dev.natgrad.bench.scorecard;

import dev.natgrad.memory.Precision;
import java.util.Locale;
import java.util.Map;

/**
 * One line of a scorecard.
 *
 * @param rates every contender's rate in the unit, natgrad first
 * @param limit what the machine allowed in the same rounds, in the unit
 */
record Row(
    String name,
    Precision precision,
    String shape,
    Case.Unit unit,
    Map<String, Double> rates,
    double limit) {

  double natgrad() {
    return rates.get(Contender.NATGRAD);
  }

  /** The fastest other; natgrad itself only if it is alone. */
  String bestPeer() {
    return rates.keySet().stream()
        .filter(name -> !name.equals(Contender.NATGRAD))
        .max((a, b) -> Double.compare(rates.get(a), rates.get(b)))
        .orElse(Contender.NATGRAD);
  }

  double ratio() {
    return natgrad() / rates.get(bestPeer());
  }

  double percentOfLimit() {
    return 100 * natgrad() / limit;
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"name\": \"%s\", \"precision\": \"%s\", \"shape\": \"%s\", \"unit\": \"%s\","
            + " \"natgrad\": %.4g, \"best_peer\": %.4g, \"best_peer_name\": \"%s\","
            + " \"ratio\": %.4f, \"percent_of_limit\": %.2f}",
        name,
        precision,
        shape,
        unit.label,
        natgrad(),
        rates.get(bestPeer()),
        bestPeer(),
        ratio(),
        percentOfLimit());
  }
}
