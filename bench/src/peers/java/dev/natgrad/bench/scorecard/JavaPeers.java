package dev.natgrad.bench.scorecard;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.natgrad.linalg.Transpose;
import dev.natgrad.memory.Precision;
import java.util.List;
import java.util.function.Supplier;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ojalgo.OjAlgoUtils;
import org.ojalgo.matrix.store.MatrixStore;
import org.ojalgo.matrix.store.PhysicalStore;
import org.ojalgo.matrix.store.R032Store;
import org.ojalgo.matrix.store.R064Store;

/** The libraries in pure Java, on heap copies of the same data, one thread each. */
final class JavaPeers {
  static final BLAS NETLIB = JavaBLAS.getInstance();

  static {
    OjAlgoUtils.limitThreadsTo(1);
  }

  private JavaPeers() {}

  /** C ← op(A)·op(B), C m×n. */
  static List<Contender> gemm(
      Transpose opA, Transpose opB, int m, int n, int k, Data a, Data b, Precision precision) {
    return List.of(
        netlibGemm(opA, opB, m, n, k, a, b, precision),
        ejmlGemm(opA, opB, a, b, precision),
        ojalgoGemm(opA, opB, m, n, a, b, precision));
  }

  // Column-major: Cᵀ ← op(B)ᵀ·op(A)ᵀ on the same arrays.
  private static Contender netlibGemm(
      Transpose opA, Transpose opB, int m, int n, int k, Data a, Data b, Precision precision) {
    String ta = opA == Transpose.YES ? "T" : "N";
    String tb = opB == Transpose.YES ? "T" : "N";
    int lda = a.mat.cols();
    int ldb = b.mat.cols();
    if (precision == Precision.F32) {
      float[] as = a.initialFloats();
      float[] bs = b.initialFloats();
      float[] cs = new float[m * n];
      return contender(
          "VectorBLAS",
          () -> NETLIB.sgemm(tb, ta, n, m, k, 1, bs, ldb, as, lda, 0, cs, n),
          () -> doubles(cs));
    }
    double[] as = a.initial();
    double[] bs = b.initial();
    double[] cs = new double[m * n];
    return contender(
        "VectorBLAS",
        () -> NETLIB.dgemm(tb, ta, n, m, k, 1, bs, ldb, as, lda, 0, cs, n),
        cs::clone);
  }

  private static Contender ejmlGemm(
      Transpose opA, Transpose opB, Data a, Data b, Precision precision) {
    boolean ta = opA == Transpose.YES;
    boolean tb = opB == Transpose.YES;
    if (precision == Precision.F32) {
      FMatrixRMaj ma = FMatrixRMaj.wrap(a.mat.rows(), a.mat.cols(), a.initialFloats());
      FMatrixRMaj mb = FMatrixRMaj.wrap(b.mat.rows(), b.mat.cols(), b.initialFloats());
      FMatrixRMaj c = new FMatrixRMaj(1, 1);
      Runnable call;
      if (ta && tb) {
        call = () -> CommonOps_FDRM.multTransAB(ma, mb, c);
      } else if (ta) {
        call = () -> CommonOps_FDRM.multTransA(ma, mb, c);
      } else if (tb) {
        call = () -> CommonOps_FDRM.multTransB(ma, mb, c);
      } else {
        call = () -> CommonOps_FDRM.mult(ma, mb, c);
      }
      return contender("EJML", call, () -> doubles(c.data));
    }
    DMatrixRMaj ma = DMatrixRMaj.wrap(a.mat.rows(), a.mat.cols(), a.initial());
    DMatrixRMaj mb = DMatrixRMaj.wrap(b.mat.rows(), b.mat.cols(), b.initial());
    DMatrixRMaj c = new DMatrixRMaj(1, 1);
    Runnable call;
    if (ta && tb) {
      call = () -> CommonOps_DDRM.multTransAB(ma, mb, c);
    } else if (ta) {
      call = () -> CommonOps_DDRM.multTransA(ma, mb, c);
    } else if (tb) {
      call = () -> CommonOps_DDRM.multTransB(ma, mb, c);
    } else {
      call = () -> CommonOps_DDRM.mult(ma, mb, c);
    }
    return contender("EJML", call, () -> c.data.clone());
  }

  private static Contender ojalgoGemm(
      Transpose opA, Transpose opB, int m, int n, Data a, Data b, Precision precision) {
    PhysicalStore.Factory<Double, ?> factory =
        precision == Precision.F32 ? R032Store.FACTORY : R064Store.FACTORY;
    PhysicalStore<Double> ma = store(factory, a);
    PhysicalStore<Double> mb = store(factory, b);
    PhysicalStore<Double> c = factory.make(m, n);
    MatrixStore<Double> left = opA == Transpose.YES ? ma.transpose() : ma;
    MatrixStore<Double> right = opB == Transpose.YES ? mb.transpose() : mb;
    return contender(
        "ojAlgo",
        () -> c.fillByMultiplying(left, right),
        () -> {
          double[] values = new double[m * n];
          for (int i = 0; i < values.length; i++) {
            values[i] = c.doubleValue(i / n, i % n);
          }
          return values;
        });
  }

  private static PhysicalStore<Double> store(PhysicalStore.Factory<Double, ?> factory, Data data) {
    double[] values = data.initial();
    int cols = data.mat.cols();
    PhysicalStore<Double> store = factory.make(data.mat.rows(), cols);
    for (int i = 0; i < values.length; i++) {
      store.set(i / cols, i % cols, values[i]);
    }
    return store;
  }

  private static Contender contender(String name, Runnable call, Supplier<double[]> result) {
    return new Contender(
        name,
        call,
        () -> {
          call.run();
          return result.get();
        });
  }

  private static double[] doubles(float[] floats) {
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }
}
