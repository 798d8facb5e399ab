/**
 * Vectors and matrices in off-heap memory, and the facade over the kernels.
 *
 * <p>{@link dev.natgrad.linalg.Vec} and {@link dev.natgrad.linalg.Mat} are views: an owner, an
 * address, a shape, a row stride and a precision. {@link dev.natgrad.linalg.Blas} and {@link
 * dev.natgrad.linalg.Maps} check every argument once (liveness, thread, precision, shape, overlap)
 * and call the kernel of the precision; nothing below them checks again.
 */
package dev.natgrad.linalg;
