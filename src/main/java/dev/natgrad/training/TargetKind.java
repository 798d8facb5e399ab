package dev.natgrad.training;

/** What a target column is taken for: which distribution the model predicts. */
public enum TargetKind {
  /** Decide from the column; {@link Target#reason} says what was decided and why. */
  AUTO,
  /** One of k ≥ 2 classes; k outputs. */
  CATEGORICAL,
  /** One of two classes, or a probability in [0, 1]; one output, the log-odds. */
  BERNOULLI,
  /** A quantity; one output, in standardised units. */
  GAUSSIAN
}
