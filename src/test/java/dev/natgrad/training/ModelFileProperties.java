package dev.natgrad.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.memory.Precision;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Normalization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Model files: read back to equal bits, or refused with the file's name and a reason. */
final class ModelFileProperties {
  private static Path folder;
  private static FeatureEncoder one;
  private static FeatureEncoder two;

  @BeforeContainer
  static void fit() throws IOException {
    folder = Files.createTempDirectory("natgrad-model-file");
    Path csv = folder.resolve("table.csv");
    Files.writeString(csv, "a,b,t\n1,red,x\n2,green,y\n4,?,x\n7,red,z\n");
    one = features(csv, 2);
    two = features(csv, 2, 0);
  }

  @AfterContainer
  static void clean() throws IOException {
    try (var files = Files.list(folder)) {
      files.forEach(file -> file.toFile().delete());
    }
    Files.delete(folder);
  }

  private static FeatureEncoder features(Path csv, Integer... targets) {
    int[] rows = {0, 1, 2, 3};
    return FeatureEncoder.fit(CsvTable.read(csv), List.of(targets), Set.of(), rows, true);
  }

  private static TargetEncoder targets(Random random) {
    TargetEncoder.Column text = new TargetEncoder.Column("t", List.of("x", "y", "z"), 0, 1);
    TargetEncoder.Column two = new TargetEncoder.Column("s", List.of("x", "y"), 0, 1);
    TargetEncoder.Column number = new TargetEncoder.Column("t", List.of(), 3.5, 0.1);
    TargetEncoder.Column unit = new TargetEncoder.Column("u", List.of(), 0, 3);
    return switch (random.nextInt(7)) {
      case 0 -> new TargetEncoder(TargetKind.CATEGORICAL, text);
      case 1 -> new TargetEncoder(TargetKind.BERNOULLI, two);
      case 2 -> new TargetEncoder(TargetKind.GAMMA, List.of(unit), 2.5);
      case 3 -> new TargetEncoder(TargetKind.CATEGORICAL, text, two);
      case 4 -> new TargetEncoder(TargetKind.DIAGONAL_GAUSSIAN, unit, number);
      case 5 -> new TargetEncoder(TargetKind.SHARED_GAUSSIAN, unit, number);
      default -> new TargetEncoder(TargetKind.GAUSSIAN, number);
    };
  }

  private static TrainedModel model(long seed) {
    Random random = new Random(seed);
    Precision precision = random.nextBoolean() ? Precision.F32 : Precision.F64;
    TargetEncoder targets = targets(random);
    FeatureEncoder features = targets.columns().size() == 1 ? one : two;
    Activation activation = Activation.values()[random.nextInt(Activation.values().length)];
    List<Integer> hidden =
        List.of(List.<Integer>of(), List.of(2), List.of(3, 1)).get(random.nextInt(3));
    int outputs = targets.outputs() - targets.freeOutputs();
    Mlp network =
        random.nextInt(3) == 0
            ? otherLayers(random, features.width(), activation, outputs)
            : Mlp.of(features.width(), hidden, activation, outputs);
    int length = TrainedModel.model(network, targets).parameters();
    double[] parameters = random.doubles(length, -5, 5).toArray();
    if (precision == Precision.F32) {
      Arrays.setAll(parameters, i -> (float) parameters[i]);
    }
    return new TrainedModel(
        network, precision, features, targets, parameters, Map.of("steps", 12L));
  }

  private static Mlp otherLayers(Random random, int inputs, Activation activation, int outputs) {
    Normalization[] all = Normalization.values();
    Mlp.Layer hidden =
        new Mlp.Layer(2, activation).withNormalization(all[random.nextInt(all.length)]);
    Mlp.Layer last = new Mlp.Layer(outputs, Activation.IDENTITY);
    return Mlp.of(
        inputs,
        List.of(
            random.nextBoolean() ? hidden : hidden.withoutBias(),
            hidden.withResidual(random.nextInt(2)),
            random.nextBoolean() ? last : last.withoutBias()));
  }

  private static void assertSame(TrainedModel expected, TrainedModel found) {
    assertEquals(expected.network().layers(), found.network().layers());
    assertEquals(expected.network().inputs(), found.network().inputs());
    assertEquals(expected.precision(), found.precision());
    assertEquals(expected.features(), found.features());
    assertEquals(expected.targets(), found.targets());
    assertArrayEquals(expected.parameters(), found.parameters());
    assertEquals(expected.summary(), found.summary());
  }

  private static DataException refused(Path file) {
    DataException e = assertThrows(DataException.class, () -> ModelFile.read(file));
    assertTrue(e.getMessage().contains(file.getFileName().toString()), e.getMessage());
    return e;
  }

  @Property(tries = 300)
  void readsBackWhatWasWritten(@ForAll long seed) {
    TrainedModel model = model(seed);
    Path file = folder.resolve("whole");
    ModelFile.write(file, model, "1.2.3");
    assertSame(model, ModelFile.read(file));
  }

