/**
 * What the kernels of both precisions share: the vector width, the address space, blocking.
 *
 * <p>A kernel calls no method on a vector that a loop carries, and passes none to a method: C2 must
 * know every receiver's class without a profile, or its vectors stay objects for good. For the same
 * reason it uses one species an element type where it can, and no method is too long for C1, which
 * counts a masked access several times.
 */
package dev.natgrad.kernel;
