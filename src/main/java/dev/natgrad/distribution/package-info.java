/**
 * Output distributions: what a row of model outputs z says about a row of targets y. A distribution
 * knows no model. All are stateless and usable from any thread on matrices that thread owns.
 */
package dev.natgrad.distribution;
