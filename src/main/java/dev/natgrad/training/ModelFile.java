package dev.natgrad.training;

import dev.natgrad.json.Json;
import dev.natgrad.json.JsonException;
import dev.natgrad.memory.Precision;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Normalization;
import dev.natgrad.model.ParameterLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A {@link TrainedModel} as a safetensors file: one tensor for each block of the network's layout,
 * under the block's name, after them {@value #SHARED} where all rows share their log-variances, and
 * in the metadata, each as text:
 *
 * <ul>
 *   <li>{@code format}: {@value #FORMAT}; {@code format_version}: 1 to {@value #FORMAT_VERSION};
 *       {@code natgrad_version}: that of the writer;
 *   <li>{@code architecture}: JSON with {@code inputs} and {@code layers}, each of a {@code width}
 *       and an {@code activation} and, where they are not as in a plain layer, {@code bias}
 *       (false), {@code normalization} and {@code residual} (the layers of the block);
 *   <li>{@code distribution} and {@code precision}: their names;
 *   <li>{@code features}, {@code target}, {@code training}: JSON of the encoders and the summary;
 *   <li>{@code checksum}: CRC-32C, in eight hexadecimal digits, over the other entries sorted by
 *       key and then the tensors in their order, so that no damage passes for another model.
 * </ul>
 *
 * <p>Any thread may call it.
 */
public final class ModelFile {
  /** What the file says it is. */
  public static final String FORMAT = "natgrad-model";

  /**
   * The newest version; later ones are refused. A model is written as the oldest version that can
   * say it: 1 for plain networks, which every natgrad reads, 2 for other layers, 3 for several
   * targets, 4 for log-variances that all rows share.
   */
  public static final int FORMAT_VERSION = 4;

  /** The tensor of the log-variances that all rows share, one for each target. */
  public static final String SHARED = "log_variance";

  private static final String CHECKSUM = "checksum";

  private ModelFile() {}

  /**
   * Writes a model, whole or not at all.
   *
   * @param file where to
   * @param model the model
   * @param version the version of natgrad that writes
   * @throws DataException if the file cannot be written; the old one is then intact
   */
  public static void write(Path file, TrainedModel model, String version) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("format_version", Integer.toString(version(model)));
    metadata.put("natgrad_version", version);
    metadata.put("architecture", Json.write(architecture(model.network())));
    metadata.put("distribution", TrainedModel.distributionName(model.targets()));
    metadata.put("precision", model.precision().name());
    metadata.put("features", Json.write(model.features().toJson()));
    metadata.put("target", Json.write(model.targets().toJson()));
    metadata.put("training", Json.write(model.summary()));
    List<Tensor> tensors = tensors(model);
    metadata.put(CHECKSUM, checksum(metadata, tensors));
    new Safetensors(metadata, tensors).write(file);
  }

  private static int version(TrainedModel model) {
    if (model.targets().freeOutputs() > 0) {
      return 4;
    }
    return model.targets().columns().size() > 1 ? 3 : plain(model.network()) ? 1 : 2;
  }

  /** Whether version 1 says everything: it would take a residual block for plain layers. */
  private static boolean plain(Mlp network) {
    return network.layers().stream()
        .allMatch(l -> l.equals(new Mlp.Layer(l.width(), l.activation())));
  }

  private static Map<String, Object> architecture(Mlp network) {
    List<Object> layers = new ArrayList<>();
    for (Mlp.Layer layer : network.layers()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("width", layer.width());
      entry.put("activation", layer.activation().label());
      if (!layer.bias()) {
        entry.put("bias", false);
      }
      if (layer.normalization() != Normalization.NONE) {
        entry.put("normalization", layer.normalization().label());
      }
      if (layer.residual() > 0) {
        entry.put("residual", layer.residual());
      }
      layers.add(entry);
    }
    Map<String, Object> architecture = new LinkedHashMap<>();
    architecture.put("inputs", network.inputs());
    architecture.put("layers", layers);
    return architecture;
  }

  private static List<Tensor> tensors(TrainedModel model) {
    List<Tensor> tensors = new ArrayList<>();
    for (ParameterLayout.Block block : blocks(model.network(), model.targets())) {
      int end = block.offset() + block.length();
      double[] numbers = Arrays.copyOfRange(model.parameters(), block.offset(), end);
      if (model.precision() == Precision.F64) {
        tensors.add(Tensor.of(block.name(), numbers, shape(block)));
      } else {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) numbers[i];
        }
        tensors.add(Tensor.of(block.name(), floats, shape(block)));
      }
    }
    return tensors;
  }

  private static List<ParameterLayout.Block> blocks(Mlp network, TargetEncoder targets) {
    List<ParameterLayout.Block> blocks = new ArrayList<>(network.layout().blocks());
    int free = targets.freeOutputs();
    if (free > 0) {
      blocks.add(new ParameterLayout.Block(SHARED, network.parameters(), 1, free, true));
    }
    return blocks;
  }

  private static long[] shape(ParameterLayout.Block block) {
    return block.vector() ? new long[] {block.length()} : new long[] {block.rows(), block.cols()};
  }

  /**
   * Reads a model.
   *
   * @param file a file that {@link #write} wrote
   * @return an equal model
   * @throws DataException if the file is missing, no safetensors file or no model of natgrad, of a
   *     later format, damaged anywhere, or if its parts do not fit each other
   */
  public static TrainedModel read(Path file) {
    Safetensors content = Safetensors.read(file);
    try {
      return model(content);
    } catch (JsonException e) {
      throw new DataException(file + ": its metadata are damaged: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new DataException(file + ": " + e.getMessage(), e);
    }
  }

  private static TrainedModel model(Safetensors content) {
    Map<String, String> metadata = content.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new DataException(
          "is a safetensors file but no natgrad model; give a file written by train --save");
    }
    String written = entry(metadata, "format_version");
    if (!written.matches("[1-9]") || Integer.parseInt(written) > FORMAT_VERSION) {
      throw new DataException(
          "has format version "
              + DataException.quote(written)
              + " (natgrad "
              + metadata.get("natgrad_version")
              + "); this natgrad reads versions 1 to "
              + FORMAT_VERSION
              + ": use the one that wrote it, or a newer one");
    }
    String checksum = entry(metadata, CHECKSUM);
    if (!checksum.equals(checksum(metadata, content.tensors()))) {
      throw new DataException(
          "its checksum is wrong; the file is damaged: fetch or train it again");
    }
    Precision precision = new Fields(metadata, "metadata").choice("precision", Precision.class);
    FeatureEncoder features = FeatureEncoder.fromJson(json(metadata, "features"));
    TargetEncoder targets = TargetEncoder.fromJson(json(metadata, "target"));
    String distribution = TrainedModel.distributionName(targets);
    if (!distribution.equals(entry(metadata, "distribution"))) {
      throw new DataException(
          "its distribution is "
              + DataException.quote(entry(metadata, "distribution"))
              + ", but its target needs "
              + distribution);
    }
    Mlp network = network(Fields.of(json(metadata, "architecture"), "architecture"));
    double[] parameters = parameters(blocks(network, targets), precision, content.tensors());
    return new TrainedModel(
        network, precision, features, targets, parameters, summary(json(metadata, "training")));
  }

  private static Mlp network(Fields architecture) {
    int inputs = architecture.index("inputs", Integer.MAX_VALUE);
    List<Mlp.Layer> layers = new ArrayList<>();
    for (Object item : architecture.list("layers")) {
      Fields layer = Fields.of(item, "architecture: a layer");
      layers.add(
          new Mlp.Layer(
              layer.index("width", Integer.MAX_VALUE),
              Activation.of(layer.text("activation")),
              !layer.has("bias") || layer.flag("bias"),
              layer.has("normalization")
                  ? Normalization.of(layer.text("normalization"))
                  : Normalization.NONE,
              layer.has("residual") ? layer.index("residual", Integer.MAX_VALUE) : 0));
    }
    return Mlp.of(inputs, layers);
  }

  private static double[] parameters(
      List<ParameterLayout.Block> blocks, Precision precision, List<Tensor> tensors) {
    List<String> expected = blocks.stream().map(ParameterLayout.Block::name).toList();
    List<String> found = tensors.stream().map(Tensor::name).toList();
    if (!expected.equals(found)) {
      throw new DataException("has the tensors " + found + "; its architecture needs " + expected);
    }
    for (int i = 0; i < blocks.size(); i++) {
      Tensor tensor = tensors.get(i);
      boolean fits = Arrays.equals(tensor.shape(), shape(blocks.get(i)));
      if (!fits || !tensor.type().name().equals(precision.name())) {
        throw new DataException(
            "its tensor "
                + tensor.name()
                + " is "
                + tensor.type()
                + " of shape "
                + Arrays.toString(tensor.shape())
                + "; its architecture needs "
                + precision
                + " of shape "
                + Arrays.toString(shape(blocks.get(i))));
      }
    }
    double[] parameters = new double[blocks.stream().mapToInt(ParameterLayout.Block::length).sum()];
    for (int i = 0; i < blocks.size(); i++) {
      double[] numbers = tensors.get(i).doubles();
      System.arraycopy(numbers, 0, parameters, blocks.get(i).offset(), numbers.length);
    }
    return parameters;
  }

  private static Map<String, Object> summary(Object json) {
    if (!(json instanceof Map<?, ?> map)) {
      throw new DataException("its training summary is not an object; the model file is damaged");
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    map.forEach((key, value) -> summary.put((String) key, value));
    return summary;
  }

  private static Object json(Map<String, String> metadata, String key) {
    return Json.parse(entry(metadata, key));
  }

  private static String entry(Map<String, String> metadata, String key) {
    String text = metadata.get(key);
    if (text == null) {
      throw new DataException("its metadata have no " + key + "; the model file is damaged");
    }
    return text;
  }

  static String checksum(Map<String, String> metadata, List<Tensor> tensors) {
    CRC32C sum = new CRC32C();
    for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
      if (!entry.getKey().equals(CHECKSUM)) {
        add(sum, entry.getKey());
        add(sum, entry.getValue());
      }
    }
    for (Tensor tensor : tensors) {
      add(sum, tensor.name());
      add(sum, tensor.type() + Arrays.toString(tensor.shape()));
      ByteBuffer number = ByteBuffer.allocate(Double.BYTES);
      for (double value : tensor.doubles()) {
        sum.update(number.clear().putDouble(value).array());
      }
    }
    return String.format("%08x", sum.getValue());
  }

  /** With its length before it, so that no two lists of texts look the same. */
  private static void add(CRC32C sum, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sum.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    sum.update(bytes);
  }
}
