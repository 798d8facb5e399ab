package dev.natgrad.bench.policy;

/**
 * What the search leaves open.
 *
 * @param mostSteps of the environment that training may take
 * @param batch steps between two updates
 * @param hidden units of the one hidden layer of either network
 * @param epsilon the most mean KL(old‖new) of a policy's update, in nats
 * @param damping λ of the policy's updates, in units of tr(F)/P
 * @param discount γ
 * @param decay λ of the advantages
 * @param valueSteps natural-gradient steps of the value's network after each batch
 * @param promising where the last {@value Rollout#RECENT} episodes return this on average, the
 *     greedy policy is tried
 * @param tries training ends where so many greedy episodes in a row last to their cut; their steps
 *     count as training
 */
record Settings(
    int mostSteps,
    int batch,
    int hidden,
    double epsilon,
    double damping,
    double discount,
    double decay,
    int valueSteps,
    double promising,
    int tries) {
  /** The one setting of the scorecard. */
  static Settings standard() {
    return new Settings(100_000, 2000, 32, 0.01, 0.3, 0.99, 0.97, 5, 450, 10);
  }
}
