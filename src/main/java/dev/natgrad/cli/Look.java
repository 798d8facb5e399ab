package dev.natgrad.cli;

import dev.natgrad.training.Diagnostics;

/**
 * Diagnostics of a run.
 *
 * @param step the steps made before
 * @param found what was found
 */
record Look(long step, Diagnostics found) {}
