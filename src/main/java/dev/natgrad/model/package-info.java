/**
 * Models: functions z = f(θ, x) from parameters and inputs to outputs, with the products J·v and
 * Jᵀ·u of their Jacobian J = ∂z/∂θ. A model knows no loss and no distribution.
 */
package dev.natgrad.model;
