/**
 * The three problems of {@code natgrad demo}: their data, drawn from a seed, a model and a
 * distribution as a user would write their own, and the contests of the optimisers. Not exported.
 */
package dev.natgrad.demo;
