package dev.natgrad.oracle;

import java.util.Arrays;

/** A dense network in plain loops over arrays, with running error bounds. */
public final class NaiveMlp {
  private static final double EPSILON = 1e-5;

  private final int inputs;
  private final Layer[] layers;
  private final double u;

  /**
   * A layer.
   *
   * @param normalization none, inputs or sums
   * @param residual the number of layers that its block spans, 0 for none
   */
  public record Layer(
      int width, String activation, boolean bias, String normalization, int residual) {}

  /** What one sample leaves behind in a layer, and the offset of its parameters. */
  private static final class Trace {
    Bounded[] in;
    Bounded[] fed;
    Bounded[] normal;
    Bounded scale;
    Bounded[] sums;
    Bounded[] values;
    Bounded[] out;
    int at;
    int gainAt;
  }

  public NaiveMlp(int inputs, int[] widths, String[] activations, double u) {
    this(inputs, plain(widths, activations), u);
  }

  public NaiveMlp(int inputs, Layer[] layers, double u) {
    this.inputs = inputs;
    this.layers = layers;
    this.u = u;
  }

  private static Layer[] plain(int[] widths, String[] activations) {
    Layer[] layers = new Layer[widths.length];
    for (int l = 0; l < widths.length; l++) {
      layers[l] = new Layer(widths[l], activations[l], true, "none", 0);
    }
    return layers;
  }

  public int parameters() {
    int count = 0;
    int in = inputs;
    for (Layer layer : layers) {
      count += parameters(layer, in);
      in = layer.width;
    }
    return count;
  }

  private static int features(Layer layer, int in) {
    return layer.normalization.equals("inputs") ? in : layer.width;
  }

