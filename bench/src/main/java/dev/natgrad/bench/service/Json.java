package dev.natgrad.bench.service;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/** Bodies in and out; strict, so that a misspelt or missing field is an error and not a zero. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .build();

  private Json() {}

  /** The body of a request; anything else than that is the client's error. */
  static <T> T read(HttpExchange exchange, Class<T> type) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(ServiceOptions.MOST_BYTES + 1);
    if (body.length > ServiceOptions.MOST_BYTES) {
      throw new RequestException(
          RequestException.TOO_LARGE,
          "the body is longer than "
              + ServiceOptions.MOST_BYTES
              + " bytes: send fewer samples at a time");
    }
    T message;
    try {
      message = MAPPER.readValue(body, type);
    } catch (JacksonException e) {
      throw RequestException.bad("not the JSON that is expected here: " + e.getOriginalMessage());
    }
    if (message == null) {
      throw RequestException.bad("the body is null; send a JSON object");
    }
    return message;
  }

  static void write(HttpExchange exchange, int status, Object message) throws IOException {
    byte[] body = MAPPER.writeValueAsBytes(message);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  static <T> T parse(byte[] body, Class<T> type) throws IOException {
    return MAPPER.readValue(body, type);
  }
}
