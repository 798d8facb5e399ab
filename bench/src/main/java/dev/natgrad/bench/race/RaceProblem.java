package dev.natgrad.bench.race;

import dev.natgrad.distribution.OutputDistribution;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Model;
import java.util.List;

/**
 * What is raced on: samples, a model with its start, and the losses to reach.
 *
 * @param name such as {@code P1}
 * @param workspace the owner of the samples and the start
 * @param x inputs, one sample a row
 * @param y targets, one sample a row
 * @param model the model
 * @param distribution of its targets
 * @param start θ at the start
 * @param goals the losses, falling
 * @param seconds the budget of one run
 * @param pause training seconds between two evaluations
 */
record RaceProblem(
    String name,
    Workspace workspace,
    Mat x,
    Mat y,
    Model model,
    OutputDistribution distribution,
    Vec start,
    List<Goal> goals,
    double seconds,
    double pause)
    implements AutoCloseable {
  int samples() {
    return x.rows();
  }

  @Override
  public void close() {
    workspace.close();
  }
}
