package dev.natgrad.bench.service;

/** A request that is not answered as asked: the status of the reply and its message. */
final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final int BAD_REQUEST = 400;
  static final int NOT_FOUND = 404;
  static final int METHOD_NOT_ALLOWED = 405;
  static final int TOO_LARGE = 413;
  static final int TOO_MANY_REQUESTS = 429;
  static final int UNAVAILABLE = 503;

  private final int status;

  RequestException(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  static RequestException bad(String message) {
    return new RequestException(BAD_REQUEST, message);
  }

  int status() {
    return status;
  }

  /** Whether the same request may succeed a little later. */
  boolean temporary() {
    return status == TOO_MANY_REQUESTS || status == UNAVAILABLE;
  }
}
