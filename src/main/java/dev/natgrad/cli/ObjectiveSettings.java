package dev.natgrad.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code natgrad train} is to lower.
 *
 * @param kind which objective
 * @param columns the columns that it needs beside the target
 */
record ObjectiveSettings(Kind kind, List<String> columns) {
  /** The objectives. */
  enum Kind {
    /** The mean negative log-likelihood. */
    LIKELIHOOD,
    /** The same with a weight for each row. */
    WEIGHTED,
    /** The policy surrogate, from advantages and the log-probabilities recorded. */
    POLICY
  }

  static final Option OPTION =
      new Option(
          "--objective",
          "NAME",
          "likelihood; weighted:COLUMN, with the rows' weights; or\n"
              + "policy:ADVANTAGE,LOGP, the columns of the advantage of the\n"
              + "recorded action, the target, and of its log-probability when\n"
              + "it was drawn, for a quantity the log-density in the target's own\n"
              + "units (likelihood)");

  /**
   * Reads the option.
   *
   * @throws UsageException naming its value and its rule
   */
  static ObjectiveSettings of(Options o) {
    String text = o.text("--objective", "likelihood");
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    Kind kind = o.choiceOf("--objective", name, List.of(Kind.values()), NaturalSettings::spelling);
    List<String> columns = new ArrayList<>();
    if (colon >= 0) {
      columns.addAll(List.of(text.substring(colon + 1).split(",", -1)));
    }
    int wanted = kind.ordinal();
    if (columns.size() != wanted || columns.contains("")) {
      String rule =
          switch (kind) {
            case LIKELIHOOD -> "likelihood alone, without columns";
            case WEIGHTED -> "weighted:COLUMN, with one column";
            case POLICY -> "policy:ADVANTAGE,LOGP, with two columns";
          };
      throw o.wrong("--objective", text, rule);
    }
    return new ObjectiveSettings(kind, List.copyOf(columns));
  }
}
