/**
 * Kernels that read matrices of either precision and compute in double: for sums of logarithms,
 * divergences and error bounds, where float would cancel.
 */
package dev.natgrad.kernel.wide;
