package dev.natgrad.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1.000",
    "0.92745, 0.9274",
    "-0.5, −0.5000",
    "123.456, 123.5",
    "9999.6, 10\u202f000",
    "0.00099999, 0.001000",
    "1e-5, 1×10⁻⁵",
    "1234567, 1.235×10⁶",
    "-2.5e-12, −2.5×10⁻¹²",
    "NaN, –",
    "Infinity, ∞",
    "-Infinity, −∞",
    "4.9e-324, 4.941×10⁻³²⁴"
  })
  void fourDigits(double value, String text) {
    assertEquals(text, Numbers.format(value));
  }

  @ParameterizedTest
  @CsvSource({"0.01, 0.01", "1, 1", "0.005, 0.005", "100, 100", "1e-7, 1×10⁻⁷", "0, 0"})
  void chosenNumbersLoseTheirZeros(double value, String text) {
    assertEquals(text, Numbers.chosen(value));
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "9999, 9999",
    "10000, 10\u202f000",
    "-1234567, −1\u202f234\u202f567",
    "-123, −123"
  })
  void counts(long value, String text) {
    assertEquals(text, Numbers.count(value));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1.5, 1.5", "-0.004, 0", "2.345678, 2.35", "-7.1, -7.1", "1e9, 1000000000"})
  void coordinates(double value, String text) {
    assertEquals(text, Numbers.coordinate(value));
  }

  @Test
  void aCoordinateMustBeFinite() {
    assertThrows(IllegalArgumentException.class, () -> Numbers.coordinate(Double.NaN));
  }
}
