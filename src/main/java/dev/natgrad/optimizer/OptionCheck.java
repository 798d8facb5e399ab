package dev.natgrad.optimizer;

/** Range checks of the options, with messages that name the option, its value and the rule. */
final class OptionCheck {
  private OptionCheck() {}

  static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + rule);
    }
  }

  /** Whether a number is finite and ≥ 0. */
  static boolean finite(double value) {
    return value >= 0 && value <= Double.MAX_VALUE;
  }
}
