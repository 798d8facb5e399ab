/** Solvers of symmetric linear systems that see an operator only through its products. */
package dev.natgrad.solver;
