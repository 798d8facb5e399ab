package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.state.State;
import dev.natgrad.state.Stateful;
import dev.natgrad.training.CheckpointException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoint files: read back to equal bits, or refused for a reason. */
class CheckpointTest {
  private static final Map<String, String> ABOUT = Map.of("network", "1-2", "data", "naïve");

  /** More of them by -Dnatgrad.test.alterations=10000. */
  static final int ALTERATIONS = Integer.getInteger("natgrad.test.alterations", 1500);

  @TempDir Path folder;
  private Path file;
  private Workspace workspace;

  @BeforeEach
  void open() {
    file = folder.resolve("checkpoint");
    workspace = Workspace.create();
  }

  @AfterEach
  void close() {
    workspace.close();
  }

  /** Some of everything that a state can hold. */
  private static final class Part implements Stateful {
    private final Vec single;
    private final Vec twice;
    private final Mat matrix;
    private double[] numbers;
    private double number;
    private long whole;
    private boolean flag;

    Part(Workspace workspace, int length) {
      single = Vec.allocate(workspace, length, Precision.F32);
      twice = Vec.allocate(workspace, length, Precision.F64);
      matrix = Mat.allocate(workspace, 3, 2, Precision.F32);
    }

    Part fill(Random random) {
      for (int i = 0; i < single.length(); i++) {
        single.set(i, Float.intBitsToFloat(random.nextInt()));
        twice.set(i, Double.longBitsToDouble(random.nextLong()));
      }
      matrix.copyFrom(random.doubles(6).toArray());
      numbers = random.doubles(random.nextInt(5)).toArray();
      number = random.nextBoolean() ? Double.NaN : random.nextGaussian();
      whole = random.nextLong();
      flag = random.nextBoolean();
      return this;
    }

    @Override
    public void exchange(State state) {
      state.vector("single", single);
      state.vector("twice", twice);
      State part = state.part("part");
      part.matrix("matrix", matrix);
      numbers = part.numbers("numbers", numbers);
      number = part.number("number", number);
      whole = state.whole("whole", whole);
      flag = state.flag("flag", flag);
    }

    private long[] bits() {
      double[] all = {number, whole, flag ? 1 : 0};
      return Arrays.stream(
              new double[][] {single.toArray(), twice.toArray(), matrix.toArray(), numbers, all})
          .flatMapToDouble(Arrays::stream)
          .mapToLong(Double::doubleToRawLongBits)
          .toArray();
    }
  }

  private Part part(long seed) {
    return new Part(workspace, 5).fill(new Random(seed));
  }

  private void write(Part part) {
    new CheckpointFile(file).write(ABOUT, Map.of("part", part));
  }

  private void restore(Part part) {
    try (Checkpoint checkpoint = new CheckpointFile(file).open()) {
      checkpoint.restore(ABOUT, Map.of("part", part));
    }
  }

  private Reason refused(Part part) {
    long[] before = part.bits();
    CheckpointException e = assertThrows(CheckpointException.class, () -> restore(part));
    assertArrayEquals(before, part.bits());
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    return e.reason();
  }

  @Test
  void everythingComesBackToTheBit() {
    for (int seed = 0; seed < 50; seed++) {
      Part saved = part(seed);
      long[] bits = saved.bits();
      write(saved);
      assertArrayEquals(bits, saved.bits());
      Part other = part(seed + 1000);
      restore(other);
      assertArrayEquals(bits, other.bits());
    }
  }

  @Test
  void longVectorsPassInPieces() {
    Part saved = new Part(workspace, 40_001).fill(new Random(1));
    write(saved);
    Part other = new Part(workspace, 40_001).fill(new Random(2));
    restore(other);
    assertArrayEquals(saved.bits(), other.bits());
  }

