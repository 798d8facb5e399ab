/**
 * A natural-gradient engine: every update moves the model's predictive distribution by at most a
 * given KL divergence, in the caller's thread, without garbage and without native libraries.
 */
module dev.natgrad {
  requires jdk.incubator.vector;
  requires static java.management;
  requires static jdk.jfr;
  requires static jdk.management;

  exports dev.natgrad.distribution;
  exports dev.natgrad.fisher;
  exports dev.natgrad.linalg;
  exports dev.natgrad.memory;
  exports dev.natgrad.model;
  exports dev.natgrad.objective;
  exports dev.natgrad.operator;
  exports dev.natgrad.optimizer;
  exports dev.natgrad.random;
  exports dev.natgrad.report;
  exports dev.natgrad.serving;
  exports dev.natgrad.solver;
  exports dev.natgrad.state;
  exports dev.natgrad.training;
}
