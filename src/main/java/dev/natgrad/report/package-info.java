/**
 * Pictures of training runs: one self-contained HTML file with inline SVG, readable without a
 * script, in light and dark, and by a screen reader.
 *
 * <p>The package takes plain arrays and strings and depends on no other part of natgrad, so a
 * service can draw its own runs with it. Nothing here is meant for a hot path: everything allocates
 * on the heap.
 */
package dev.natgrad.report;
