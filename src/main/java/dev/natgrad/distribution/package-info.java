/**
 * Output distributions: what a row of model outputs z says about a row of targets y. A distribution
 * knows no model. All but {@link dev.natgrad.distribution.Weighted} are immutable and usable from
 * any thread on matrices that thread owns.
 */
package dev.natgrad.distribution;
