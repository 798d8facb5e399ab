/**
 * What a service embeds: {@link dev.natgrad.serving.SnapshotStore} publishes parameters to readers
 * of other threads, {@link dev.natgrad.serving.Predictor} answers requests from them.
 */
package dev.natgrad.serving;
