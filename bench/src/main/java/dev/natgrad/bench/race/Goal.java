package dev.natgrad.bench.race;

/**
 * A training loss to be reached.
 *
 * @param name as the results call it, such as {@code P2 1e-3}
 * @param loss the mean negative log-likelihood of the training samples, in nats
 */
record Goal(String name, double loss) {}
