package dev.natgrad.report;

/**
 * The parameters one KL step away from a point, to second order: {@code ½ dᵀF d = ε} for the offset
 * {@code d} from the centre, F 2×2 symmetric and positive definite.
 *
 * <p>Immutable; usable from any thread.
 *
 * @param x centre, first parameter
 * @param y centre, second parameter
 * @param fxx Fisher matrix entry F₁₁
 * @param fxy Fisher matrix entry F₁₂ = F₂₁
 * @param fyy Fisher matrix entry F₂₂
 * @param epsilon ε, nats, positive
 */
public record KlEllipse(double x, double y, double fxx, double fxy, double fyy, double epsilon) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is not finite, ε is not positive, or F is not
   *     positive definite
   */
  public KlEllipse {
    Check.finite("x", x);
    Check.finite("y", y);
    Check.finite("epsilon", epsilon);
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("epsilon = " + epsilon + "; it must be positive");
    }
    if (!(fxx > 0 && fxx * fyy - fxy * fxy > 0 && Double.isFinite(fxx * fyy))) {
      throw new IllegalArgumentException(
          "F = ["
              + fxx
              + " "
              + fxy
              + "; "
              + fxy
              + " "
              + fyy
              + "] is not positive definite; "
              + "add damping to its diagonal or leave the ellipse out");
    }
  }

  /**
   * Points of the boundary, counter-clockwise in the Cholesky coordinates of F: {@code d = √(2ε)
   * L⁻ᵀu} with {@code LLᵀ = F} and u on the unit circle.
   *
   * @param count number of points, at least 3
   * @return x₀ y₀ x₁ y₁ …, 2·count elements, the first point not repeated
   */
  double[] boundary(int count) {
    double l11 = Math.sqrt(fxx);
    double l21 = fxy / l11;
    double l22 = Math.sqrt(fyy - l21 * l21);
    double radius = Math.sqrt(2 * epsilon);
    double[] points = new double[2 * count];
    for (int i = 0; i < count; i++) {
      double angle = 2 * Math.PI * i / count;
      double dy = radius * Math.sin(angle) / l22;
      double dx = (radius * Math.cos(angle) - l21 * dy) / l11;
      points[2 * i] = x + dx;
      points[2 * i + 1] = y + dy;
    }
    return points;
  }
}
