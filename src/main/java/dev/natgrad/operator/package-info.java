/** Symmetric linear operators known only by their products. */
package dev.natgrad.operator;
