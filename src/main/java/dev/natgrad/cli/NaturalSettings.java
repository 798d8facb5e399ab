package dev.natgrad.cli;

import dev.natgrad.distribution.KlOver;
import dev.natgrad.optimizer.Curvature;
import dev.natgrad.optimizer.Damping;
import dev.natgrad.optimizer.KlDirection;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.optimizer.Radius;
import dev.natgrad.optimizer.Schedule;
import dev.natgrad.optimizer.Solve;
import dev.natgrad.solver.CgOptions;
import dev.natgrad.solver.Nystrom;
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
              "exact|sampled[:N]|empirical",
              "natural gradient: in closed form; from N targets a row drawn\n"
                  + "from the model (1); from the data's own, which is not the\n"
                  + "Fisher matrix (exact)"),
          new Option(
              "--fisher-fraction",
              "F",
              "share of a step's rows that the curvature is taken on, with\n"
                  + "--solver auto and kronecker at least 256 rows of a network; the\n"
                  + "gradient uses all (1, or what those come with)"),
          new Option(
              "--solver",
              "NAME",
              "cg: conjugate gradients; minres: for curvature of any sign;\n"
                  + "kronecker, eigen-kronecker: factors of each layer, the second\n"
                  + "with corrected eigenvalues; blocks: each layer's own matrix;\n"
                  + "dense: the whole matrix, for few parameters; dual: the same for\n"
                  + "few rows; diagonal; auto: by the shape of the network, with the\n"
                  + "damping, curvature and momentum that go with it (cg)"),
          new Option(
              "--preconditioner",
              "NAME",
              "conjugate gradients: diagonal, kronecker, or nystrom, a matrix\n"
                  + "of low rank (diagonal)"),
          new Option("--rank", "N", "nystrom: its rank, from 1 to 128 (16)"),
          new Option("--cg-iterations", "N", "cg and minres: most iterations of a step (30)"),
          new Option(
              "--cg-tolerance",
              "X",
              "cg and minres: relative residual at which a step has iterated\n" + "enough (1e-4)"),
          new Option(
              "--cg-candidates",
              "N",
              "conjugate gradients: how many iterates to keep, the best of\n"
                  + "which by the loss gives the direction; 0: the last alone (0)"),
          new Option(
              "--damping",
              "auto|adaptive:X|fixed:X",
              "share of its scale that is added to the curvature; adaptive\n"
                  + "starts at X and follows how well the steps do; auto: adaptive:10,\n"
                  + "or what --solver auto and kronecker come with (auto)"),
          new Option(
              "--damping-scale",
              "auto|identity|diagonal",
              "that scale: the mean, or each parameter's own; auto: the\n"
                  + "second with --no-standardize, but for --solver dual, or as\n"
                  + "--solver auto sees fit (auto)"),
          new Option("--momentum", null, "combine a step with the one before it, KL still bounded"),
          new Option(
              "--kl-direction",
              "old-new|new-old",
              "which of the two KL divergences is bounded (old-new)"),
          new Option(
              "--kl-over",
              "mean|maximum",
              "whether the mean over the rows of a step is bounded, or each\n"
                  + "row's own (mean)"));

  private static final double FIRST_DAMPING = 10;
  private static final int FIRST_ITERATIONS = 30;

  private static final List<String> SOLVERS =
      List.of(
          "auto",
          "cg",
          "minres",
          "kronecker",
          "eigen-kronecker",
          "blocks",
          "dense",
          "dual",
          "diagonal");

  private final Curvature.Kind fisher;
  private final int draws;
  private final double fraction;
  private final String solver;
  private final Solve.Preconditioner preconditioner;
  private final int iterations;
  private final double tolerance;
  private final int rank;
  private final int candidates;
  private final Boolean adaptive;
  private final double damping;
  private final Damping.Scale scale;
  private final boolean momentum;
  private final KlDirection direction;
  private final KlOver over;
  private final double decay;
  private final double l2;
  private final List<String> given = new ArrayList<>();

  /**
   * Reads the options.
   *
   * @param decay what fixed numbers are multiplied by after each step
   * @param l2 the weight of the penalty
   * @throws UsageException naming the option, its value and its range
   */
  NaturalSettings(Options o, double decay, double l2) {
    this.decay = decay;
    this.l2 = l2;
    String kind = o.text("--fisher", "");
    boolean drawn = kind.startsWith("sampled:");
    draws = drawn ? (int) o.wholeOf("--fisher", "sampled:N, N ", kind.substring(8), 1, 10_000) : 1;
    fisher =
        drawn
            ? Curvature.Kind.SAMPLED
            : o.choice(
                "--fisher", null, List.of(Curvature.Kind.values()), NaturalSettings::spelling);
    fraction = o.number("--fisher-fraction", 0, f -> f > 0 && f <= 1, "above 0 and at most 1");
    solver = o.choice("--solver", null, SOLVERS, s -> s);
    preconditioner =
        o.choice(
            "--preconditioner",
            null,
            List.of(Solve.Preconditioner.values()),
            NaturalSettings::spelling);
    iterations = (int) o.whole("--cg-iterations", 0, 1, Integer.MAX_VALUE);
    tolerance =
        o.number(
            "--cg-tolerance",
            CgOptions.DEFAULT_RELATIVE_TOLERANCE,
            x -> x > 0 && x < 1,
            "above 0 and below 1");
    rank = (int) o.whole("--rank", 0, 1, Nystrom.MOST_RANK);
    candidates = (int) o.whole("--cg-candidates", 0, 0, Solve.MOST_CANDIDATES);
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
    over = o.choice("--kl-over", null, List.of(KlOver.values()), NaturalSettings::spelling);
    OPTIONS.stream().map(Option::name).filter(o::has).forEach(given::add);
    checkTogether(o);
  }

  private void checkTogether(Options o) {
    String name = solver == null ? "cg" : solver;
    if (!name.equals("cg")) {
      refuseFor(o, "--preconditioner", "--solver " + name, "choose --solver cg");
      refuseFor(o, "--cg-candidates", "--solver " + name, "choose --solver cg");
      if (!name.equals("minres")) {
        refuseFor(o, "--cg-iterations", "--solver " + name, "choose --solver cg or minres");
        refuseFor(o, "--cg-tolerance", "--solver " + name, "choose --solver cg or minres");
      }
    }
    if (scale == Damping.Scale.DIAGONAL && dividesByDamping()) {
      throw o.refusal(
          "--damping-scale diagonal damps no parameter without curvature, and --solver dual divides"
              + " by the damping; leave it out, or give --l2");
    }
    if (preconditioner != Solve.Preconditioner.NYSTROM) {
      String of =
          name.equals("cg")
              ? "--preconditioner "
                  + (preconditioner == null ? "diagonal" : spelling(preconditioner))
              : "--solver " + name;
      refuseFor(o, "--rank", of, "choose --preconditioner nystrom");
    }
  }

  /** The dual form, without a penalty, needs damping for each parameter, of curvature or not. */
  private boolean dividesByDamping() {
    return "dual".equals(solver) && l2 == 0;
  }

  private static void refuseFor(Options o, String option, String other, String wayOut) {
    if (o.has(option)) {
      throw o.refusal(option + " has no meaning for " + other + "; leave it out, or " + wayOut);
    }
  }

  static String spelling(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The options given that have a meaning for the natural gradient only. */
  List<String> given() {
    return given;
  }

  /** Whether {@code --damping} is a number that a decay multiplies. */
  boolean fixedDamping() {
    return Boolean.FALSE.equals(adaptive) && damping > 0;
  }

  /** The options to step with: what was given, and the defaults for the rest. */
  NaturalGradientOptions over(NaturalGradientOptions defaults) {
    NaturalGradientOptions options = defaults.withMomentum(momentum || defaults.momentum());
    Curvature curvature = options.curvature();
    if (fisher != null) {
      curvature = new Curvature(fisher, draws, curvature.fraction(), curvature.least());
    }
    options = options.withCurvature(fraction > 0 ? curvature.withFraction(fraction) : curvature);
    if (solver == null || !follows(defaults)) {
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
    if (scale != null || dividesByDamping()) {
      options = options.withDampingScale(scale == null ? Damping.Scale.IDENTITY : scale);
    }
    Radius radius = options.radius();
    if (!radius.adapt() && decay < 1) {
      Schedule shrinking = new Schedule.ExponentialDecay(radius.epsilon().at(0), decay, 0);
      radius =
          new Radius(
              shrinking, false, radius.cap(), radius.every(), radius.over(), radius.direction());
    }
    radius = over == null ? radius : radius.withOver(over);
    return options.withRadius(direction == null ? radius : radius.withDirection(direction));
  }

  /**
   * Whether the options recommended for the shape of the problem are the defaults: where it is to
   * decide, or would decide the same; factors under the damping of conjugate gradients crawl.
   */
  boolean follows(NaturalGradientOptions recommended) {
    return "auto".equals(solver) || solver(recommended.solve()).equals(solver) && factored();
  }

  private boolean factored() {
    return "kronecker".equals(solver);
  }

  private Solve solve() {
    int most = iterations == 0 ? FIRST_ITERATIONS : iterations;
    return switch (solver == null ? "cg" : solver) {
      case "minres" -> new Solve.Minres(most, tolerance);
      case "kronecker" -> Solve.Kronecker.standard();
      case "eigen-kronecker" -> Solve.EigenKronecker.standard();
      case "blocks" -> new Solve.Blocks();
      case "dense" -> new Solve.Dense();
      case "dual" -> new Solve.Dual();
      case "diagonal" -> new Solve.Diagonal();
      default ->
          new Solve.ConjugateGradients(
              most,
              tolerance,
              preconditioner == null ? Solve.Preconditioner.DIAGONAL : preconditioner,
              rank == 0 ? Solve.ConjugateGradients.DEFAULT_RANK : rank,
              candidates);
    };
  }

  /**
   * Refuses factors of more rows than a chunk has.
   *
   * @param chunk rows computed at once
   * @param batch the most rows of a step
   */
  static void checkChunk(NaturalGradientOptions options, int chunk, int batch) {
    Solve solve = options.solve();
    boolean preconditions =
        solve instanceof Solve.ConjugateGradients cg
            && cg.preconditioner() == Solve.Preconditioner.KRONECKER;
    if (!preconditions && !solver(solve).endsWith("kronecker")) {
      return;
    }
    Curvature curvature = options.curvature();
    double rows = Math.max(curvature.least(), Math.ceil(curvature.fraction() * batch));
    if (Math.min(batch, rows) > chunk) {
      throw new UsageException(
          (preconditions ? "--preconditioner kronecker" : "--solver " + solver(solve))
              + " learns from all rows of the curvature at once, here "
              + (long) Math.min(batch, rows)
              + ", more than --chunk "
              + chunk
              + "; give a smaller --fisher-fraction, a larger --chunk or none, or --solver cg");
    }
  }

  /** What a run stepped with, for JSON. */
  static Map<String, Object> json(NaturalGradientOptions options) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("fisher", spelling(options.curvature().kind()));
    json.put(
        "fisher_draws",
        options.curvature().kind() == Curvature.Kind.SAMPLED ? options.curvature().draws() : null);
    json.put("fisher_fraction", options.curvature().fraction());
    json.put("fisher_least_rows", options.curvature().least());
    json.put("solver", solver(options.solve()));
    solve(json, options.solve());
    json.put("damping", options.damping().adapt() ? "adaptive" : "fixed");
    json.put("damping_first", options.damping().lambda().at(0));
    json.put("damping_scale", spelling(options.damping().scale()));
    json.put("momentum", options.momentum());
    json.put("kl_direction", spelling(options.radius().direction()));
    json.put("kl_over", spelling(options.radius().over()));
    return json;
  }

  private static void solve(Map<String, Object> json, Solve solve) {
    Solve.ConjugateGradients cg =
        solve instanceof Solve.ConjugateGradients conjugate ? conjugate : null;
    Solve.Minres minres = solve instanceof Solve.Minres other ? other : null;
    boolean iterates = cg != null || minres != null;
    boolean lowRank = cg != null && cg.preconditioner() == Solve.Preconditioner.NYSTROM;
    json.put("preconditioner", cg == null ? null : spelling(cg.preconditioner()));
    json.put("rank", lowRank ? cg.rank() : null);
    json.put("cg_iterations", iterates ? cg == null ? minres.iterations() : cg.iterations() : null);
    json.put("cg_tolerance", iterates ? cg == null ? minres.tolerance() : cg.tolerance() : null);
    json.put("cg_candidates", cg == null ? null : cg.candidates());
  }

  /** As {@code --solver} spells it. */
  static String solver(Solve solve) {
    if (solve instanceof Solve.ConjugateGradients) {
      return "cg";
    }
    return solve
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(Locale.ROOT);
  }
}
