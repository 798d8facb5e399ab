package dev.natgrad.random;

/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw ("Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011).
 *
 * <p>Ten rounds of a keyed bijection turn a 128-bit counter into 128 random bits; the key is the
 * seed, the counter's high half the stream, its low half the block's number. Every draw is a pure
 * function of (seed, stream, counter), so the same numbers come on every machine, in any order and
 * from any number of threads. Streams of one seed are independent of each other.
 *
 * <p>The static functions may be called by any thread; an instance, which only remembers the next
 * counter, belongs to one thread. Drawing allocates nothing.
 */
public final class Philox {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long LOW = 0xFFFFFFFFL;

  private final long seed;
  private final long stream;
  private long counter;

  /**
   * A sequence that starts at counter 0.
   *
   * @param seed any value; the 64-bit key
   * @param stream any value; the sequences of two streams share no counter
   */
  public Philox(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /**
   * 64 random bits: half of block {@code counter / 2}, counter taken as unsigned.
   *
   * @param seed the key
   * @param stream high half of the block's counter
   * @param counter index of the draw within its stream
   * @return bits, uniform over all 2⁶⁴ values
   */
  public static long bits(long seed, long stream, long counter) {
    return half(seed, stream, counter >>> 1, (int) counter & 1);
  }

  /**
   * A uniform number, (k + ½)·2⁻⁵² with k the top 52 of the {@link #bits}: never 0 and never 1.
   *
   * @param seed the key
   * @param stream high half of the block's counter
   * @param counter index of the draw within its stream
   * @return a number in the open interval (0, 1)
   */
  public static double uniform(long seed, long stream, long counter) {
    return toUniform(bits(seed, stream, counter));
  }

  /**
   * A standard normal number by Box and Muller, √(−2 ln u₁)·cos(2πu₂), with u₁ and u₂ the uniform
   * numbers of counters 2·{@code counter} and 2·{@code counter} + 1. The bits are the same on every
   * machine; |value| &lt; 8.7.
   *
   * @param seed the key
   * @param stream high half of the block's counter
   * @param counter index of the draw within its stream, in units of two uniform draws
   * @return a draw of N(0, 1)
   */
  public static double normal(long seed, long stream, long counter) {
    double u1 = toUniform(half(seed, stream, counter, 0));
    double u2 = toUniform(half(seed, stream, counter, 1));
    return Math.sqrt(-2 * StrictMath.log(u1)) * cosineOfTurns(u2);
  }

  /**
   * The next 64 random bits.
   *
   * @return bits, uniform over all 2⁶⁴ values; uses one counter
   */
  public long nextLong() {
    return bits(seed, stream, counter++);
  }

  /**
   * The next uniform number.
   *
   * @return a number in the open interval (0, 1); uses one counter
   */
  public double nextDouble() {
    return toUniform(nextLong());
  }

  /**
   * The next standard normal number.
   *
   * @return a draw of N(0, 1); uses two counters, after skipping one where the counter is odd
   */
  public double nextGaussian() {
    long block = (counter + 1) >>> 1;
    counter = (block << 1) + 2;
    return normal(seed, stream, block);
  }

  /**
   * The next integer below a bound, without bias (draws above the last multiple are thrown away).
   *
   * @param bound number of values, at least 1
   * @return an integer in [0, bound)
   * @throws IllegalArgumentException if bound &lt; 1
   */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound is " + bound + "; it must be at least 1");
    }
    long draw;
    long value;
    do {
      draw = nextLong() >>> 1;
      value = draw % bound;
    } while (draw - value + (bound - 1) < 0);
    return (int) value;
  }

  /**
   * Puts the entries into a random order, every order equally likely (Fisher and Yates).
   *
   * @param values the entries, permuted in place
   */
  public void shuffle(int[] values) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
  }

  /**
   * cos(2πu), 0 ≤ u ≤ 1: Taylor's series in the quarter's angle, whose first term left out is below
   * 2⁻⁶⁵. StrictMath's sine and cosine allocate.
   */
  private static double cosineOfTurns(double u) {
    int quarter = (int) (4 * u + 0.5);
    double angle = 2 * Math.PI * (u - 0.25 * quarter);
    double square = angle * angle;
    int odd = quarter & 1;
    double series = 1;
    for (int k = 18; k >= 2; k -= 2) {
      series = 1 - square / ((k + odd) * (k + odd - 1)) * series;
    }
    double value = odd == 0 ? series : angle * series;
    return quarter == 1 || quarter == 2 ? -value : value;
  }

  private static double toUniform(long bits) {
    return ((bits >>> 12) + 0.5) * 0x1p-52;
  }

  /** Half of a block: words 0 and 1 of it, or words 2 and 3, the lower word first. */
  static long half(long seed, long stream, long block, int half) {
    int c0 = (int) block;
    int c1 = (int) (block >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (MULTIPLIER_0 & LOW) * (c0 & LOW);
      long p1 = (MULTIPLIER_1 & LOW) * (c2 & LOW);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return half == 0 ? (c0 & LOW) | (long) c1 << 32 : (c2 & LOW) | (long) c3 << 32;
  }
}
