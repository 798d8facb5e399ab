package dev.natgrad.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Typed access to an object read from JSON; whatever does not fit is a {@link DataException}. */
record Fields(Map<?, ?> entries, String place) {

  static Fields of(Object value, String place) {
    if (value instanceof Map<?, ?> map) {
      return new Fields(map, place);
    }
    throw new DataException(place + " is not an object; the model file is damaged");
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  String text(String key) {
    return get(key, String.class, "a string");
  }

  boolean flag(String key) {
    return get(key, Boolean.class, "true or false");
  }

  double number(String key) {
    return get(key, Number.class, "a number").doubleValue();
  }

  int index(String key, int bound) {
    long value = get(key, Long.class, "a whole number");
    if (value < 0 || value >= bound) {
      throw new DataException(
          place
              + ": "
              + key
              + " is "
              + value
              + ", outside 0 to "
              + (bound - 1)
              + "; "
              + "the model file is damaged");
    }
    return (int) value;
  }

  List<?> list(String key) {
    return get(key, List.class, "a list");
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Object item : list(key)) {
      if (!(item instanceof String text)) {
        throw new DataException(
            place + ": " + key + " is not a list of strings; the model file is damaged");
      }
      texts.add(text);
    }
    return List.copyOf(texts);
  }

  <E extends Enum<E>> E choice(String key, Class<E> type) {
    String name = text(key);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw new DataException(
        place
            + ": "
            + key
            + " is "
            + DataException.quote(name)
            + ", which this version does not "
            + "know; the model file is damaged or newer");
  }

  private <V> V get(String key, Class<V> type, String what) {
    Object value = entries.get(key);
    if (!type.isInstance(value)) {
      throw new DataException(
          place + ": " + key + " is not " + what + "; the model file is damaged");
    }
    return type.cast(value);
  }
}
