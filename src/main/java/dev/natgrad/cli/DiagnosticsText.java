package dev.natgrad.cli;

import dev.natgrad.report.SpectrumLook;
import dev.natgrad.training.Diagnostics;
import dev.natgrad.training.TrainingHistory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The diagnostics of a run as lines and as JSON values. */
final class DiagnosticsText {
  private DiagnosticsText() {}

  /** The lines shown after the summary. */
  static List<String> lines(Diagnostics found) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Fisher       eigenvalues from "
            + Texts.number(found.smallest())
            + " to "
            + Texts.number(found.largest())
            + ", trace "
            + Texts.number(found.trace())
            + ", on "
            + found.rows()
            + " rows");
    for (Diagnostics.Effective effective : found.effective()) {
      lines.add(
          "damping "
              + Texts.number(effective.lambda())
              + ": effective dimension "
              + Texts.number(effective.dimension())
              + " ± "
              + Texts.number(effective.dimensionError())
              + ", condition "
              + Texts.number(effective.condition()));
    }
    StringBuilder model = new StringBuilder("KL           measured over foreseen:");
    for (Diagnostics.Length length : found.model()) {
      model
          .append(' ')
          .append(Texts.number(length.measured() / length.foreseen()))
          .append(" at ")
          .append(Texts.number(length.foreseen()))
          .append(',');
    }
    lines.add(model.substring(0, model.length() - 1) + " nats");
    return lines;
  }

  /** What the report draws. */
  static SpectrumLook look(Look look) {
    Diagnostics found = look.found();
    return new SpectrumLook(
        look.step(),
        found.spectrum().reversed().stream().mapToDouble(Diagnostics.Above::eigenvalue).toArray(),
        found.spectrum().reversed().stream().mapToDouble(Diagnostics.Above::count).toArray(),
        found.effective().stream().mapToDouble(Diagnostics.Effective::lambda).toArray(),
        found.effective().stream().mapToDouble(Diagnostics.Effective::dimension).toArray(),
        found.model().stream().mapToDouble(Diagnostics.Length::foreseen).toArray(),
        found.model().stream().mapToDouble(Diagnostics.Length::measured).toArray());
  }

  /** The look at the parameters kept, those on the way, and every step's trace. */
  static Map<String, Object> json(List<Look> looks, TrainingHistory history) {
    Map<String, Object> json = json(looks.get(looks.size() - 1));
    json.put("on_the_way", looks.subList(0, looks.size() - 1).stream().map(l -> json(l)).toList());
    json.put("steps", steps(history));
    return json;
  }

  private static Map<String, Object> json(Look look) {
    Diagnostics found = look.found();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", look.step());
    json.put("rows", found.rows());
    json.put("smallest_eigenvalue", found.smallest());
    json.put("largest_eigenvalue", found.largest());
    json.put("trace", found.trace());
    List<Object> spectrum = new ArrayList<>();
    for (Diagnostics.Above above : found.spectrum()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("eigenvalue", above.eigenvalue());
      entry.put("above", above.count());
      spectrum.add(entry);
    }
    json.put("spectrum", spectrum);
    List<Object> effective = new ArrayList<>();
    for (Diagnostics.Effective e : found.effective()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("damping", e.lambda());
      entry.put("effective_dimension", e.dimension());
      entry.put("effective_dimension_error", e.dimensionError());
      entry.put("condition_number", e.condition());
      effective.add(entry);
    }
    json.put("by_damping", effective);
    List<Object> model = new ArrayList<>();
    for (Diagnostics.Length length : found.model()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("kl_foreseen", length.foreseen());
      entry.put("kl_measured", length.measured());
      model.add(entry);
    }
    json.put("kl_model", model);
    return json;
  }

  private static List<Object> steps(TrainingHistory history) {
    List<Object> steps = new ArrayList<>();
    for (TrainingHistory.Step step : history.steps()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("step", step.step());
      entry.put("status", Texts.lower(step.status()));
      entry.put("kl", step.kl());
      entry.put("epsilon", step.epsilon());
      entry.put("lambda", step.lambda());
      entry.put("beta", step.beta());
      entry.put("reduction_ratio", step.reductionRatio());
      entry.put("gradient_norm", step.gradientNorm());
      entry.put("cg_iterations", step.cgIterations());
      entry.put("cg_status", step.cgStatus() == null ? null : Texts.lower(step.cgStatus()));
      entry.put("products", step.products());
      entry.put("lengths_measured", step.trials());
      steps.add(entry);
    }
    return steps;
  }
}
