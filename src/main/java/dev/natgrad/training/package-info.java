/** Data sets, batches, evaluation, the training loop, and the files that models are kept in. */
package dev.natgrad.training;