  @Property(tries = 500)
  void refusesATruncatedFile(@ForAll long seed) throws IOException {
    Path file = folder.resolve("short");
    ModelFile.write(file, model(seed), "1.2.3");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, new Random(seed).nextInt(bytes.length)));
    refused(file);
  }

  /** Also the whole file but for one byte. */
  @Property(tries = 1)
  void refusesEveryTruncation() throws IOException {
    Path file = folder.resolve("shorter");
    ModelFile.write(file, model(2), "1.2.3");
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      refused(file);
    }
  }

  /** Bursts, pieces cut out, repeated or moved; as many as of checkpoints. */
  @Property(tries = 1)
  void refusesRandomAlterationsOrReadsTheSameModel() throws IOException {
    Random random = new Random();
    Path file = folder.resolve("damaged");
    TrainedModel model = model(3);
    ModelFile.write(file, model, "1.2.3");
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < CheckpointTest.ALTERATIONS; i++) {
      Files.write(file, Alteration.of(bytes, random));
      TrainedModel read;
      try {
        read = ModelFile.read(file);
      } catch (DataException e) {
        continue;
      }
      assertSame(model, read);
    }
  }

  @Property(tries = 2000)
  void refusesAnAlteredFileOrReadsTheSameModel(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    TrainedModel model = model(seed);
    Path file = folder.resolve("altered");
    ModelFile.write(file, model, "1.2.3");
    byte[] bytes = Files.readAllBytes(file);
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    Files.write(file, bytes);
    TrainedModel read;
    try {
      read = ModelFile.read(file);
    } catch (DataException e) {
      assertTrue(e.getMessage().contains("altered"), e.getMessage());
      return;
    }
    assertSame(model, read);
  }

  /** Changes the content with a right checksum: the checks behind it must hold too. */
  private static DataException refusedWith(String key, String value) {
    TrainedModel model = model(2);
    Path file = folder.resolve("other");
    ModelFile.write(file, model, "1.2.3");
    Safetensors content = Safetensors.read(file);
    Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
    metadata.put(key, value);
    rewrite(file, metadata, content.tensors());
    return refused(file);
  }

  private static void rewrite(Path file, Map<String, String> metadata, List<Tensor> tensors) {
    Map<String, String> whole = new LinkedHashMap<>(metadata);
    whole.put("checksum", ModelFile.checksum(whole, tensors));
    new Safetensors(whole, tensors).write(file);
  }

  private static void assertSays(String words, DataException e) {
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Property(tries = 1)
  void refusesPartsThatDoNotFit() {
    assertSays("no natgrad model", refusedWith("format", "other"));
    assertSays("format version '5'", refusedWith("format_version", "5"));
    assertSays("format version '0'", refusedWith("format_version", "0"));
    assertSays("precision", refusedWith("precision", "F16"));
    assertSays("distribution", refusedWith("distribution", "poisson"));
    assertSays("damaged", refusedWith("architecture", "{"));
    assertSays("layers", refusedWith("architecture", "{\"inputs\":3,\"layers\":[]}"));
    assertSays("width", refusedWith("architecture", "{\"inputs\":3,\"layers\":[{\"width\":-1}]}"));
    assertSays(
        "needs [layer0.weight, layer0.bias]",
        refusedWith(
            "architecture",
            "{\"inputs\":3,\"layers\":[{\"width\":7,\"activation\":\"identity\"}]}"));
    assertSays("features", refusedWith("features", "[]"));
    assertSays("target", refusedWith("target", "{}"));
    String column = "{\"name\":\"t\",\"classes\":[],\"mean\":0.0,\"deviation\":1.0}";
    String two = "{\"kind\":\"GAUSSIAN\",\"columns\":[" + column + "," + column + "]}";
    assertSays("target", refusedWith("target", two));
    assertSays("no column", refusedWith("target", "{\"kind\":\"GAUSSIAN\",\"columns\":[]}"));
  }

  /** So a natgrad that knows no other layers reads plain networks and refuses the rest. */
  @Property(tries = 100)
  void plainNetworksAreOfTheFirstVersion(@ForAll long seed) {
    TrainedModel model = model(seed);
    Path file = folder.resolve("version");
    ModelFile.write(file, model, "1.2.3");
    boolean plain = !model.network().toString().matches(".*(no bias|normalised|residual).*");
    Map<String, String> metadata = Safetensors.read(file).metadata();
    boolean several = model.targets().columns().size() > 1;
    boolean shared = model.targets().freeOutputs() > 0;
    String version = shared ? "4" : several ? "3" : plain ? "1" : "2";
    assertEquals(version, metadata.get("format_version"));
    boolean says = metadata.get("architecture").matches(".*(bias|normalization|residual).*");
    assertEquals(plain, !says);
  }

  @Property(tries = 1)
  void refusesTensorsThatDoNotFit() {
    Path file = folder.resolve("tensors");
    TrainedModel model = model(2);
    ModelFile.write(file, model, "1.2.3");
    Safetensors content = Safetensors.read(file);
    List<Tensor> tensors = content.tensors();
    rewrite(file, content.metadata(), tensors.subList(1, tensors.size()));
    assertSays("its architecture needs", refused(file));
    Tensor first = tensors.get(0);
    double[] numbers = first.doubles().clone();
    List<Tensor> changed = new java.util.ArrayList<>(tensors);
    changed.set(0, tensor(first, numbers, first.length(), 1));
    rewrite(file, content.metadata(), changed);
    assertSays("of shape", refused(file));
    numbers[0] = Double.NaN;
    changed.set(0, tensor(first, numbers, first.shape()));
    rewrite(file, content.metadata(), changed);
    assertSays("parameter 0 is NaN", refused(file));
  }

  private static Tensor tensor(Tensor like, double[] numbers, long... shape) {
    if (like.type() == Tensor.Type.F64) {
      return Tensor.of(like.name(), numbers, shape);
    }
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return Tensor.of(like.name(), floats, shape);
  }
}
