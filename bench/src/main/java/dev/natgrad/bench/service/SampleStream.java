package dev.natgrad.bench.service;

import dev.natgrad.random.Philox;
import java.nio.charset.StandardCharsets;

/**
 * Requests of drawn samples; the class is the largest of ten fixed linear functions of the
 * features, so there is something to learn.
 */
final class SampleStream {
  private static final int INPUTS = ServiceOptions.INPUTS;
  private static final int CLASSES = ServiceOptions.CLASSES;
  private static final long TEACHER = 77;
  private static final int DECIMALS = 1000;

  private final Philox random;

  SampleStream(long seed) {
    random = new Philox(seed, 1);
  }

  byte[] predict(int samples) {
    StringBuilder body = new StringBuilder("{\"x\":");
    features(body, samples, null);
    return request("/predict", body.append('}'));
  }

  byte[] learn(int samples) {
    StringBuilder body = new StringBuilder("{\"x\":");
    int[] label = new int[samples];
    features(body, samples, label);
    body.append(",\"label\":").append(java.util.Arrays.toString(label));
    return request("/learn", body.append('}'));
  }

  private static byte[] request(String path, StringBuilder body) {
    return HttpConnection.post(path, body.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void features(StringBuilder body, int samples, int[] label) {
    double[] x = new double[INPUTS];
    for (int i = 0; i < samples; i++) {
      body.append(i == 0 ? "[" : ",");
      for (int j = 0; j < INPUTS; j++) {
        x[j] = Math.rint(random.nextGaussian() * DECIMALS) / DECIMALS;
        body.append(j == 0 ? '[' : ',').append(x[j]);
      }
      body.append(']');
      if (label != null) {
        label[i] = label(x);
      }
    }
    body.append(']');
  }

  private static int label(double[] x) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < CLASSES; c++) {
      double sum = 0;
      for (int j = 0; j < INPUTS; j++) {
        sum += x[j] * Philox.normal(TEACHER, c, j);
      }
      if (sum > most) {
        most = sum;
        best = c;
      }
    }
    return best;
  }
}
