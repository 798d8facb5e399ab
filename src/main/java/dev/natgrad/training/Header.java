package dev.natgrad.training;

/** What the first row of a table is taken for. */
public enum Header {
  /** What its cells and those below suggest, as {@link CsvTable} says. */
  AUTO,
  /** The columns' names, though they be numbers. */
  YES,
  /** A row like the others, though it be of words. */
  NO
}
