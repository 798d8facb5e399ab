/**
 * A service that learns while it serves: the JDK's HTTP server, JSON by Jackson, one updater, a
 * predictor for each request thread. And a client that puts a bounded load on it.
 */
package dev.natgrad.bench.service;
