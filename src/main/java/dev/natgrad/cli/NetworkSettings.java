package dev.natgrad.cli;

import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Normalization;
import java.util.ArrayList;
import java.util.List;

/**
 * The network that {@code natgrad train} was asked for.
 *
 * @param hidden widths of the hidden layers, or the one width of the residual blocks
 * @param activation of the hidden layers or blocks
 * @param blocks residual blocks; 0 for plain layers
 * @param normalization of what plain hidden layers are fed, or of their sums
 */
record NetworkSettings(
    List<Integer> hidden, Activation activation, int blocks, Normalization normalization) {
  private static final int DEFAULT_WIDTH = 32;
  private static final int MAX_LAYERS = 100;

  static final List<Option> OPTIONS =
      List.of(
          new Option(
              "--hidden", "WIDTHS", "hidden layers, such as 128,64; none for a linear model (32)"),
          new Option(
              "--activation",
              "NAME",
              "tanh, logistic, relu, softplus, gelu, silu or identity (tanh)"),
          new Option(
              "--residual",
              "N",
              "residual blocks of --hidden's one width instead of layers, each\n"
                  + "of two matrices with a layer normalisation before them"),
          new Option(
              "--normalization",
              "none|inputs|sums",
              "layer normalisation of what hidden layers are fed, or of their\n"
                  + "sums before the activation (none)"));

  /**
   * Reads the options.
   *
   * @throws UsageException naming the option, its value and its rule
   */
  static NetworkSettings of(Options o) {
    List<Integer> hidden = hidden(o);
    Activation activation =
        o.choice("--activation", Activation.TANH, List.of(Activation.values()), Activation::label);
    int blocks = (int) o.whole("--residual", 0, 1, MAX_LAYERS);
    Normalization normalization =
        o.choice(
            "--normalization",
            Normalization.NONE,
            List.of(Normalization.values()),
            NaturalSettings::spelling);
    if (blocks > 0 && hidden.size() != 1) {
      throw o.refusal(
          "--residual blocks have one width and --hidden has "
              + hidden.size()
              + "; give one, such as --hidden 64");
    }
    if (blocks > 0 && normalization != Normalization.NONE) {
      throw o.refusal(
          "--normalization has no meaning for --residual, whose blocks normalise what they are fed;"
              + " leave it out");
    }
    if (hidden.isEmpty() && normalization != Normalization.NONE) {
      throw o.refusal("--normalization needs a hidden layer; leave it out, or give --hidden");
    }
    if (hidden.isEmpty() && o.has("--activation")) {
      throw o.refusal(
          "--activation "
              + activation.label()
              + " needs a hidden layer; leave it out, or give --hidden");
    }
    return new NetworkSettings(hidden, activation, blocks, normalization);
  }

  private static List<Integer> hidden(Options o) {
    String text = o.text("--hidden", Integer.toString(DEFAULT_WIDTH)).strip();
    if (text.isEmpty() || text.equals("none") || text.equals("0")) {
      return List.of();
    }
    List<Integer> widths = new ArrayList<>();
    for (String width : text.split(",", -1)) {
      widths.add(
          (int)
              o.wholeOf("--hidden", "none, or widths between commas, each ", width, 1, 1_000_000));
    }
    if (widths.size() > MAX_LAYERS) {
      throw o.refusal("--hidden has " + widths.size() + " layers; at most " + MAX_LAYERS);
    }
    return List.copyOf(widths);
  }

  /** One number less its own mean is 0, whatever it was: nothing could be learnt. */
  private void checkNormalized(int inputs) {
    List<Integer> widths = new ArrayList<>(hidden);
    if (blocks == 0 && normalization == Normalization.INPUTS) {
      widths.add(0, inputs);
      widths.remove(widths.size() - 1);
    }
    boolean normalized = blocks > 0 || normalization != Normalization.NONE;
    if (normalized && widths.contains(1)) {
      throw new UsageException(
          (blocks > 0
                  ? "--residual " + blocks
                  : "--normalization " + NaturalSettings.spelling(normalization))
              + " would normalise a single number, of the widths "
              + widths
              + ", which leaves nothing of it; give --hidden layers wider than 1"
              + (widths.get(0) == 1 && inputs == 1 ? ", or --normalization none or sums" : ""));
    }
  }

  /**
   * The network between features and targets.
   *
   * @throws UsageException if it has too many parameters, or normalises a single number
   */
  Mlp between(int inputs, int outputs) {
    checkNormalized(inputs);
    try {
      if (blocks > 0) {
        return Mlp.residual(inputs, hidden.get(0), blocks, activation, outputs);
      }
      List<Mlp.Layer> layers = new ArrayList<>();
      for (int width : hidden) {
        layers.add(new Mlp.Layer(width, activation).withNormalization(normalization));
      }
      layers.add(new Mlp.Layer(outputs, Activation.IDENTITY));
      return Mlp.of(inputs, layers);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--hidden " + hidden + " is too large: " + e.getMessage());
    }
  }
}
