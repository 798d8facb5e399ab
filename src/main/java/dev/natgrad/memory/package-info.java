/**
 * Off-heap memory with one owner: {@link dev.natgrad.memory.Workspace} hands it out, 64-byte
 * aligned, and frees all of it at once. No arithmetic lives here.
 */
package dev.natgrad.memory;
