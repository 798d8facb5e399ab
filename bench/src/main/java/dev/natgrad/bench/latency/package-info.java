/** Latency percentiles of what a service calls, each beside a control of plain arithmetic. */
package dev.natgrad.bench.latency;
