package dev.natgrad.report;

import dev.natgrad.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A finished report: one HTML file that is also well-formed XML, with its pictures inside and
 * nothing fetched from elsewhere. Immutable; any thread may use it.
 */
public final class Report {
  private final String html;

  private Report(String html) {
    this.html = html;
  }

  /**
   * Starts a report.
   *
   * @param title heading and page title
   * @return a builder; its calls appear on the page in their order
   * @throws IllegalArgumentException if {@code title} is blank
   */
  public static Builder builder(String title) {
    return new Builder(title);
  }

  /**
   * The page as text, UTF-8 once written.
   *
   * @return the whole file's content
   */
  public String html() {
    return html;
  }

  /**
   * Writes the page to a temporary file beside {@code target}, syncs it and moves it into place:
   * whatever happens, {@code target} holds its former content or the whole new one.
   *
   * @param target the file to create or replace; its directory must exist
   * @throws IOException if that fails; the message names {@code target} and the reason, and the
   *     temporary file is gone
   */
  public void write(Path target) throws IOException {
    AtomicFile.replace(Objects.requireNonNull(target, "target"), html);
  }

  /**
   * Collects the parts of a report and draws each at once, so that arrays handed over may be reused
   * after the call. For one thread.
   */
  public static final class Builder {
    private final Page page = new Page();
    private final int body;

    private Builder(String title) {
      Check.notBlank("title", title);
      Markup out = page.out();
      out.raw("<!DOCTYPE html>").newline();
      out.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
      out.empty("meta", "charset", "utf-8");
      out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
      out.empty("meta", "name", "color-scheme", "content", "light dark");
      // The browser itself then holds the page to its promise of fetching nothing.
      out.empty(
          "meta",
          "http-equiv",
          "Content-Security-Policy",
          "content",
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
      out.element("title", title);
      out.open("style").raw(Stylesheet.CSS).close().close().newline();
      out.open("body").open("main");
      this.body = out.depth();
      out.element("h1", title);
    }

    /**
     * Adds a paragraph.
     *
     * @param text plain text
     * @return this
     */
    public Builder paragraph(String text) {
      page.out().newline().element("p", Objects.requireNonNull(text, "text"));
      return this;
    }

    /**
     * Starts a section.
     *
     * @param heading its heading
     * @return this
     * @throws IllegalArgumentException if {@code heading} is blank
     */
    public Builder section(String heading) {
      Check.notBlank("heading", heading);
      page.out().closeTo(body);
      page.out().newline().open("section").element("h2", heading);
      return this;
    }

    /**
     * Adds the table that compares runs.
     *
     * @param caption what is compared
     * @param metricName heading of the metric's column, such as "Test accuracy" or "Test RMSE"
     * @param runs one row each
     * @return this
     */
    public Builder comparison(String caption, String metricName, List<RunSummary> runs) {
      ComparisonTable.draw(page, caption, metricName, runs);
      return this;
    }

    /**
     * Adds the loss against steps and against seconds. Scales are logarithmic where the data need
     * it; a curve of more than 800 points is thinned to the extremes of each pixel column.
     *
     * @param lossName name and unit of the loss
     * @param runs the runs
     * @return this
     */
    public Builder losses(String lossName, List<RunSeries> runs) {
      return losses(lossName, "test", runs);
    }

    /**
     * As {@link #losses(String, List)}, of samples that are not called test samples.
     *
     * @param lossName name and unit of the loss
     * @param heldOut what {@link RunSeries#testLoss} is of, such as "validation"
     * @param runs the runs
     * @return this
     * @throws IllegalArgumentException if {@code heldOut} is blank
     */
    public Builder losses(String lossName, String heldOut, List<RunSeries> runs) {
      Check.notBlank("heldOut", heldOut);
      LossFigure.draw(page, lossName, heldOut, List.copyOf(runs));
      return this;
    }

    /**
     * Adds measured KL against ε, conjugate-gradient iterations and damping of one run.
     *
     * @param trace its tries
     * @return this
     */
    public Builder trace(StepTrace trace) {
      TraceFigure.draw(page, trace);
      return this;
    }

    /**
     * Adds what the curvature looked like: eigenvalues, effective dimension, and KL against its
     * quadratic model. Of more than five looks the first, the last and three between are drawn.
     *
     * @param looks in the order of their steps, at least one
     * @return this
     * @throws IllegalArgumentException if there is none
     */
    public Builder spectrum(List<SpectrumLook> looks) {
      Check.positive("looks.size()", looks.size());
      SpectrumFigure.draw(page, List.copyOf(looks));
      return this;
    }

    /**
     * Adds optimisers' paths over loss contours.
     *
     * @param scene contours, paths and ellipses
     * @return this
     */
    public Builder contours(ContourScene scene) {
      ContourChart.draw(page, scene);
      return this;
    }

    /**
     * Adds decision regions side by side.
     *
     * @param title what they show
     * @param panels one for each model, at least one, all with the same classes
     * @return this
     * @throws IllegalArgumentException if there is no panel or their classes differ
     */
    public Builder regions(String title, List<DecisionPanel> panels) {
      Check.notBlank("title", title);
      Check.positive("panels.size()", panels.size());
      for (DecisionPanel panel : panels) {
        if (!panel.classNames().equals(panels.get(0).classNames())) {
          throw new IllegalArgumentException(
              "classNames of "
                  + panel.name()
                  + " = "
                  + panel.classNames()
                  + "; all panels of a figure need those of the first, "
                  + panels.get(0).classNames());
        }
      }
      RegionChart.draw(page, title, panels);
      return this;
    }

    /**
     * Adds rows of small images.
     *
     * @param strip the images
     * @return this
     */
    public Builder images(ImageStrip strip) {
      ImageGrid.draw(page, strip);
      return this;
    }

    /**
     * Finishes the page.
     *
     * @return the report
     * @throws IllegalStateException if called twice
     */
    public Report build() {
      if (page.out().depth() == 0) {
        throw new IllegalStateException("build() was called before; start a new builder");
      }
      page.out().closeTo(0).newline();
      return new Report(page.out().toString());
    }

    /**
     * Finishes the page and writes it; see {@link Report#write}.
     *
     * @param target the file to create or replace
     * @throws IOException if that fails; the message names {@code target}
     */
    public void write(Path target) throws IOException {
      build().write(target);
    }
  }
}
