/**
 * What a step lowers: a function of a model's outputs and a batch's targets, apart from the
 * distribution whose Fisher matrix and KL divergence measure the step.
 */
package dev.natgrad.objective;
