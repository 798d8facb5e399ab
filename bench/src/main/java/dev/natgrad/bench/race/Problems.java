package dev.natgrad.bench.race;

import dev.natgrad.distribution.Bernoulli;
import dev.natgrad.distribution.Categorical;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Initialization;
import dev.natgrad.model.Mlp;
import dev.natgrad.model.Mlp.Layer;
import dev.natgrad.training.CsvTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The problems of the race, in F32. */
final class Problems {
  private static final long SEED = 1;

  private Problems() {}

  /** A file of the data, or null where they are absent. */
  static Path file(String name) {
    for (String folder :
        List.of(System.getProperty("natgrad.data", "../shared/data"), "../../shared/data")) {
      Path path = Path.of(folder, name);
      if (Files.isReadable(path)) {
        return path;
      }
    }
    return null;
  }

  /** Deep autoencoder of all 5000 images. */
  static RaceProblem autoencoder(Path images) {
    Workspace w = Workspace.create();
    double[] pixels = pixels(CsvTable.read(images));
    Mat x = matrix(w, pixels, 784);
    List<Layer> layers = new ArrayList<>();
    for (int width : new int[] {400, 100, 30, 100, 400, 784}) {
      boolean linear = width == 30 || width == 784;
      layers.add(new Layer(width, linear ? Activation.IDENTITY : Activation.TANH));
    }
    Mlp model = Mlp.of(784, layers);
    return new RaceProblem(
        "P1",
        w,
        x,
        x,
        model,
        new Bernoulli(784),
        glorot(w, model),
        goals("P1", 100, 72, 64, 60, 58, 56),
        40,
        0.1);
  }

  /** Classifier of 4000 of the images, drawn once. */
  static RaceProblem classifier(Path images) {
    Workspace w = Workspace.create();
    CsvTable table = CsvTable.read(images);
    double[] pixels = pixels(table);
    int[] order = permutation(table.rows());
    int n = 4000;
    double[] chosen = new double[n * 784];
    Mat y = Mat.allocate(w, n, 10, Precision.F32);
    for (int i = 0; i < n; i++) {
      System.arraycopy(pixels, order[i] * 784, chosen, i * 784, 784);
      y.set(i, (int) table.number(784, order[i]), 1);
    }
    Mlp model = Mlp.of(784, List.of(256, 128), Activation.TANH, 10);
    return new RaceProblem(
        "P2",
        w,
        matrix(w, chosen, 784),
        y,
        model,
        new Categorical(10),
        glorot(w, model),
        List.of(
            new Goal("P2 1e-1", 1e-1),
            new Goal("P2 1e-2", 1e-2),
            new Goal("P2 1e-3", 1e-3),
            new Goal("P2 1e-4", 1e-4)),
        4,
        0.01);
  }

  /** Logistic regression on the census data, text columns one-hot, with or without one scale. */
  static RaceProblem census(Path people, boolean standardised) {
    CsvTable table = CsvTable.read(people);
    int last = table.columns() - 1;
    int n = table.rows();
    List<double[]> columns = new ArrayList<>();
    for (int c = 0; c < last; c++) {
      if (table.isNumeric(c)) {
        double[] column = new double[n];
        for (int i = 0; i < n; i++) {
          column[i] = table.number(c, i);
        }
        columns.add(column);
      } else {
        for (int level = 0; level < table.levels(c).size(); level++) {
          double[] column = new double[n];
          for (int i = 0; i < n; i++) {
            column[i] = table.code(c, i) == level ? 1 : 0;
          }
          columns.add(column);
        }
      }
    }
    double[] labels = new double[n];
    for (int i = 0; i < n; i++) {
      labels[i] = table.levels(last).get(table.code(last, i)).startsWith(">") ? 1 : 0;
    }
    double[][] scaled = columns.stream().map(Problems::standard).toArray(double[][]::new);
    double optimum = Newton.logisticOptimum(scaled, labels);
    double[] values = new double[n * columns.size()];
    for (int c = 0; c < columns.size(); c++) {
      double[] column = standardised ? scaled[c] : columns.get(c);
      for (int i = 0; i < n; i++) {
        values[i * columns.size() + c] = column[i];
      }
    }
    Workspace w = Workspace.create();
    String name = standardised ? "P3 standardised" : "P3 raw";
    List<Goal> goals = new ArrayList<>();
    for (int digits = 1; digits <= 5; digits++) {
      double gap = Math.pow(10, -digits);
      goals.add(new Goal(name + " 1e-" + digits, optimum + gap));
    }
    Mlp model = Mlp.of(columns.size(), List.of(), Activation.IDENTITY, 1);
    return new RaceProblem(
        name,
        w,
        matrix(w, values, columns.size()),
        matrix(w, labels, 1),
        model,
        new Bernoulli(1),
        Vec.allocate(w, model.parameters(), Precision.F32),
        goals,
        standardised ? 3 : 15,
        0.002);
  }

  private static double[] standard(double[] column) {
    double mean = Arrays.stream(column).average().orElseThrow();
    double variance =
        Arrays.stream(column).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    return Arrays.stream(column).map(v -> (v - mean) / Math.sqrt(variance)).toArray();
  }

  private static List<Goal> goals(String problem, int... losses) {
    return Arrays.stream(losses).mapToObj(l -> new Goal(problem + " " + l, l)).toList();
  }

  private static Vec glorot(Workspace w, Mlp model) {
    Vec theta = Vec.allocate(w, model.parameters(), Precision.F32);
    Initialization.GLOROT.fill(model, SEED, theta);
    return theta;
  }

  /** Row by row, in [0, 1]. */
  private static double[] pixels(CsvTable table) {
    double[] pixels = new double[table.rows() * 784];
    for (int i = 0; i < table.rows(); i++) {
      for (int j = 0; j < 784; j++) {
        pixels[i * 784 + j] = table.number(j, i) / 255;
      }
    }
    return pixels;
  }

  private static Mat matrix(Workspace w, double[] values, int cols) {
    Mat matrix = Mat.allocate(w, values.length / cols, cols, Precision.F32);
    matrix.copyFrom(values);
    return matrix;
  }

  private static int[] permutation(int n) {
    SplittableRandom random = new SplittableRandom(SEED);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
