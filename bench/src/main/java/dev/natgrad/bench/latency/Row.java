package dev.natgrad.bench.latency;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** One row of the scorecard: what was measured, in the order it is printed. */
final class Row {
  private static final double NANOS_PER_MICRO = 1e3;

  private final Map<String, Object> fields = new LinkedHashMap<>();

  Row(String name) {
    fields.put("name", name);
  }

  /** A histogram of nanoseconds up to a minute, to 3 digits, that does not grow. */
  static Histogram histogram() {
    return new Histogram(60_000_000_000L, 3);
  }

  Row latencies(Histogram measured, Histogram control, long bytes, long calls) {
    percentiles("", measured);
    fields.put("bytes_per_op", (double) bytes / calls);
    percentiles("control_", control);
    fields.put("calls", calls);
    return this;
  }

  private void percentiles(String prefix, Histogram histogram) {
    fields.put(prefix + "p50_us", micros(histogram.getValueAtPercentile(50)));
    fields.put(prefix + "p99_us", micros(histogram.getValueAtPercentile(99)));
    fields.put(prefix + "p999_us", micros(histogram.getValueAtPercentile(99.9)));
    fields.put(prefix + "max_us", micros(histogram.getMaxValue()));
  }

  private static double micros(long nanos) {
    return nanos / NANOS_PER_MICRO;
  }

  Row with(String key, Object value) {
    fields.put(key, value);
    return this;
  }

  /** Whether a bar is met, as the row's last word. */
  Row bar(String bar, boolean met) {
    return with("bar", bar).with("met", met);
  }

  double number(String key) {
    return ((Number) fields.get(key)).doubleValue();
  }

  Map<String, Object> fields() {
    return fields;
  }
}
