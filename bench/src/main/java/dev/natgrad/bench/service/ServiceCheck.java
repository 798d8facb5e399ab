package dev.natgrad.bench.service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/**
 * Takes a service through what traffic seldom shows: a full queue, too many requests at once, going
 * back to a version, a restart, a damaged checkpoint, and one that cannot be used at all. Fails by
 * an exception that says what was not as it should be.
 */
public final class ServiceCheck {
  private static final int OK = 200;
  private static final int TAKEN = 202;
  private static final int CROWD = 160;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private final Path folder;
  private final byte[] question = new SampleStream(5).predict(ServiceOptions.MOST_SAMPLES);
  private final SampleStream samples = new SampleStream(6);

  private ServiceCheck(Path folder) {
    this.folder = folder;
  }

  /**
   * Checks, and prints a line for everything that held.
   *
   * @param folder for checkpoints; emptied first
   * @throws IOException if a port or the folder cannot be used
   * @throws InterruptedException if the thread is interrupted
   */
  public static void run(Path folder) throws IOException, InterruptedException {
    ServiceMain.properties();
    Files.createDirectories(folder);
    ServiceCheck check = new ServiceCheck(folder);
    Files.deleteIfExists(check.file());
    Files.deleteIfExists(check.previous());
    Messages.PredictReply left;
    try (Service service = check.start()) {
      check.fullQueue(service);
      check.crowd(service);
      check.rollback(service);
      left = check.ask(service);
    }
    check.restart(left);
  }

  private Path file() {
    return folder.resolve("service.checkpoint");
  }

  private Path previous() {
    return folder.resolve("service.checkpoint.previous");
  }

  /** With one request thread, so that requests can be made to wait. */
  private Service start() throws IOException, InterruptedException {
    return Service.start(new ServiceOptions(0, 1, folder));
  }

  private static void require(boolean held, String what) {
    if (!held) {
      throw new IllegalStateException("not so: " + what);
    }
  }

  private static void held(String what) {
    System.out.println("held: " + what);
  }

  private Messages.PredictReply ask(Service service) throws IOException {
    try (HttpConnection connection = new HttpConnection(service.port())) {
      require(connection.send(question) == OK, "a prediction is answered by 200");
      return Json.parse(connection.body(), Messages.PredictReply.class);
    }
  }

  private static Messages.StatusReply status(HttpConnection connection) throws IOException {
    require(connection.send(HttpConnection.get("/status")) == OK, "a status is answered by 200");
    return Json.parse(connection.body(), Messages.StatusReply.class);
  }

  /** Offers samples faster than they are learned from until there is no room. */
  private void fullQueue(Service service) throws IOException, InterruptedException {
    byte[] learn = samples.learn(ServiceOptions.MOST_SAMPLES);
    try (HttpConnection connection = new HttpConnection(service.port())) {
      long end = System.nanoTime() + PATIENCE_NANOS;
      int got = TAKEN;
      int taken = 0;
      for (; got == TAKEN && System.nanoTime() < end; taken++) {
        got = connection.send(learn);
      }
      require(got == RequestException.TOO_MANY_REQUESTS, "a full queue answers 429, not " + got);
      require(connection.retryAfter(), "429 says when to come again");
      Messages.StatusReply status = status(connection);
      require(status.refusedSamples() == ServiceOptions.MOST_SAMPLES, "all or none is refused");
      drain(connection);
      require(connection.send(learn) == TAKEN, "there is room again");
      drain(connection);
      held("429 after " + taken + " requests, none taken of it, and room again afterwards");
    }
  }

  private static void drain(HttpConnection connection) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE_NANOS;
    long version = -1;
    Messages.StatusReply status = status(connection);
    while (status.waitingSamples() >= ServiceOptions.FRESH || status.version() != version) {
      require(System.nanoTime() < end, "the queue is learned from");
      version = status.version();
      Thread.sleep(200);
      status = status(connection);
    }
  }

  /** More requests at once than may wait. */
  private void crowd(Service service) throws IOException {
    List<HttpConnection> crowd = new ArrayList<>();
    Map<Integer, Integer> replies = new TreeMap<>();
    try {
      for (int i = 0; i < CROWD; i++) {
        crowd.add(new HttpConnection(service.port()));
      }
      for (HttpConnection connection : crowd) {
        connection.begin(question);
      }
      for (HttpConnection connection : crowd) {
        int got = connection.end();
        replies.merge(got, 1, Integer::sum);
        require(got == OK || connection.retryAfter(), "503 says when to come again");
      }
    } finally {
      for (HttpConnection connection : crowd) {
        connection.close();
      }
    }
    require(
        replies.keySet().equals(Set.of(OK, RequestException.UNAVAILABLE)),
        "too many requests at once are answered by 200 or 503, not " + replies);
    ask(service);
    held("503 where too many wait: " + replies + ", and answers again afterwards");
  }

  private void rollback(Service service) throws IOException, InterruptedException {
    Messages.PredictReply before = ask(service);
    try (HttpConnection connection = new HttpConnection(service.port())) {
      for (int i = 0; i < 3; i++) {
        require(connection.send(samples.learn(ServiceOptions.FRESH)) == TAKEN, "samples are taken");
      }
      drain(connection);
      Messages.PredictReply after = ask(service);
      require(after.version() > before.version(), "versions advance");
      require(!same(before, after), "what is learned changes answers");
      require(rollBack(connection, before.version()) == OK, "a retained version can be gone to");
      Messages.PredictReply back = ask(service);
      require(back.version() == before.version() && same(before, back), "its answers are back");
      require(rollBack(connection, after.version()) == OK, "a rollback can be taken back");
      require(same(after, ask(service)), "the later answers are back");
      require(rollBack(connection, 1_000_000) == RequestException.NOT_FOUND, "404 for no version");
      require(same(after, ask(service)), "404 changes nothing");
      held("rollback to version " + before.version() + " and back to " + after.version());
    }
  }

  private static int rollBack(HttpConnection connection, long version) throws IOException {
    byte[] body = ("{\"version\":" + version + "}").getBytes(StandardCharsets.UTF_8);
    return connection.send(HttpConnection.post("/rollback", body));
  }

  private static boolean same(Messages.PredictReply a, Messages.PredictReply b) {
    return Arrays.deepEquals(a.probabilities(), b.probabilities());
  }

  private void restart(Messages.PredictReply left) throws IOException, InterruptedException {
    try (Service service = start()) {
      require(same(left, ask(service)), "a restart answers as before it");
      try (HttpConnection connection = new HttpConnection(service.port())) {
        require(connection.send(samples.learn(ServiceOptions.FRESH)) == TAKEN, "samples are taken");
        drain(connection);
      }
      require(!same(left, ask(service)), "a restart goes on learning");
    }
    held("a restart goes on from the checkpoint");
    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, whole.length / 2));
    try (Service service = start()) {
      require(same(left, ask(service)), "beside a damaged checkpoint the one before it is used");
    }
    held("a damaged checkpoint: the one before it is used");
    Files.write(file(), Arrays.copyOf(whole, whole.length / 2));
    Files.write(previous(), Arrays.copyOf(whole, whole.length / 3));
    try (Service service = start()) {
      throw new IllegalStateException("a service started on port " + service.port());
    } catch (CompletionException e) {
      held("no start from nothing but damage: " + e.getCause().getMessage());
    }
  }
}
