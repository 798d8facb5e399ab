/**
 * The Fisher matrix F = 1/B Σᵢ Jᵢᵀ F_z(zᵢ) Jᵢ of a model's output distribution over a batch: where
 * model and distribution meet.
 */
package dev.natgrad.fisher;
