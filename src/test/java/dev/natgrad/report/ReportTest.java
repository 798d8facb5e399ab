package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ReportTest {
  private static final String NAME = "a <natural> & \"hostile\" name";

  @Example
  void theWholePageIsWellFormedAndSelfContained() throws Exception {
    String html = full();
    Document page = Xml.parse(html);
    assertEquals(List.of(), Xml.elements(page, "script"));
    assertEquals(List.of(), Xml.elements(page, "link"));
    assertFalse(html.contains("url("));
    assertFalse(html.contains("@import"));
    for (Element element : Xml.elements(page, "*")) {
      for (String attribute : List.of("href", "src")) {
        String value = element.getAttribute(attribute);
        assertTrue(value.isEmpty() || value.startsWith("data:image/png;base64,"), value);
      }
    }
    assertTrue(html.contains("prefers-color-scheme:dark"));
    assertEquals(5, Xml.elements(page, "figcaption").size());
  }

  @Example
  void everyChartIsNamedAndDescribed() throws Exception {
    Document page = Xml.parse(full());
    Set<String> ids = new HashSet<>();
    for (Element element : Xml.elements(page, "*")) {
      String id = element.getAttribute("id");
      assertTrue(id.isEmpty() || ids.add(id), "id twice: " + id);
    }
    int charts = 0;
    for (Element svg : Xml.elements(page, "svg")) {
      if (svg.getAttribute("role").equals("img")) {
        charts++;
        for (String id : svg.getAttribute("aria-labelledby").split(" ")) {
          assertTrue(ids.contains(id), id);
        }
        assertFalse(svg.getElementsByTagName("desc").item(0).getTextContent().isBlank());
      }
    }
    // Loss twice, three of a trace, the contours, two panels.
    assertEquals(8, charts);
    Xml.elements(page, "img").forEach(img -> assertFalse(img.getAttribute("alt").isBlank()));
  }

  @Example
  void aRunHasOneColourAndItsNameIsText() throws Exception {
    String html = full();
    assertFalse(html.contains("<natural>"));
    Document page = Xml.parse(html);
    Set<String> colours = new HashSet<>();
    for (Element key : Xml.elements(page, "span")) {
      if (key.getTextContent().equals(NAME)) {
        Element line = (Element) key.getElementsByTagName("path").item(0);
        colours.add(line.getAttribute("class"));
      }
    }
    assertEquals(Set.of("line c0"), colours);
  }

  @Property(tries = 300)
  void anyNumbersMakeAPage(@ForAll long seed, @ForAll @IntRange(min = 0, max = 12) int n)
      throws Exception {
    Random random = new Random(seed);
    double[] step = new double[n];
    Arrays.setAll(step, i -> i);
    double[] seconds = wild(random, n);
    Arrays.sort(seconds);
    boolean[] accepted = new boolean[n];
    int[] iterations = random.ints(n).toArray();
    RunSeries run = new RunSeries("a", step, seconds, wild(random, n), wild(random, n));
    RunSeries other = new RunSeries("b", step, seconds, wild(random, n), new double[0]);
    StepTrace trace =
        new StepTrace(
            "a", step, wild(random, n), wild(random, n), accepted, iterations, wild(random, n));
    double[] grid = {-1, 0, 2};
    ContourPath path = new ContourPath("a", wild(random, n), wild(random, n));
    ContourScene scene =
        new ContourScene(
            "s",
            "x",
            "y",
            grid,
            grid,
            wild(random, 9),
            wild(random, n),
            0,
            0,
            List.of(path),
            List.of());
    String html =
        Report.builder("t")
            .losses("loss", List.of(run, other))
            .trace(trace)
            .contours(scene)
            .build()
            .html();
    Xml.parse(html);
    Matcher shapes = Pattern.compile(" d=\"([^\"]*)\"").matcher(html);
    while (shapes.find()) {
      assertTrue(shapes.group(1).matches("[-MLHVAhlmvaz0-9. ]*"), shapes.group(1));
    }
  }

  @Example
  void gapsAreGapsAndAreCounted() {
    double[] step = {0, 1, 2, 3, 4};
    double[] loss = {3, 2, Double.NaN, Double.POSITIVE_INFINITY, 1};
    String html = losses(new RunSeries("a", step, step, loss, new double[0]));
    assertTrue(html.contains("Left out as not finite: 2 training losses of a."));
    Matcher line = Pattern.compile("class=\"line c0\" d=\"(M[^\"]*L[^\"]*)\"").matcher(html);
    assertTrue(line.find());
    assertEquals(2, line.group(1).chars().filter(c -> c == 'M').count());
  }

  @Example
  void aTestLossMeasuredNowAndThenIsOneCurve() {
    double[] step = {0, 1, 2, 3, 4};
    double[] test = {3, Double.NaN, 2, Double.NaN, 1};
    String html = losses(new RunSeries("a", step, step, step, test));
    Matcher line = Pattern.compile("class=\"line dashed c0\" d=\"(M[^\"]*)\"").matcher(html);
    assertTrue(line.find());
    assertEquals(1, line.group(1).chars().filter(c -> c == 'M').count());
    assertEquals(2, line.group(1).chars().filter(c -> c == 'L').count());
  }

  @Example
  void aDivergedRunDoesNotFlattenTheOthers() {
    double[] step = {0, 1, 2};
    RunSeries good = new RunSeries("good", step, step, new double[] {2, 1, 0.5}, new double[0]);
    RunSeries bad = new RunSeries("bad", step, step, new double[] {2, 1e9, 1e200}, new double[0]);
    String html = Report.builder("t").losses("loss", List.of(good, bad)).build().html();
    assertTrue(html.contains("Losses above 15.5 are cut off."), html);
    assertFalse(html.contains("10⁹⁰"));
  }

  @Example
  void violationsAreCountedAgainstTheBoundInForce() {
    double[] kl = {0.01, 0.011, 0.5, 0.03, Double.NaN};
    double[] epsilon = {0.01, 0.01, 0.01, 0.04, 0.01};
    boolean[] accepted = {true, true, false, true, true};
    double[] step = {1, 2, 3, 3, 4};
    StepTrace trace = new StepTrace("a", step, kl, epsilon, accepted, new int[5], new double[5]);
    assertEquals(2, trace.violations());
    String html = Report.builder("t").trace(trace).build().html();
    assertTrue(html.contains("4 accepted, 1 rejected; 2 accepted steps exceed ε."));
  }

  @Example
  void tablesNameOutcomesAndHeldOutSamples() {
    double[] two = {1, 2};
    String[] outcomes = {"shortened", "rejected by the KL"};
    StepTrace trace =
        new StepTrace("a", two, two, two, new boolean[] {true, false}, new int[2], two, outcomes);
    RunSeries run = new RunSeries("a", two, two, two, two);
    String html =
        Report.builder("t").trace(trace).losses("loss", "validation", List.of(run)).build().html();
    for (String part : List.of(">shortened<", ">rejected by the KL<", ">Validation loss<")) {
      assertTrue(html.contains(part), part);
    }
    assertTrue(losses(run).contains(">Test loss<"));
  }

  @Example
  void longCurvesAreThinned() {
    double[] step = new double[100_000];
    Arrays.setAll(step, i -> i);
    double[] loss = new Random(1).doubles(step.length, 0.5, 1).toArray();
    int size = losses(new RunSeries("a", step, step, loss, new double[0])).length();
    assertTrue(size < 80_000, "page of " + size + " characters");
  }

  @Example
  void wrongArgumentsAreNamed() {
    double[] two = new double[2];
    double[] three = new double[3];
    message("seconds", () -> new RunSeries("a", two, three, two, two));
    message("testLoss", () -> new RunSeries("a", two, two, two, three));
    message("name", () -> new RunSeries(" ", two, two, two, two));
    message("lambda", () -> new StepTrace("a", two, two, two, new boolean[2], new int[2], three));
    message("x[1]", () -> scene(new double[] {0, 0}, new double[4]));
    message("loss", () -> scene(new double[] {0, 1}, three));
    message("title", () -> Report.builder(""));
    message("pointClass[0] = 2", () -> panel("a", 2));
    message("image of r", () -> strip(new double[3]));
    Report.Builder built = Report.builder("t");
    built.build();
    assertThrows(IllegalStateException.class, built::build);
  }

  @Example
  void agreementAndErrorAreWhatTheySay() {
    assertEquals(0.5, panel("a", 1).agreement());
    ImageStrip strip = strip(new double[] {1, 0, 0, 0.5});
    assertEquals(0, strip.meanSquaredError(0));
    assertEquals((1 + 0.25) / 4, strip.meanSquaredError(1));
  }

  private static void message(String part, Runnable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static String losses(RunSeries run) {
    return Report.builder("t").losses("loss", List.of(run)).build().html();
  }

  private static String full() {
    double[] step = {0, 1, 2, 3};
    double[] loss = {3, 1, 0.1, 0.01};
    RunSeries run = new RunSeries(NAME, step, step, loss, loss);
    double[] half = {0.5, 0.5, 0.5, 0.5};
    StepTrace trace =
        new StepTrace(NAME, step, loss, half, new boolean[4], new int[] {1, 2, 3, 4}, loss);
    return Report.builder("Title <b>")
        .paragraph("Text & more")
        .section("Section")
        .comparison(
            "caption",
            "Test accuracy",
            List.of(
                new RunSummary(NAME, 3, 1.5, 0.01, 0.02, 0.9, 3, 0, 0.009, 0.01),
                RunSummary.control("Adam", 3, 1.5, 0.01, Double.NaN, 0.9)))
        .losses("loss", List.of(run))
        .trace(trace)
        .contours(scene(new double[] {-1, 1}, new double[] {1, 0, 0, 1}))
        .regions("regions", List.of(panel(NAME, 1), panel("b", 0)))
        .images(strip(new double[] {0, 1, Double.NaN, 7}))
        .build()
        .html();
  }

  private static String metrics(double... metrics) {
    List<RunSummary> runs =
        Arrays.stream(metrics).mapToObj(m -> RunSummary.control("r", 1, 1, 1, 1, m)).toList();
    String html = Report.builder("t").comparison("c", "m", runs).build().html();
    Matcher cells = Pattern.compile("(?:<td>[^<]*</td>){4}<td>([^<]*)</td>").matcher(html);
    return cells.results().map(found -> found.group(1)).collect(Collectors.joining(" "));
  }

  @Example
  void metricsThatAreCountsHaveNoDecimals() {
    assertEquals("15 96 –", metrics(15, 96, Double.NaN));
    assertEquals("12\u202f345 0", metrics(12_345, 0));
    assertEquals("1.000 0", metrics(1, 0));
    assertEquals("15.00 0.5000", metrics(15, 0.5));
  }

  private static ContourScene scene(double[] grid, double[] loss) {
    ContourPath path = new ContourPath(NAME, new double[] {-1, 0}, new double[] {-1, 0.5});
    KlEllipse ellipse = new KlEllipse(0, 0, 2, 0.5, 1, 0.1);
    return new ContourScene(
        "scene",
        "μ",
        "log σ",
        grid,
        grid,
        loss,
        new double[0],
        0,
        0,
        List.of(path),
        List.of(ellipse));
  }

  /** Two cells side by side, the left one of class 0; two points, one in each. */
  private static DecisionPanel panel(String name, int firstClass) {
    double[] probability = {0.9, 0.1, 0.2, 0.8};
    double[] x = {0.25, 0.75};
    double[] y = {0.5, 0.5};
    List<String> classes = List.of("p", "q");
    return new DecisionPanel(
        name, classes, 2, 1, 0, 1, 0, 1, probability, x, y, new int[] {firstClass, 1});
  }

  private static ImageStrip strip(double[] second) {
    ImageStrip.Row first = new ImageStrip.Row("o", List.of(new double[4]));
    return new ImageStrip("strip", 2, 2, List.of(first, new ImageStrip.Row("r", List.of(second))));
  }

  private static double[] wild(Random random, int n) {
    double[] special = {0, -1, 1, 1e-300, 1e300, Double.MAX_VALUE, -Double.MAX_VALUE, 1e-9};
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          switch (random.nextInt(5)) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> special[random.nextInt(special.length)];
            case 2 -> new double[] {Double.NaN, Double.POSITIVE_INFINITY}[random.nextInt(2)];
            default -> random.nextDouble();
          };
    }
    return values;
  }
}
