package dev.natgrad.bench.scorecard;

import java.lang.foreign.MemorySegment;

/**
 * The C interface of OpenBLAS and MKL in one precision, row-major unless said; the scalars are
 * rounded to that precision.
 */
interface CBlas {
  int NO_TRANS = 111;
  int TRANS = 112;
  int LOWER = 122;

  double dot(int n, MemorySegment x, MemorySegment y);

  void axpy(int n, double alpha, MemorySegment x, MemorySegment y);

  void axpby(int n, double alpha, MemorySegment x, double beta, MemorySegment y);

  double nrm2(int n, MemorySegment x);

  double asum(int n, MemorySegment x);

  long iamax(int n, MemorySegment x);

  void scal(int n, double alpha, MemorySegment x);

  void copy(int n, MemorySegment x, MemorySegment y);

  void gemv(int op, int m, int n, MemorySegment a, MemorySegment x, MemorySegment y);

  void ger(int m, int n, double alpha, MemorySegment x, MemorySegment y, MemorySegment a);

  void symv(int n, MemorySegment a, MemorySegment x, MemorySegment y);

  void trsv(int op, int n, MemorySegment t, MemorySegment x);

  /** C ← op(A)·op(B), C m×n. */
  void gemm(
      int opA, int opB, int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c);

  /** Lower triangle of C ← AAᵀ, A n×k. */
  void syrk(int n, int k, MemorySegment a, MemorySegment c);

  /** B ← T⁻¹B, T lower m×m, B m×n. */
  void trsm(int m, int n, MemorySegment t, MemorySegment b);

  /** The lower factor in place. */
  void potrf(int n, MemorySegment a);

  /** y ← f(x) in MKL's high-accuracy mode; not in OpenBLAS. */
  void map(Map map, int n, MemorySegment x, MemorySegment y);

  /** Functions of every element; MKL has no logistic and no softplus. */
  enum Map {
    EXP,
    EXPM1,
    LOG,
    LOG1P,
    TANH,
    LOGISTIC,
    SOFTPLUS
  }
}
