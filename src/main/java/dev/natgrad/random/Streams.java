package dev.natgrad.random;

/**
 * Who draws from which streams of a seed, so that no two uses of one seed share numbers. Each use
 * has the 2³² streams that start at its constant; draws from a model's own distribution have those
 * from 0.
 *
 * <p>Constants, usable from any thread.
 */
public final class Streams {
  /** One stream a layer: the weights a network starts with ("init" in ASCII). */
  public static final long INITIALIZATION = 0x696E6974L << 32;

  /** One stream: the rows of training, validation and test ("SPLIT" in ASCII). */
  public static final long SPLIT = 0x53504C4954L;

  /** One stream an epoch: the order of the samples ("shuf" in ASCII). */
  public static final long SHUFFLE = 0x73687566L << 32;

  /** One stream a probe of a spectrum: the starts of Lanczos ("lanc" in ASCII). */
  public static final long LANCZOS = 0x6C616E63L << 32;

  /** One stream a column of a low-rank approximation: its random vectors ("nyst" in ASCII). */
  public static final long NYSTROM = 0x6E797374L << 32;

  /** One stream a probe of a Fisher matrix: random signs ("prob" in ASCII). */
  public static final long PROBES = 0x70726F62L << 32;

  /** One stream an update of Kronecker factors: random signs ("sign" in ASCII). */
  public static final long FACTORS = 0x7369676EL << 32;

  /** One stream a step: the older samples of an updater's window ("wndw" in ASCII). */
  public static final long WINDOW = 0x776E6477L << 32;

  /** One stream an audit: the vectors it probes with ("audt" in ASCII). */
  public static final long AUDIT = 0x61756474L << 32;

  /** One stream a probe of a network's rounding: random signs ("rndg" in ASCII). */
  public static final long ROUNDING = 0x726E6467L << 32;

  private Streams() {}
}
