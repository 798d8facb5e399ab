package dev.natgrad.cli;

import dev.natgrad.optimizer.Curvature;
import dev.natgrad.optimizer.Damping;
import dev.natgrad.optimizer.KlDirection;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Radius;
import dev.natgrad.optimizer.Schedule;
import dev.natgrad.optimizer.Solve;
import dev.natgrad.solver.CgOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How {@code natgrad train} was asked to take the natural gradient; what is not given is null. */
final class NaturalSettings {
  static final List<Option> OPTIONS =
      List.of(
          new Option(
              "--fisher",
              "exact|sampled|empirical",
              "natural gradient: in closed form; from targets drawn from the\n"
                  + "model; from the data's own, not the Fisher matrix (exact)"),
          new Option(
              "--solver",
              "cg|kronecker|dense|dual|diagonal",
              "conjugate gradients; Kronecker factors; the explicit matrix,\n"
                  + "for few parameters; the same for few rows; its diagonal (cg)"),
          new Option(
              "--preconditioner",
              "diagonal|kronecker",
              "conjugate gradients: what they are preconditioned by (diagonal)"),
          new Option("--cg-iterations", "N", "conjugate gradients: most iterations of a step (30)"),
          new Option(
              "--damping",
              "auto|adaptive:X|fixed:X",
              "share of its scale that is added to the curvature; adaptive\n"
                  + "starts at X and follows how well the steps do (adaptive:10)"),
          new Option(
              "--damping-scale",
              "auto|identity|diagonal",
              "that scale: the mean, or each parameter's own; auto: the\n"
                  + "second with --no-standardize (auto)"),
          new Option("--momentum", null, "combine a step with the one before it, KL still bounded"),
          new Option(
              "--kl-direction",
              "old-new|new-old",
              "which of the two KL divergences is bounded (old-new)"));

  private static final double FIRST_DAMPING = 10;

  private final Curvature.Kind fisher;
  private final String solver;
  private final Solve.Preconditioner preconditioner;
  private final int iterations;
  private final Boolean adaptive;
  private final double damping;
  private final Damping.Scale scale;
  private final boolean momentum;
  private final KlDirection direction;
  private final double decay;
  private final List<String> given = new ArrayList<>();

  /**
   * Reads the options.
   *
   * @param decay what fixed numbers are multiplied by after each step
   * @throws UsageException naming the option, its value and its range
   */
  NaturalSettings(Options o, double decay) {
    this.decay = decay;
    fisher =
        o.choice("--fisher", null, List.of(Curvature.Kind.values()), NaturalSettings::spelling);
    solver =
        o.choice("--solver", null, List.of("cg", "kronecker", "dense", "dual", "diagonal"), s -> s);
    preconditioner =
        o.choice(
            "--preconditioner",
            null,
            List.of(Solve.Preconditioner.values()),
            NaturalSettings::spelling);
    iterations = (int) o.whole("--cg-iterations", 0, 1, Integer.MAX_VALUE);
    String text = o.text("--damping", "auto");
    int colon = text.indexOf(':');
    adaptive = text.equals("auto") ? null : text.startsWith("adaptive:");
    if (adaptive != null && !adaptive && !text.startsWith("fixed:")) {
      throw o.wrong("--damping", text, "auto, adaptive:X or fixed:X, such as fixed:0.1");
    }
    damping =
        adaptive == null
            ? FIRST_DAMPING
            : o.numberOf(
                "--damping", text.substring(colon + 1), x -> x >= 0 && x <= 1e9, "from 0 to 1e9");
    scale =
        o.text("--damping-scale", "auto").equals("auto")
            ? null
            : o.choice(
                "--damping-scale",
                null,
                List.of(Damping.Scale.values()),
                NaturalSettings::spelling);
    momentum = o.has("--momentum");
    direction =
        o.choice("--kl-direction", null, List.of(KlDirection.values()), NaturalSettings::spelling);
    OPTIONS.stream().map(Option::name).filter(o::has).forEach(given::add);
    boolean cg = solver == null || solver.equals("cg");
    if (!cg && (preconditioner != null || iterations > 0)) {
      throw o.refusal(
          (preconditioner != null ? "--preconditioner" : "--cg-iterations")
              + " has no meaning for --solver "
              + solver
              + "; leave it out, or choose --solver cg");
    }
  }

  static String spelling(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The options given that have a meaning for the natural gradient only. */
  List<String> given() {
    return given;
  }

  /** The options to step with: what was given, and the defaults for the rest. */
  NaturalGradientOptions over(NaturalGradientOptions defaults) {
    NaturalGradientOptions options = defaults.withMomentum(momentum || defaults.momentum());
    if (fisher != null) {
      options =
          options.withCurvature(
              new Curvature(
                  fisher, 1, options.curvature().fraction(), options.curvature().least()));
    }
    if (solver != null || preconditioner != null || iterations > 0) {
      options = options.withSolve(solve());
    }
    Damping now = options.damping();
    if (adaptive != null) {
      Damping next =
          adaptive
              ? Damping.adaptive(damping)
              : Damping.scheduled(new Schedule.ExponentialDecay(damping, decay, 0));
      options = options.withDamping(next.withScale(now.scale()));
    }
    if (scale != null) {
      options = options.withDampingScale(scale);
    }
    Radius radius = options.radius();
    if (!radius.adapt() && decay < 1) {
      Schedule shrinking = new Schedule.ExponentialDecay(radius.epsilon().at(0), decay, 0);
      radius =
          new Radius(
              shrinking, false, radius.cap(), radius.every(), radius.over(), radius.direction());
    }
    return options.withRadius(direction == null ? radius : radius.withDirection(direction));
  }

  private Solve solve() {
    return switch (solver == null ? "cg" : solver) {
      case "kronecker" -> Solve.Kronecker.standard();
      case "dense" -> new Solve.Dense();
      case "dual" -> new Solve.Dual();
      case "diagonal" -> new Solve.Diagonal();
      default ->
          new Solve.ConjugateGradients(
              iterations == 0 ? 30 : iterations,
              CgOptions.DEFAULT_RELATIVE_TOLERANCE,
              preconditioner == null ? Solve.Preconditioner.DIAGONAL : preconditioner);
    };
  }

  /** What a run stepped with, for JSON. */
  static Map<String, Object> json(NaturalGradientOptions options) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("fisher", spelling(options.curvature().kind()));
    json.put("fisher_fraction", options.curvature().fraction());
    json.put("solver", solver(options.solve()));
    json.put(
        "preconditioner",
        options.solve() instanceof Solve.ConjugateGradients cg
            ? spelling(cg.preconditioner())
            : null);
    json.put("damping", options.damping().adapt() ? "adaptive" : "fixed");
    json.put("damping_first", options.damping().lambda().at(0));
    json.put("damping_scale", spelling(options.damping().scale()));
    json.put("momentum", options.momentum());
    json.put("kl_direction", spelling(options.radius().direction()));
    json.put("kl_over", spelling(options.radius().over()));
    return json;
  }

  /** As {@code --solver} spells it. */
  static String solver(Solve solve) {
    if (solve instanceof Solve.ConjugateGradients) {
      return "cg";
    }
    return solve.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }
}
