package dev.natgrad.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("a", List.of(1L, -2.5, 1e10, true, false));
    expected.put("b", null);
    expected.put("é\n\"\\/\u0001", Map.of());
    String text =
        " {\"a\" : [1, -2.5,\t1e10, true, false],\r\n\"b\":null, \"\\u00e9\\n\\\"\\\\\\/\\u0001\":{} } ";
    assertEquals(expected, Json.parse(text));
    assertEquals(
        List.copyOf(expected.keySet()), List.copyOf(((Map<?, ?>) Json.parse(text)).keySet()));
    assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808"));
    assertEquals(9.223372036854775808e18, Json.parse("9223372036854775808"));
    assertNull(Json.parse("null"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "0x1",
        "NaN",
        "Infinity",
        "-Infinity",
        "nul",
        "True",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u١٢٣٤\"",
        "\"\n\"",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "1 2",
        "[1]]",
        "// c\n1",
        "{\"a\":1,\"\\u0061\":2}",
        "1e999",
        "[1e400]",
        "\uFEFF1",
        "\u00a01",
        "{1:2}"
      })
  void refusesWhatIsNotJson(String text) {
    JsonException e = assertThrows(JsonException.class, () -> Json.parse(text));
    assertTrue(e.offset() >= 0 && e.offset() <= text.length(), e.getMessage());
    assertTrue(e.getMessage().endsWith("at offset " + e.offset()), e.getMessage());
  }

  @Test
  void namesTheOffset() {
    JsonException e = assertThrows(JsonException.class, () -> Json.parse("{\"a\":1,\"a\":2}"));
    assertEquals("the key \"a\" repeats at offset 7", e.getMessage());
  }

  @Test
  void limitsTheDepth() {
    Json.parse("[".repeat(64) + "]".repeat(64));
    assertThrows(JsonException.class, () -> Json.parse("[".repeat(65) + "]".repeat(65)));
    assertThrows(JsonException.class, () -> Json.parse("[".repeat(1_000_000)));
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    assertThrows(IllegalArgumentException.class, () -> Json.write(itself));
  }

  @Test
  void writesWhatJsonCannotSayAsNull() {
    double[] values = {Double.NaN, Double.POSITIVE_INFINITY, -0.0, 1e-320, 0.1};
    assertEquals("[null,null,-0.0,1.0E-320,0.1]", Json.write(values));
    assertEquals(
        "[\"\\ud800\",\"\\u0000\\n\\\"\",\"😀\"]", Json.write(List.of("\ud800", "\0\n\"", "😀")));
    assertEquals(
        "{\"a\":[1,2.5],\"b\":null}", Json.write(ordered("a", Arrays.asList(1, 2.5f), "b", null)));
    assertThrows(IllegalArgumentException.class, () -> Json.write(Map.of(1, 2)));
    assertThrows(IllegalArgumentException.class, () -> Json.write(new Object()));
  }

  @Test
  void indentsObjects() {
    Object value = ordered("a", ordered("b", List.of(1, 2)), "c", Map.of());
    assertEquals(
        "{\n  \"a\": {\n    \"b\": [1,2]\n  },\n  \"c\": {}\n}\n", Json.writeIndented(value));
  }

  private static Map<String, Object> ordered(Object... entries) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      map.put((String) entries[i], entries[i + 1]);
    }
    return map;
  }
}
