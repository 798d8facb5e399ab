package dev.natgrad.report;

import java.util.Objects;

/** Argument checks whose messages name the argument, its value and the rule. */
final class Check {
  private Check() {}

  static void length(String name, int actual, String rule, long expected) {
    if (actual != expected) {
      throw new IllegalArgumentException(
          name + " has " + actual + " elements; it needs " + rule + " = " + expected);
    }
  }

  static void notBlank(String name, String value) {
    Objects.requireNonNull(value, name);
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " is blank; give it a readable text");
    }
  }

  static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " = " + value + "; it must be at least 1");
    }
  }

  static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " = " + value + "; it must be finite");
    }
  }

  static void ascending(String name, double[] values) {
    if (values.length < 2) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " elements; a grid needs at least 2");
    }
    for (int i = 0; i < values.length; i++) {
      finite(name + "[" + i + "]", values[i]);
      if (i > 0 && !(values[i] > values[i - 1])) {
        throw new IllegalArgumentException(
            name + "[" + i + "] = " + values[i] + "; the values must ascend strictly");
      }
    }
  }

  static void ordered(String low, double min, String high, double max) {
    finite(low, min);
    finite(high, max);
    if (!(min < max)) {
      throw new IllegalArgumentException(
          low + " = " + min + " and " + high + " = " + max + "; the first must be smaller");
    }
  }
}
