/**
 * What the kernels of both precisions share: the vector width, the address space, blocking.
 *
 * <p>A kernel calls no method on a vector that a loop carries, and passes none to a method: C2 must
 * know every receiver's class without a profile, or its vectors stay objects for good.
 */
package dev.natgrad.kernel;
