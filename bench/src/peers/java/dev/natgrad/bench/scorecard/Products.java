package dev.natgrad.bench.scorecard;

import dev.natgrad.linalg.Blas;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.memory.Precision;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Matrix products: 2mnk flops. */
final class Products extends Cases {
  // The pure-Java libraries need seconds beyond this.
  private static final long JAVA_LIMIT = 512L * 512 * 512;

  Products(boolean peers) {
    super(peers);
  }

  /** Squares from 128 up; 100, 1000 and 257 leave edge tiles, 257 on purpose by one. */
  static List<Case> square() {
    Products products = new Products(true);
    eachPrecision(
        p -> {
          for (int n : new int[] {100, 128, 256, 257, 512, 1000, 1024, 2048}) {
            products.add("NN", n, n, n, p);
          }
          for (String ops : new String[] {"NT", "TN", "TT"}) {
            for (int n : new int[] {128, 257, 512, 1000}) {
              products.add(ops, n, n, n, p);
            }
          }
        });
    return products.list;
  }

  /** 4 to 96, powers of two and their neighbours. */
  static List<Case> small() {
    Products products = new Products(true);
    eachPrecision(
        p -> {
          for (int n : new int[] {4, 6, 8, 12, 15, 16, 17, 24, 32, 33, 48, 64, 96}) {
            products.add("NN", n, n, n, p);
          }
          for (String ops : new String[] {"NT", "TN", "TT"}) {
            products.add(ops, 8, 8, 8, p);
            products.add(ops, 32, 32, 32, p);
          }
        });
    return products.list;
  }

  /**
   * The layers of four networks at their batch: NN is the forward product, NT the one backward
   * through the weights, TN the weight gradient.
   */
  static List<Case> skinny() {
    Products products = new Products(true);
    Set<String> layers = new LinkedHashSet<>();
    layers(layers, 2048, 17, 64, 64, 6);
    layers(layers, 32, 17, 64);
    layers(layers, 256, 64, 128, 10);
    layers(layers, 512, 784, 400, 200, 100, 50, 25, 6);
    layers(layers, 4096, 500, 250, 30);
    eachPrecision(
        p -> {
          for (String layer : layers) {
            String[] s = layer.split("x");
            int batch = Integer.parseInt(s[0]);
            int in = Integer.parseInt(s[1]);
            int out = Integer.parseInt(s[2]);
            products.add("NN", batch, out, in, p);
            products.add("NT", batch, in, out, p);
            products.add("TN", in, out, batch, p);
          }
        });
    return products.list;
  }

  private static void layers(Set<String> layers, int batch, int... widths) {
    for (int l = 1; l < widths.length; l++) {
      layers.add(batch + "x" + widths[l - 1] + "x" + widths[l]);
    }
  }

  /** gemm alone against the FMA peak, for one vector width. */
  static List<Case> width() {
    Products products = new Products(false);
    eachPrecision(
        p -> {
          for (int n : new int[] {16, 17, 32, 64, 128, 257, 512, 1000, 1024}) {
            products.add("NN", n, n, n, p);
          }
          products.add("NN", 2048, 64, 17, p);
          products.add("NT", 512, 784, 400, p);
          products.add("TN", 784, 400, 512, p);
        });
    return products.list;
  }

  void add(String ops, int m, int n, int k, Precision precision) {
    Transpose opA = ops.charAt(0) == 'T' ? Transpose.YES : Transpose.NO;
    Transpose opB = ops.charAt(1) == 'T' ? Transpose.YES : Transpose.NO;
    boolean ta = opA == Transpose.YES;
    boolean tb = opB == Transpose.YES;
    Data a = new Data(workspace, ta ? k : m, ta ? m : k, precision, 1);
    Data b = new Data(workspace, tb ? n : k, tb ? k : n, precision, 2);
    Data c = new Data(workspace, m, n, precision, 3);
    Mat matA = a.mat;
    Mat matB = b.mat;
    Mat matC = c.mat;
    Runnable ours = () -> Blas.gemm(opA, opB, 1, matA, matB, 0, matC);
    int nativeA = ta ? CBlas.TRANS : CBlas.NO_TRANS;
    int nativeB = tb ? CBlas.TRANS : CBlas.NO_TRANS;
    List<Contender> contenders =
        withNatives(
            precision,
            ours,
            blas -> () -> blas.gemm(nativeA, nativeB, m, n, k, a.segment, b.segment, c.segment),
            c::values,
            c::reset);
    if (peers && (long) m * n * k <= JAVA_LIMIT) {
      contenders.addAll(JavaPeers.gemm(opA, opB, m, n, k, a, b, precision));
    }
    // |a|, |b| < 1, so every sum of k products has a magnitude below k.
    double bound = gamma(k, precision) * k;
    list.add(
        new Case(
            "gemm " + ops,
            precision,
            m + "x" + n + "x" + k,
            Case.Unit.FLOPS,
            2.0 * m * n * k,
            Limit.fma(precision),
            contenders,
            x -> bound));
  }
}
