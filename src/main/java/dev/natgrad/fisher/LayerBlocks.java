package dev.natgrad.fisher;

import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.model.LayeredLinearization.DenseLayer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Vectors of P parameters cut into the matrices of dense layers, bias below the weights, and the
 * gaps between them. The cuts of the last {@value #KEPT} vectors are remembered, so that repeated
 * calls allocate nothing.
 */
final class LayerBlocks {
  private static final int KEPT = 16;

  /** The parts of one vector. */
  static final class Parts {
    final Mat[] layers;
    final Vec[] gaps;
    private final Vec vector;

    private Parts(LayerBlocks blocks, Vec vector) {
      this.vector = vector;
      this.layers = new Mat[blocks.layers.size()];
      for (int l = 0; l < layers.length; l++) {
        DenseLayer layer = blocks.layers.get(l);
        layers[l] =
            vector
                .slice(layer.weightOffset(), layer.parameters())
                .asMat(layer.rows(), layer.outputs());
      }
      this.gaps = new Vec[blocks.gaps.size()];
      for (int i = 0; i < gaps.length; i++) {
        gaps[i] = vector.slice(blocks.gaps.get(i).offset, blocks.gaps.get(i).length);
      }
    }
  }

  /** Parameters next to each other. */
  record Range(int offset, int length) {}

  final List<DenseLayer> layers;
  final List<Range> gaps;

  /** The number of parameters in layers. */
  final int covered;

  private final Parts[] kept = new Parts[KEPT];
  private int next;

  LayerBlocks(List<DenseLayer> layers, int parameters) {
    FisherCheck.atLeastOne("parameters", parameters);
    this.layers = List.copyOf(layers);
    List<DenseLayer> inOrder = new ArrayList<>(layers);
    inOrder.sort(Comparator.comparingInt(DenseLayer::weightOffset));
    List<Range> found = new ArrayList<>();
    int at = 0;
    int inLayers = 0;
    for (DenseLayer layer : inOrder) {
      inLayers += layer.parameters();
      if (layer.weightOffset() < at || layer.weightOffset() + layer.parameters() > parameters) {
        throw new IllegalArgumentException(
            "the layers overlap, or end after the " + parameters + " parameters, at " + layer);
      }
      if (layer.weightOffset() > at) {
        found.add(new Range(at, layer.weightOffset() - at));
      }
      at = layer.weightOffset() + layer.parameters();
    }
    if (at < parameters) {
      found.add(new Range(at, parameters - at));
    }
    this.covered = inLayers;
    this.gaps = List.copyOf(found);
  }

  Parts of(Vec vector) {
    for (Parts known : kept) {
      if (known != null && known.vector == vector) {
        return known;
      }
    }
    Parts parts = new Parts(this, vector);
    kept[next] = parts;
    next = (next + 1) % KEPT;
    return parts;
  }

  /** The largest number of parameters of a layer. */
  static int largest(List<DenseLayer> layers) {
    return layers.stream().mapToInt(DenseLayer::parameters).max().orElse(0);
  }

  /** The largest order of a Kronecker factor. */
  static int largestOrder(List<DenseLayer> layers) {
    return layers.stream().mapToInt(l -> Math.max(l.rows(), l.outputs())).max().orElse(0);
  }
}
