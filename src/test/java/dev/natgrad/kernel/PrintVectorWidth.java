package dev.natgrad.kernel;

/** Prints the width in use; run in a JVM of its own by {@link VectorWidthTest}. */
final class PrintVectorWidth {

  private PrintVectorWidth() {}

  public static void main(String[] args) {
    System.out.println("width in use: " + VectorWidth.BITS);
  }
}
