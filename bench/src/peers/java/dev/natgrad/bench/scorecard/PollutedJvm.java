package dev.natgrad.bench.scorecard;

import dev.natgrad.bench.ChildJvm;
import dev.natgrad.memory.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The same calls in two JVMs, of which one has done what a busy host does: the parent asks them in
 * turn for one sample. The clean one is the peer.
 */
final class PollutedJvm implements AutoCloseable {
  static final String CHILD = "child";
  private static final String CLEAN = "clean JVM";
  private static final String POLLUTED = "polluted JVM";
  private static final String WARM = "warm";
  private static final String MARK = "@";
  private static final double WARM_UP_SECONDS = 20;
  // Columns of a reply.
  private static final int CALL = 0;
  private static final int LIMIT = 1;
  private static final int CLOCK = 2;
  private static final int MIN_ROUNDS = 7;

  private final Process process;
  private final BufferedReader replies;
  private final PrintWriter questions;

  private PollutedJvm(String kind) throws IOException {
    process =
        ChildJvm.builder(Scorecard.class, List.of(), CHILD, kind)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    replies =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    questions = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** A few shapes of every family. */
  private static List<Case> cases() {
    Products products = new Products(false);
    Level1Cases level1 = new Level1Cases(false);
    Level2Cases level2 = new Level2Cases(false);
    FactorCases factor = new FactorCases(false);
    MapCases maps = new MapCases(false);
    for (Precision p : Precision.values()) {
      for (int n : new int[] {8, 17, 64, 256, 512}) {
        products.add("NN", n, n, n, p);
      }
      products.add("TN", 64, 17, 2048, p);
      level1.add(100, p);
      level1.add(1003, p);
      level2.add(65, p);
      level2.add(256, p);
      factor.add(64, p);
      factor.add(256, p);
      maps.add(10, p);
      maps.add(1003, p);
    }
    List<Case> all = new ArrayList<>(products.list);
    all.addAll(level1.list);
    all.addAll(level2.list);
    all.addAll(factor.list);
    all.addAll(maps.list);
    return all;
  }

  static List<Row> measure(double budgetSeconds) throws Exception {
    List<Case> cases = cases();
    List<Row> rows = new ArrayList<>();
    long end = System.nanoTime() + (long) (1e9 * budgetSeconds);
    try (PollutedJvm clean = new PollutedJvm(CLEAN);
        PollutedJvm polluted = new PollutedJvm(POLLUTED)) {
      // One after the other, so that neither compiles while the other is busy; then once more,
      // after
      // the second pollution.
      for (int i = 0; i < 2; i++) {
        clean.ask(WARM);
        polluted.ask(WARM);
      }
      for (int i = 0; i < cases.size(); i++) {
        double left = Math.max(0, 1e-9 * (end - System.nanoTime()));
        rows.add(measure(i, cases.get(i), clean, polluted, left / (cases.size() - i)));
      }
    }
    return rows;
  }

  private static Row measure(
      int index, Case c, PollutedJvm clean, PollutedJvm polluted, double seconds)
      throws IOException {
    List<double[]> before = new ArrayList<>();
    List<double[]> after = new ArrayList<>();
    long end = System.nanoTime() + (long) (1e9 * seconds);
    while (before.size() < MIN_ROUNDS || System.nanoTime() < end) {
      before.add(clean.ask(Integer.toString(index)));
      after.add(polluted.ask(Integer.toString(index)));
    }
    // Each JVM's times in units of its own multiply-adds, sampled along: on a shared machine one of
    // the two may sit beside another's work for long.
    double unit = Math.min(median(before, CLOCK), median(after, CLOCK));
    Map<String, Double> rates = new LinkedHashMap<>();
    rates.put(Contender.NATGRAD, 1e-9 * c.work() / (unit * relative(after, CALL)));
    rates.put(CLEAN, 1e-9 * c.work() / (unit * relative(before, CALL)));
    double limit = 1e-9 * c.limit().work() / (unit * relative(before, LIMIT));
    return new Row(c.name(), c.precision(), c.shape(), c.unit(), rates, limit);
  }

  private static double median(List<double[]> samples, int column) {
    return Timing.median(samples.stream().mapToDouble(s -> s[column]).toArray());
  }

  private static double relative(List<double[]> samples, int column) {
    return Timing.median(samples.stream().mapToDouble(s -> s[column] / s[CLOCK]).toArray());
  }

  private double[] ask(String question) throws IOException {
    questions.println(question);
    for (String line = replies.readLine(); line != null; line = replies.readLine()) {
      if (line.startsWith(MARK)) {
        String[] words = line.substring(MARK.length()).split(" ");
        double[] seconds = new double[words.length];
        for (int i = 0; i < words.length; i++) {
          seconds[i] = Double.parseDouble(words[i]);
        }
        return seconds;
      }
    }
    throw new IOException("a child JVM ended early");
  }

  @Override
  public void close() {
    questions.close();
    process.onExit().join();
  }

  /** The child: answers until its input ends. */
  static void serve(String kind) throws IOException {
    boolean pollute = kind.equals(POLLUTED);
    if (pollute) {
      Pollution.spread();
    }
    List<Timing> timings = new ArrayList<>();
    for (Case c : cases()) {
      Runnable clock = Limit.fma(c.precision()).call();
      timings.add(new Timing(List.of(c.contenders().get(0).call(), c.limit().call(), clock)));
    }
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      if (line.equals(WARM)) {
        Timing.warmUp(timings, WARM_UP_SECONDS);
        if (pollute) {
          Pollution.spread();
        }
        System.out.println(MARK + "0");
      } else {
        Timing timing = timings.get(Integer.parseInt(line));
        System.out.printf(
            Locale.ROOT,
            "%s%.9g %.9g %.9g%n",
            MARK,
            timing.sample(0),
            timing.sample(1),
            timing.sample(2));
      }
    }
  }
}
