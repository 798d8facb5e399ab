/** What the kernels of both precisions share: the vector width, the address space, blocking. */
package dev.natgrad.kernel;
