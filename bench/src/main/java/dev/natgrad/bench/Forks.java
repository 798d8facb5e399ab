package dev.natgrad.bench;

/** What every forked JVM of the benchmarks needs, as constants for {@code @Fork}. */
public final class Forks {

  /** C2 settles on one of two results for vector code, so fewer forks can all show the same one. */
  public static final int COUNT = 5;

  /** Loads the Vector API, which no manifest can ask for. */
  public static final String ADD_MODULES = "--add-modules=jdk.incubator.vector";

  /** The class path is the unnamed module, so the grant to dev.natgrad does not reach it. */
  public static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  private Forks() {}
}
