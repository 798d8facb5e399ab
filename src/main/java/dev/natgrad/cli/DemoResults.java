package dev.natgrad.cli;

import dev.natgrad.demo.CurvesStudy;
import dev.natgrad.demo.GaussianStudy;
import dev.natgrad.demo.SpiralStudy;

/**
 * Everything the demo found out.
 *
 * @param seed the seed of everything
 * @param seconds training time of all runs together, seconds
 * @param gaussian the first problem
 * @param spirals the second
 * @param curves the third
 */
record DemoResults(
    long seed, double seconds, GaussianStudy gaussian, SpiralStudy spirals, CurvesStudy curves) {}
