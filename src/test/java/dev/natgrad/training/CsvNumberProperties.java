package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CsvNumberProperties {
  private static void assertParses(String text) {
    char[] padded = ("7" + text + "7").toCharArray();
    double actual = CsvNumber.parse(padded, 1, padded.length - 1);
    assertEquals(
        Double.doubleToRawLongBits(Double.parseDouble(text)),
        Double.doubleToRawLongBits(actual),
        text);
  }

  @Property
  void roundsAsTheJdkDoes(@ForAll("numbers") String text) {
    assertParses(text);
  }

  @Property
  void readsEveryDoubleBack(@ForAll long bits) {
    double value = Double.longBitsToDouble(bits);
    if (Double.isFinite(value)) {
      assertParses(Double.toString(value));
    }
  }

  @Provide
  Arbitrary<String> numbers() {
    Arbitrary<String> digits = Arbitraries.strings().numeric().ofMaxLength(19);
    Arbitrary<String> signs = Arbitraries.of("", "-", "+");
    Arbitrary<String> exponents =
        Arbitraries.oneOf(
            Arbitraries.just(""),
            Arbitraries.integers().between(-340, 330).map(e -> "e" + e),
            Arbitraries.of("E+22", "e-22", "e23", "e99999999999", "E-99999999999", "e00"));
    return net.jqwik.api.Combinators.combine(signs, digits, digits, exponents)
        .as((s, whole, part, e) -> s + (whole + part).replaceAll("^$", "0") + e)
        .flatMap(text -> Arbitraries.integers().between(1, 19).map(at -> withPoint(text, at)));
  }

  private static String withPoint(String text, int at) {
    int digits = text.indexOf('e') < 0 ? text.indexOf('E') : text.indexOf('e');
    int end = digits < 0 ? text.length() : digits;
    int place = Math.min(at, end);
    return text.substring(0, place) + (at % 3 == 0 ? "." : "") + text.substring(place);
  }
}