  @Test
  void truncatedAtEveryLengthTheOneBeforeStillLoads() throws IOException {
    Part first = part(1);
    write(first);
    Part part = part(3);
    new CheckpointFile(file).write(ABOUT, Map.of("part", part(2)));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      Path damaged = file;
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> Checkpoint.open(damaged).close());
      assertEquals(Reason.TRUNCATED, e.reason());
      if (length % 16 == 0) {
        restore(part);
        assertArrayEquals(first.bits(), part.bits());
      }
    }
  }

  @Test
  void alteredAtAnyByteTheOneBeforeStillLoads() throws IOException {
    Part first = part(1);
    write(first);
    Part part = part(3);
    new CheckpointFile(file).write(ABOUT, Map.of("part", part(2)));
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] altered = whole.clone();
      altered[i] ^= (byte) (1 << i % 8);
      Files.write(file, altered);
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> Checkpoint.open(file).close());
      assertEquals(i < Long.BYTES ? Reason.NOT_A_CHECKPOINT : Reason.DAMAGED, e.reason());
    }
    restore(part);
    assertArrayEquals(first.bits(), part.bits());
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertEquals(
        Reason.DAMAGED,
        assertThrows(CheckpointException.class, () -> Checkpoint.open(file).close()).reason());
  }

  /** A burst of wrong bytes, a piece cut out, repeated or moved: found, whatever it is. */
  @Test
  void randomAlterationsAreFound() throws IOException {
    write(part(1));
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random();
    for (int i = 0; i < ALTERATIONS; i++) {
      byte[] altered = Alteration.of(whole, random);
      Files.write(file, altered);
      if (Arrays.equals(whole, altered)) {
        Checkpoint.open(file).close();
      } else {
        assertThrows(CheckpointException.class, () -> Checkpoint.open(file).close());
      }
    }
  }

  /** A fault of the memory that the file is mapped to must not end the JVM. */
  @Test
  void cutShortWhileItIsOpenIsAnError() throws IOException {
    for (int length = 0; length < 120_000; length += 30_000) {
      Part saved = new Part(workspace, 40_001).fill(new Random(1));
      write(saved);
      try (Checkpoint checkpoint = Checkpoint.open(file);
          FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(length);
        Part other = new Part(workspace, 40_001);
        CheckpointException e =
            assertThrows(
                CheckpointException.class, () -> checkpoint.restore(ABOUT, Map.of("part", other)));
        assertEquals(Reason.UNREADABLE, e.reason());
        assertEquals(1, e.getMessage().lines().count());
      }
    }
  }

  @Test
  void aLaterVersionIsNamed() throws IOException {
    Part part = part(1);
    write(part);
    byte[] whole = Files.readAllBytes(file);
    byte[] later =
        CheckpointFormat.preamble(whole.length, CheckpointFormat.VERSION + 1).array().clone();
    System.arraycopy(later, 0, whole, 0, later.length);
    Files.write(file, whole);
    assertEquals(Reason.NEWER_VERSION, refused(part));
  }

  @Test
  void anotherRunIsNamed() {
    write(part(1));
    Part longer = new Part(workspace, 6).fill(new Random(2));
    assertEquals(Reason.OTHER_RUN, refused(longer));
    Part part = part(3);
    try (Checkpoint checkpoint = Checkpoint.open(file)) {
      assertEquals(ABOUT, checkpoint.about());
      CheckpointException e =
          assertThrows(
              CheckpointException.class,
              () ->
                  checkpoint.restore(
                      Map.of("network", "1-3", "data", "naïve"), Map.of("part", part)));
      assertEquals(Reason.OTHER_RUN, e.reason());
      assertTrue(e.getMessage().contains("network is 1-2 and this run's is 1-3"), e.getMessage());
      Map<String, Stateful> more = Map.of("part", part, "window", part);
      e = assertThrows(CheckpointException.class, () -> checkpoint.restore(ABOUT, more));
      assertEquals(Reason.OTHER_RUN, e.reason());
      Map<String, Stateful> fewer = Map.of();
      e = assertThrows(CheckpointException.class, () -> checkpoint.restore(ABOUT, fewer));
      assertEquals(Reason.OTHER_RUN, e.reason());
    }
  }

  @Test
  void whatIsNoCheckpointIsNamed() throws IOException {
    Part part = part(1);
    assertEquals(Reason.MISSING, refused(part));
    Files.writeString(file, "age,income\n39,<=50K\n50,<=50K\n");
    assertEquals(Reason.NOT_A_CHECKPOINT, refused(part));
    Files.delete(file);
    Files.createDirectory(file);
    assertEquals(Reason.UNREADABLE, refused(part));
  }

  /** A disk that is full after so many bytes. */
  private record Full(WritableByteChannel channel, int[] left) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (left[0] < bytes.remaining()) {
        channel.write(bytes.limit(bytes.position() + left[0]));
        throw new IOException("No space left on device");
      }
      left[0] -= bytes.remaining();
      return channel.write(bytes);
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Test
  void onAFullDiskTheOldFilesStayAndSoDoesTheState() throws IOException {
    write(part(1));
    Part second = part(2);
    write(second);
    byte[] newest = Files.readAllBytes(file);
    byte[] before = Files.readAllBytes(new CheckpointFile(file).previous());
    for (int room = 0; room < newest.length; room += 7) {
      int[] left = {room};
      CheckpointFile full = new CheckpointFile(file, channel -> new Full(channel, left));
      Part third = part(3);
      long[] bits = third.bits();
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> full.write(ABOUT, Map.of("part", third)));
      assertEquals(Reason.NOT_WRITTEN, e.reason());
      assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
      assertArrayEquals(bits, third.bits());
      assertArrayEquals(newest, Files.readAllBytes(file));
      assertArrayEquals(before, Files.readAllBytes(full.previous()));
    }
    try (var files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  /** What the disk gives back is compared before anything is replaced. */
  @Test
  void aWriteThatComesBackDifferentReplacesNothing() throws IOException {
    write(part(1));
    byte[] newest = Files.readAllBytes(file);
    CheckpointFile wrong =
        new CheckpointFile(
            file,
            channel ->
                new WritableByteChannel() {
                  @Override
                  public int write(ByteBuffer bytes) throws IOException {
                    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                    copy.put(copy.limit() - 1, (byte) ~copy.get(copy.limit() - 1));
                    return channel.write(copy);
                  }

                  @Override
                  public boolean isOpen() {
                    return true;
                  }

                  @Override
                  public void close() {
                    // The caller's channel is the caller's.
                  }
                });
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> wrong.write(ABOUT, Map.of("part", part(2))));
    assertEquals(Reason.NOT_WRITTEN, e.reason());
    assertArrayEquals(newest, Files.readAllBytes(file));
    assertFalse(Files.exists(wrong.previous()));
  }

  /** A damaged file must not take the place of the good one before it. */
  @Test
  void aDamagedFileIsNotKept() throws IOException {
    Part first = part(1);
    write(first);
    write(part(2));
    Files.writeString(file, "");
    CheckpointFile again = new CheckpointFile(file);
    again.open().close();
    again.write(ABOUT, Map.of("part", part(3)));
    Files.writeString(file, "");
    Part part = part(4);
    restore(part);
    assertArrayEquals(first.bits(), part.bits());
  }

  @Test
  void trainingGoesOnWhereItCannotBeSaved() {
    try (SmallRun run = new SmallRun(SmallRun.Kind.ADAM, Precision.F32, 6);
        SmallRun undisturbed = new SmallRun(SmallRun.Kind.ADAM, Precision.F32, 6)) {
      int[] failures = {0};
      CheckpointFile full = new CheckpointFile(file, channel -> new Full(channel, new int[] {100}));
      run.trainer.setCheckpointing(
          new Checkpointing(full, ABOUT, 2, 1e9, failure -> failures[0]++));
      assertEquals(6, run.trainer.train(run.optimizer, (o, h, s) -> true).steps());
      assertEquals(3, failures[0]);
      undisturbed.trainer.train(undisturbed.optimizer, (o, h, s) -> true);
      assertArrayEquals(undisturbed.theta(), run.theta());
    }
  }
}
