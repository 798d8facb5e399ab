package dev.natgrad.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class JsonProperties {
  private static final String[] PIECES = "{ } [ ] , : \" \\u0041 1 - .5 e3 true null a".split(" ");

  private static Object value(Random random, int depth) {
    switch (random.nextInt(depth > 0 ? 6 : 4)) {
      case 0:
        return text(random);
      case 1:
        return random.nextLong() >> random.nextInt(64);
      case 2:
        double number = Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(number) ? number : -0.0;
      case 3:
        return random.nextBoolean();
      case 4:
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          list.add(random.nextInt(8) == 0 ? null : value(random, depth - 1));
        }
        return list;
      default:
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          map.put(text(random), value(random, depth - 1));
        }
        return map;
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append((char) random.nextInt(random.nextBoolean() ? 128 : 65536));
    }
    return text.toString();
  }

  /** Equal objects: for doubles that is equal bits, since Double.equals compares them. */
  @Property
  void whatIsWrittenReadsBackEqual(@ForAll long seed) {
    Object value = value(new Random(seed), 5);
    assertEquals(value, Json.parse(Json.write(value)));
    assertEquals(value, Json.parse(Json.writeIndented(value)));
  }

  @Property
  void noTextBreaksTheReader(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i >= 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    try {
      Object value = Json.parse(text.toString());
      assertEquals(value, Json.parse(Json.write(value)));
    } catch (JsonException refused) {
      assertTrue(refused.offset() >= 0 && refused.offset() <= text.length());
    }
  }
}
