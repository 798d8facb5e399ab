package dev.natgrad.cli;

import dev.natgrad.demo.Contest.Result;
import dev.natgrad.demo.Curves;
import dev.natgrad.demo.CurvesStudy;
import dev.natgrad.demo.GaussianStudy;
import dev.natgrad.demo.SpiralStudy;
import dev.natgrad.demo.Spirals;
import dev.natgrad.report.DecisionPanel;
import dev.natgrad.report.ImageStrip;
import dev.natgrad.report.Report;
import dev.natgrad.report.RunSummary;
import java.util.ArrayList;
import java.util.List;

/** The demo's report: what was measured first, then the method, then each problem. */
final class DemoReport {
  private DemoReport() {}

  static Report of(DemoResults results) {
    Report.Builder page = Report.builder("The natural gradient and its controls");
    summary(page, results);
    method(page, results.gaussian());
    spirals(page, results.spirals());
    curves(page, results.curves());
    traces(page, results);
    return page.build();
  }

  private static void summary(Report.Builder page, DemoResults results) {
    SpiralStudy spirals = results.spirals();
    CurvesStudy curves = results.curves();
    page.paragraph(
        "Three problems on data made from seed "
            + results.seed()
            + ", each trained with the natural gradient and with its controls from the same start"
            + " and, but for the Gaussian, for the same time. Every number below was measured in"
            + " this run on this machine; runs that are limited by time differ a little when"
            + " repeated.");
    GaussianStudy gaussian = results.gaussian();
    page.comparison(
        "Gaussian by its two parameters, a fixed number of steps; losses in nats per sample.",
        "Steps to within " + GaussianStudy.ARRIVED + " nats",
        summaries(
            List.of(gaussian.natural(), gaussian.descent()),
            result -> gaussian.arrival(result) < 0 ? Double.NaN : gaussian.arrival(result)));
    page.comparison(
        "Spirals, " + DemoText.number(spirals.secondsEach()) + " s each; losses in nats per point.",
        "Test accuracy",
        summaries(spirals.results(), SpiralStudy::accuracy));
    page.paragraph(DemoText.verdict(spirals.results(), "a point"));
    page.comparison(
        "Autoencoder, "
            + DemoText.number(curves.secondsEach())
            + " s each; losses in nats per image, of which "
            + DemoText.number(curves.floor())
            + " are the training images' own entropy.",
        "Squared error per test image",
        summaries(curves.results(), CurvesStudy::squaredError));
    page.paragraph(DemoText.verdict(curves.results(), "an image"));
    page.paragraph(DemoText.bounds(results));
  }

  private static List<RunSummary> summaries(List<Result> results, DemoTables.Metric metric) {
    List<RunSummary> rows = new ArrayList<>();
    for (Result result : results) {
      rows.add(DemoSeries.summary(result, metric.of(result)));
    }
    return rows;
  }

  private static void method(Report.Builder page, GaussianStudy study) {
    page.section("The method, on two parameters");
    DemoText.method().forEach(page::paragraph);
    page.contours(DemoSeries.scene(study));
    page.paragraph(DemoText.gaussian(study));
  }

  private static void spirals(Report.Builder page, SpiralStudy study) {
    page.section("Classification: three spirals");
    page.paragraph(
        study.training().count()
            + " points on three interleaved arms, and the network "
            + study.model()
            + " with a categorical output. "
            + DemoText.settings(study.results())
            + " The shaded regions are what each network decides after its time; the points are"
            + " the training points.");
    List<DecisionPanel> panels = new ArrayList<>();
    for (int i = 0; i < study.results().size(); i++) {
      Spirals points = study.training();
      double edge = SpiralStudy.EDGE;
      panels.add(
          new DecisionPanel(
              study.results().get(i).entrant().name(),
              List.of("Arm 1", "Arm 2", "Arm 3"),
              SpiralStudy.GRID,
              SpiralStudy.GRID,
              -edge,
              edge,
              -edge,
              edge,
              study.regions().get(i),
              points.x(),
              points.y(),
              points.arm()));
    }
    page.regions("Decision regions after the same time", panels);
    page.losses("Training loss, nats per point", DemoSeries.series(study.results()));
    page.paragraph(DemoText.race(study.results(), "nats"));
  }

  private static void curves(Report.Builder page, CurvesStudy study) {
    page.section("Deep autoencoder: curves through three points");
    page.paragraph(
        "Images of "
            + Curves.SIDE
            + " × "
            + Curves.SIDE
            + " pixels, each of a smooth curve through three random points, so six numbers decide"
            + " an image. The network "
            + study.model()
            + " must pass every image through six numbers of its own; every pixel is a Bernoulli"
            + " variable. "
            + DemoText.settings(study.results()));
    List<ImageStrip.Row> rows = new ArrayList<>();
    rows.add(new ImageStrip.Row("Test images", study.originals()));
    for (int i = 0; i < study.results().size(); i++) {
      rows.add(
          new ImageStrip.Row(
              study.results().get(i).entrant().name(), study.reconstructions().get(i)));
    }
    page.images(
        new ImageStrip(
            "Test images and what each network makes of them", Curves.SIDE, Curves.SIDE, rows));
    page.losses("Training loss, nats per image", DemoSeries.series(study.results()));
    page.paragraph(DemoText.race(study.results(), "nats an image"));
    page.paragraph(DemoText.cost(study.results().get(0)));
  }

  private static void traces(Report.Builder page, DemoResults results) {
    page.section("What was measured after every step");
    page.paragraph(
        "After each step of the natural gradient the KL divergence between the old and the new"
            + " output distributions is measured on the batch of the step. The step is kept only"
            + " if it is at most ε; otherwise it is shortened or undone. The damping λ follows the"
            + " ratio of the measured to the predicted fall of the loss.");
    page.paragraph("Gaussian, fixed ε = " + GaussianStudy.EPSILON + " nats:");
    page.trace(DemoSeries.trace(results.gaussian().natural()));
    page.paragraph("Spirals, ε led by that same ratio:");
    page.trace(DemoSeries.trace(results.spirals().results().get(0)));
    page.paragraph("Autoencoder, ε led by that same ratio:");
    page.trace(DemoSeries.trace(results.curves().results().get(0)));
  }
}