  private static int parameters(Layer layer, int in) {
    int count = (layer.bias ? in + 1 : in) * layer.width;
    return layer.normalization.equals("none") ? count : count + 2 * features(layer, in);
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
      case "gelu":
        return new Bounded(v * normal(v), 1.13 * s.error() + ulp * Math.abs(v) + 1e-300);
      case "silu":
        return new Bounded(v / (1 + Math.exp(-v)), 1.1 * s.error() + ulp * Math.abs(v) + 1e-300);
      case "identity":
        return s;
      default:
        throw new IllegalArgumentException(name);
    }
  }

  /** Φ by its series about 0; beyond 8.5 it is 0 or 1 to 10⁻¹⁷. */
  private static double normal(double x) {
    if (Math.abs(x) > 8.5) {
      return x > 0 ? 1 : 0;
    }
    double term = x;
    double sum = x;
    for (int k = 3; k < 400; k += 2) {
      term *= x * x / k;
      sum += term;
    }
    return 0.5 + density(x) * sum;
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** φ′, computed from the value a = φ(s), or from s where φ is gelu or silu. */
  private Bounded slope(String name, Bounded s, Bounded a) {
    double v = a.value();
    double e = a.error();
    double x = s.value();
    switch (name) {
      case "tanh":
        return new Bounded(1 - v * v, (2 * Math.abs(v) + e) * e + 8 * u);
      case "logistic":
        return new Bounded(v * (1 - v), (Math.abs(1 - 2 * v) + e) * e + 8 * u * Math.abs(v));
      case "relu":
        boolean kink = Math.abs(x) <= s.error();
        return new Bounded(x > 0 ? 1 : 0, kink ? 1 : 0);
      case "softplus":
        return new Bounded(-Math.expm1(-v), Math.exp(e - v) * e + 16 * u * -Math.expm1(-v));
      case "gelu":
        // |gelu″| = φ|2 − x²| ≤ 0.8; 4 ulp of Φ + |x|φ ≤ 1.2.
        return new Bounded(normal(x) + x * density(x), 0.8 * s.error() + 20 * u);
      case "silu":
        // |silu″| ≤ 1/2; 4 ulp of at most 1.1.
        double p = 1 / (1 + Math.exp(-x));
        return new Bounded(p * (1 + x * (1 - p)), s.error() / 2 + 20 * u);
      default:
        return Bounded.exact(1);
    }
  }

  private Bounded[] theta(double[] theta, int from, int length) {
    Bounded[] part = new Bounded[length];
    for (int i = 0; i < length; i++) {
      part[i] = Bounded.exact(theta[from + i]);
    }
    return part;
  }

  private Bounded mean(Bounded[] x) {
    return Bounded.sum(x, u).times(Bounded.exact(1.0 / x.length), u);
  }

  private Bounded[] times(Bounded[] x, Bounded[] y) {
    Bounded[] product = new Bounded[x.length];
    for (int i = 0; i < x.length; i++) {
      product[i] = x[i].times(y[i], u);
    }
    return product;
  }

  private Bounded plus(Bounded... terms) {
    return Bounded.sum(terms, u);
  }

  private void normalize(Trace t, Bounded[] x) {
    Bounded mean = mean(x).negated();
    Bounded[] centred = new Bounded[x.length];
    for (int i = 0; i < x.length; i++) {
      centred[i] = plus(x[i], mean);
    }
    Bounded variance = plus(mean(times(centred, centred)), new Bounded(EPSILON, EPSILON * u));
    t.scale = variance.sqrt(u).inverse(Math.sqrt(EPSILON) * (1 - 4 * u), u);
    t.normal = new Bounded[x.length];
    for (int i = 0; i < x.length; i++) {
      t.normal[i] = centred[i].times(t.scale, u);
    }
  }

  private Bounded[] affine(Trace t, double[] theta) {
    int n = t.normal.length;
    Bounded[] y = times(t.normal, theta(theta, t.gainAt, n));
    for (int i = 0; i < n; i++) {
      y[i] = plus(y[i], Bounded.exact(theta[t.gainAt + n + i]));
    }
    return y;
  }

  /** r(w − mean w − h·mean (h∘w)). */
  private Bounded[] project(Trace t, Bounded[] w) {
    Bounded mean = mean(w).negated();
    Bounded along = mean(times(t.normal, w)).negated();
    Bounded[] y = new Bounded[w.length];
    for (int i = 0; i < w.length; i++) {
      y[i] = plus(w[i], mean, t.normal[i].times(along, u)).times(t.scale, u);
    }
    return y;
  }

  private Bounded[] product(Bounded[] in, double[] theta, int at, int out, boolean bias) {
    Bounded[] sums = new Bounded[out];
    for (int j = 0; j < out; j++) {
      Bounded[] terms = new Bounded[in.length + 1];
      for (int i = 0; i < in.length; i++) {
        terms[i] = in[i].times(Bounded.exact(theta[at + i * out + j]), u);
      }
      terms[in.length] = bias ? Bounded.exact(theta[at + in.length * out + j]) : Bounded.ZERO;
      sums[j] = Bounded.sum(terms, u);
    }
    return sums;
  }

  private Trace[] trace(double[] theta, double[] x) {
    Trace[] all = new Trace[layers.length];
    Bounded[] in = theta(x, 0, inputs);
    Bounded[] start = in;
    int at = 0;
    for (int l = 0; l < layers.length; l++) {
      Layer layer = layers[l];
      Trace t = new Trace();
      all[l] = t;
      t.at = at;
      t.gainAt = at + (layer.bias ? in.length + 1 : in.length) * layer.width;
      t.in = in;
      t.fed = in;
      if (layer.normalization.equals("inputs")) {
        normalize(t, in);
        t.fed = affine(t, theta);
      }
      t.sums = product(t.fed, theta, at, layer.width, layer.bias);
      if (layer.normalization.equals("sums")) {
        normalize(t, t.sums);
        t.sums = affine(t, theta);
      }
      t.values = new Bounded[layer.width];
      for (int j = 0; j < layer.width; j++) {
        t.values[j] = activate(layer.activation, t.sums[j]);
      }
      t.out = t.values.clone();
      if (layer.residual > 0) {
        Bounded[] around = l < layer.residual ? start : all[l - layer.residual].out;
        for (int j = 0; j < layer.width; j++) {
          t.out[j] = plus(t.values[j], around[j]);
        }
      }
      at += parameters(layer, in.length);
      in = t.out;
    }
    return all;
  }

  public Bounded[][] evaluate(double[] theta, double[][] x) {
    Bounded[][] z = new Bounded[x.length][];
    for (int b = 0; b < x.length; b++) {
      z[b] = trace(theta, x[b])[layers.length - 1].out;
    }
    return z;
  }

  /** How h∘g + b moves when its argument moves along w. */
  private Bounded[] normalTangent(Trace t, double[] theta, double[] v, Bounded[] w) {
    int n = w.length;
    Bounded[] inner = times(project(t, w), theta(theta, t.gainAt, n));
    Bounded[] outer = times(t.normal, theta(v, t.gainAt, n));
    for (int i = 0; i < n; i++) {
      inner[i] = plus(inner[i], outer[i], Bounded.exact(v[t.gainAt + n + i]));
    }
    return inner;
  }

  public Bounded[][] jvp(double[] theta, double[][] x, double[] v) {
    Bounded[][] result = new Bounded[x.length][];
    for (int b = 0; b < x.length; b++) {
      Trace[] trace = trace(theta, x[b]);
      Bounded[][] moved = new Bounded[layers.length + 1][];
      moved[0] = new Bounded[inputs];
      Arrays.fill(moved[0], Bounded.ZERO);
      for (int l = 0; l < layers.length; l++) {
        Layer layer = layers[l];
        Trace t = trace[l];
        Bounded[] fed = moved[l];
        if (layer.normalization.equals("inputs")) {
          fed = normalTangent(t, theta, v, fed);
        }
        Bounded[] own = product(t.fed, v, t.at, layer.width, layer.bias);
        Bounded[] through = product(fed, theta, t.at, layer.width, false);
        Bounded[] next = new Bounded[layer.width];
        for (int j = 0; j < layer.width; j++) {
          next[j] = plus(own[j], through[j]);
        }
        if (layer.normalization.equals("sums")) {
          next = normalTangent(t, theta, v, next);
        }
        for (int j = 0; j < layer.width; j++) {
          next[j] = next[j].times(slope(layer.activation, t.sums[j], t.values[j]), u);
          if (layer.residual > 0) {
            next[j] = plus(next[j], moved[l + 1 - layer.residual][j]);
          }
        }
        moved[l + 1] = next;
      }
      result[b] = moved[layers.length];
    }
    return result;
  }

  /** Σ over samples and outputs of weight·∂z/∂θ. */
  public Bounded[] vjp(double[] theta, double[][] x, double[][] weight) {
    Bounded[][] terms = new Bounded[parameters()][x.length];
    for (int b = 0; b < x.length; b++) {
      Trace[] trace = trace(theta, x[b]);
      // above[l + 1] is the derivative in the values of layer l, above[0] that in x.
      Bounded[][] above = new Bounded[layers.length + 1][];
      above[layers.length] = theta(weight[b], 0, weight[b].length);
      for (int l = layers.length - 1; l >= 0; l--) {
        Bounded[] below = layerBack(theta, trace[l], layers[l], above[l + 1], terms, b);
        above[l] = above[l] == null ? below : sum(above[l], below);
        if (layers[l].residual > 0) {
          int source = l + 1 - layers[l].residual;
          above[source] = above[source] == null ? above[l + 1] : sum(above[source], above[l + 1]);
        }
      }
    }
    Bounded[] g = new Bounded[parameters()];
    for (int p = 0; p < g.length; p++) {
      g[p] = Bounded.sum(terms[p], u);
    }
    return g;
  }

  private Bounded[] sum(Bounded[] x, Bounded[] y) {
    Bounded[] sum = new Bounded[x.length];
    for (int i = 0; i < x.length; i++) {
      sum[i] = plus(x[i], y[i]);
    }
    return sum;
  }

  private Bounded[] layerBack(
      double[] theta, Trace t, Layer layer, Bounded[] above, Bounded[][] terms, int b) {
    int out = layer.width;
    int in = t.fed.length;
    Bounded[] delta = new Bounded[out];
    for (int j = 0; j < out; j++) {
      delta[j] = above[j].times(slope(layer.activation, t.sums[j], t.values[j]), u);
    }
    if (layer.normalization.equals("sums")) {
      delta = normalBack(theta, t, delta, terms, b);
    }
    for (int j = 0; j < out; j++) {
      for (int i = 0; i < in; i++) {
        terms[t.at + i * out + j][b] = t.fed[i].times(delta[j], u);
      }
      if (layer.bias) {
        terms[t.at + in * out + j][b] = delta[j];
      }
    }
    Bounded[] below = new Bounded[in];
    for (int i = 0; i < in; i++) {
      below[i] = Bounded.sum(times(delta, theta(theta, t.at + i * out, out)), u);
    }
    return layer.normalization.equals("inputs") ? normalBack(theta, t, below, terms, b) : below;
  }

  private Bounded[] normalBack(double[] theta, Trace t, Bounded[] delta, Bounded[][] terms, int b) {
    int n = delta.length;
    for (int i = 0; i < n; i++) {
      terms[t.gainAt + i][b] = t.normal[i].times(delta[i], u);
      terms[t.gainAt + n + i][b] = delta[i];
    }
    return project(t, times(theta(theta, t.gainAt, n), delta));
  }
}
