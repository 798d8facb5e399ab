package dev.natgrad.oracle;

/** A dense network in plain loops over arrays, with running error bounds. */
public final class NaiveMlp {
  private final int inputs;
  private final int[] widths;
  private final String[] activations;
  private final double u;

  /** What one sample leaves behind in each layer: inputs of the layer, sums, values. */
  private record Trace(Bounded[][] in, Bounded[][] sums, Bounded[][] out) {}

  public NaiveMlp(int inputs, int[] widths, String[] activations, double u) {
    this.inputs = inputs;
    this.widths = widths;
    this.activations = activations;
    this.u = u;
  }

  public int parameters() {
    int count = 0;
    int in = inputs;
    for (int width : widths) {
      count += (in + 1) * width;
      in = width;
    }
    return count;
  }

  private Bounded activate(String name, Bounded s) {
    double v = s.value();
    double ulp = 16 * u;
    switch (name) {
      case "tanh":
        return new Bounded(Math.tanh(v), s.error() + ulp * Math.abs(Math.tanh(v)) + 1e-300);
      case "logistic":
        double p = 1 / (1 + Math.exp(-v));
        return new Bounded(p, s.error() / 4 + ulp * p + 1e-300);
      case "relu":
        return new Bounded(Math.max(v, 0), s.error());
      case "softplus":
        double y = Math.log1p(Math.exp(-Math.abs(v))) + Math.max(v, 0);
        return new Bounded(y, s.error() + ulp * y + 1e-300);
      default:
        return s;
    }
  }

  /** φ′, computed from the value a = φ(s). */
  private Bounded slope(String name, Bounded s, Bounded a) {
    double v = a.value();
    double e = a.error();
    switch (name) {
      case "tanh":
        return new Bounded(1 - v * v, (2 * Math.abs(v) + e) * e + 8 * u);
      case "logistic":
        return new Bounded(v * (1 - v), (Math.abs(1 - 2 * v) + e) * e + 8 * u * Math.abs(v));
      case "relu":
        boolean kink = Math.abs(s.value()) <= s.error();
        return new Bounded(s.value() > 0 ? 1 : 0, kink ? 1 : 0);
      case "softplus":
        return new Bounded(-Math.expm1(-v), Math.exp(e - v) * e + 16 * u * -Math.expm1(-v));
      default:
        return Bounded.exact(1);
    }
  }

  private Trace trace(double[] theta, double[] x) {
    int layers = widths.length;
    Trace trace = new Trace(new Bounded[layers][], new Bounded[layers][], new Bounded[layers][]);
    Bounded[] in = new Bounded[inputs];
    for (int i = 0; i < inputs; i++) {
      in[i] = Bounded.exact(x[i]);
    }
    int at = 0;
    for (int l = 0; l < layers; l++) {
      int out = widths[l];
      trace.in[l] = in;
      trace.sums[l] = new Bounded[out];
      trace.out[l] = new Bounded[out];
      for (int j = 0; j < out; j++) {
        Bounded[] terms = new Bounded[in.length + 1];
        for (int i = 0; i < in.length; i++) {
          terms[i] = in[i].times(Bounded.exact(theta[at + i * out + j]), u);
        }
        terms[in.length] = Bounded.exact(theta[at + in.length * out + j]);
        trace.sums[l][j] = Bounded.sum(terms, u);
        trace.out[l][j] = activate(activations[l], trace.sums[l][j]);
      }
      at += (in.length + 1) * out;
      in = trace.out[l];
    }
    return trace;
  }

  public Bounded[][] evaluate(double[] theta, double[][] x) {
    Bounded[][] z = new Bounded[x.length][];
    for (int b = 0; b < x.length; b++) {
      z[b] = trace(theta, x[b]).out[widths.length - 1];
    }
    return z;
  }

  public Bounded[][] jvp(double[] theta, double[][] x, double[] v) {
    Bounded[][] t = new Bounded[x.length][];
    for (int b = 0; b < x.length; b++) {
      Trace trace = trace(theta, x[b]);
      Bounded[] moved = new Bounded[inputs];
      java.util.Arrays.fill(moved, Bounded.ZERO);
      int at = 0;
      for (int l = 0; l < widths.length; l++) {
        int out = widths[l];
        int in = moved.length;
        Bounded[] next = new Bounded[out];
        for (int j = 0; j < out; j++) {
          Bounded[] terms = new Bounded[2 * in + 1];
          for (int i = 0; i < in; i++) {
            terms[2 * i] = trace.in[l][i].times(Bounded.exact(v[at + i * out + j]), u);
            terms[2 * i + 1] = moved[i].times(Bounded.exact(theta[at + i * out + j]), u);
          }
          terms[2 * in] = Bounded.exact(v[at + in * out + j]);
          Bounded slope = slope(activations[l], trace.sums[l][j], trace.out[l][j]);
          next[j] = Bounded.sum(terms, u).times(slope, u);
        }
        at += (in + 1) * out;
        moved = next;
      }
      t[b] = moved;
    }
    return t;
  }

  /** Σ over samples and outputs of weight·∂z/∂θ. */
  public Bounded[] vjp(double[] theta, double[][] x, double[][] weight) {
    Bounded[][] terms = new Bounded[parameters()][x.length];
    for (int b = 0; b < x.length; b++) {
      Trace trace = trace(theta, x[b]);
      int end = parameters();
      Bounded[] above = new Bounded[weight[b].length];
      for (int j = 0; j < above.length; j++) {
        above[j] = Bounded.exact(weight[b][j]);
      }
      for (int l = widths.length - 1; l >= 0; l--) {
        int out = widths[l];
        int in = trace.in[l].length;
        int at = end - (in + 1) * out;
        Bounded[] delta = new Bounded[out];
        for (int j = 0; j < out; j++) {
          Bounded slope = slope(activations[l], trace.sums[l][j], trace.out[l][j]);
          delta[j] = above[j].times(slope, u);
          for (int i = 0; i < in; i++) {
            terms[at + i * out + j][b] = trace.in[l][i].times(delta[j], u);
          }
          terms[at + in * out + j][b] = delta[j];
        }
        above = new Bounded[in];
        for (int i = 0; i < in; i++) {
          Bounded[] parts = new Bounded[out];
          for (int j = 0; j < out; j++) {
            parts[j] = delta[j].times(Bounded.exact(theta[at + i * out + j]), u);
          }
          above[i] = Bounded.sum(parts, u);
        }
        end = at;
      }
    }
    Bounded[] g = new Bounded[parameters()];
    for (int p = 0; p < g.length; p++) {
      g[p] = Bounded.sum(terms[p], u);
    }
    return g;
  }
}
