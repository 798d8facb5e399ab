package dev.natgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.natgrad.distribution.Categorical;
import dev.natgrad.distribution.Gaussian;
import dev.natgrad.linalg.Mat;
import dev.natgrad.linalg.Vec;
import dev.natgrad.memory.Parallelism;
import dev.natgrad.memory.Precision;
import dev.natgrad.memory.Workspace;
import dev.natgrad.model.Activation;
import dev.natgrad.model.Mlp;
import dev.natgrad.optimizer.NaturalGradientOptions;
import dev.natgrad.serving.SampleQueue;
import dev.natgrad.serving.WarmUp;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/**
 * Random calls of everything public in the numerical packages, with whatever arguments have the
 * right type: overlapping, misaligned, closed, foreign, on the heap, huge, negative, null. Nothing
 * but exceptions comes of it, and no kernel's assertion is reached. {@code
 * -Dnatgrad.hostile.calls=1000000} makes as many calls as it says, {@code -Dnatgrad.hostile.seed}
 * others.
 */
class HostileCallsTest {
  private static final int CALLS = Integer.getInteger("natgrad.hostile.calls", 20_000);
  private static final long SEED = Long.getLong("natgrad.hostile.seed", 1);
  private static final int EPOCH = 1000;
  private static final long PATIENCE_SECONDS = 60;
  private static final int MOST_KEPT = 12;
  private static final long LIMIT = 1 << 24;

  private static final List<String> PACKAGES =
      List.of(
          "memory",
          "linalg",
          "operator",
          "solver",
          "model",
          "distribution",
          "objective",
          "fisher",
          "optimizer",
          "serving",
          "state");

  /** Threads by the thousand and warm-ups of seconds are what they are asked for. */
  private static final Set<Class<?>> LEFT_OUT = Set.of(Parallelism.class, WarmUp.class);

  /** Their memory is of no workspace, so no limit of this test holds it; tested by their own. */
  private static final Set<Class<?>> BUILT_HERE = Set.of(Workspace.class, SampleQueue.class);

  /** Ends what the others are called on. */
  private static final Set<String> ENDS = Set.of("close", "use", "hashCode", "equals");

  private static final long[] WHOLES = {
    -1, 0, 1, 2, 3, 4, 5, 7, 8, 12, 64, 1000, 1 << 16, Integer.MAX_VALUE, Integer.MIN_VALUE
  };
  private static final double[] NUMBERS = {
    0, 1, -1, 0.5, 1e-3, 1e300, -1e300, 1e-320, Double.NaN, Double.POSITIVE_INFINITY
  };

  private final Random random = new Random(SEED);
  private final List<Executable> calls = new ArrayList<>();
  private final List<Object> kept = new ArrayList<>();
  private final Map<String, Integer> seen = new TreeMap<>();
  private final List<SampleQueue> queues = new ArrayList<>();
  private final Map<String, String> wrong = new TreeMap<>();
  private Arena arena;

  HostileCallsTest() throws IOException {
    Path root = Path.of(System.getProperty("natgrad.classes", "target/classes"), "dev", "natgrad");
    for (String name : PACKAGES) {
      try (var files = Files.list(root.resolve(name))) {
        for (Path file : files.sorted().toList()) {
          String type = file.getFileName().toString();
          if (type.endsWith(".class") && !type.equals("package-info.class")) {
            add("dev.natgrad." + name + "." + type.substring(0, type.length() - 6));
          }
        }
      }
    }
  }

  private void add(String name) {
    Class<?> type;
    try {
      type = Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
    if (!Modifier.isPublic(type.getModifiers()) || LEFT_OUT.contains(type)) {
      return;
    }
    List<Executable> found = new ArrayList<>();
    if (!Modifier.isAbstract(type.getModifiers()) && !BUILT_HERE.contains(type)) {
      found.addAll(List.of(type.getConstructors()));
    }
    for (Method method : type.getMethods()) {
      boolean own = method.getDeclaringClass().getName().startsWith("dev.natgrad");
      boolean builds = BUILT_HERE.contains(type) && BUILT_HERE.contains(method.getReturnType());
      if (own && !builds && !ENDS.contains(method.getName()) && !method.isSynthetic()) {
        found.add(method);
      }
    }
    // Public methods of a type that is not: reachable by its public heirs.
    found.forEach(Executable::trySetAccessible);
    found.sort(Comparator.comparing(Executable::toString));
    calls.addAll(found);
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private MemorySegment segment() {
    int bytes = 8 * random.nextInt(100);
    return switch (random.nextInt(6)) {
      case 0 -> MemorySegment.ofArray(new byte[bytes]);
      case 1 -> MemorySegment.ofArray(new double[bytes / 8]).asReadOnly();
      case 2 -> arena.allocate(bytes + 1L).asSlice(1);
      case 3 -> {
        try (Arena closed = Arena.ofConfined()) {
          yield closed.allocate(bytes + 1L);
        }
      }
      case 4 -> MemorySegment.NULL;
      default -> arena.allocate(bytes + 64L, 64);
    };
  }

  /** A value of a type, or a reason to leave the call out. */
  private Object value(Class<?> type) {
    if (type == int.class) {
      return (int) WHOLES[random.nextInt(WHOLES.length)];
    } else if (type == long.class) {
      return random.nextInt(20) == 0 ? random.nextLong() : WHOLES[random.nextInt(WHOLES.length)];
    } else if (type == double.class) {
      return NUMBERS[random.nextInt(NUMBERS.length)];
    } else if (type == float.class) {
      return (float) NUMBERS[random.nextInt(NUMBERS.length)];
    } else if (type == boolean.class) {
      return random.nextBoolean();
    } else if (random.nextInt(40) == 0) {
      return null;
    } else if (type.isEnum()) {
      return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
    } else if (type.isArray()) {
      Object array = Array.newInstance(type.getComponentType(), random.nextInt(40));
      for (int i = 0; i < Array.getLength(array); i++) {
        Array.set(array, i, value(type.getComponentType()));
      }
      return array;
    } else if (type == MemorySegment.class) {
      return segment();
    } else if (type == String.class) {
      return random.nextBoolean() ? "" : "a/b";
    } else if (type == LongSupplier.class) {
      return (LongSupplier) System::nanoTime;
    } else if (type == BooleanSupplier.class) {
      return (BooleanSupplier) () -> true;
    } else if (type == List.class) {
      return new ArrayList<>(kept);
    }
    List<Object> fitting = kept.stream().filter(type::isInstance).toList();
    if (fitting.isEmpty()) {
      throw new UnsupportedOperationException(type.getName());
    }
    return any(fitting);
  }

  /** New workspaces and what to begin with. */
  private List<Workspace> begin(ExecutorService other) throws Exception {
    kept.clear();
    List<Workspace> open = new ArrayList<>();
    Workspace own = Workspace.create(LIMIT);
    Workspace closed = Workspace.create(LIMIT);
    Workspace foreign = other.submit(() -> Workspace.create(LIMIT)).get();
    open.add(own);
    open.add(foreign);
    for (Precision precision : Precision.values()) {
      keep(own, precision);
      keep(closed, precision);
      other.submit(() -> keep(foreign, precision)).get();
    }
    closed.close();
    kept.add(Mlp.of(3, List.of(4), Activation.TANH, 2));
    kept.add(new Categorical(2));
    kept.add(new Gaussian(2));
    kept.add(NaturalGradientOptions.automatic());
    queues.forEach(SampleQueue::close);
    queues.clear();
    for (Precision precision : Precision.values()) {
      queues.add(new SampleQueue(3, 2, precision, 16));
      queues.add(SampleQueue.weighted(3, 2, precision, 16));
    }
    kept.addAll(queues);
    return open;
  }

  /** Closes a workspace unless others hold a lease on it, perhaps each on the other. */
  private static void end(Workspace workspace) {
    if (workspace.leases() == 0) {
      workspace.close();
    }
  }

  private void keep(Workspace workspace, Precision precision) {
    kept.add(workspace);
    for (int length : new int[] {1, 3, 26, 64}) {
      Vec v = Vec.allocate(workspace, length, precision);
      kept.add(v);
      kept.add(v.slice(length / 2, length - length / 2));
    }
    for (int rows : new int[] {1, 3, 8}) {
      Mat a = Mat.allocate(workspace, rows, 3, precision);
      kept.add(a);
      kept.add(a.top(Math.max(1, rows / 2)));
      kept.add(Mat.allocate(workspace, rows, 2, precision));
    }
  }

  private void keep(Object result) {
    if (result == null || !result.getClass().getName().startsWith("dev.natgrad")) {
      return;
    }
    Class<?> type = result.getClass();
    List<Object> same = kept.stream().filter(type::isInstance).toList();
    if (same.size() >= MOST_KEPT) {
      Object old = any(same);
      kept.removeIf(one -> one == old);
    }
    kept.add(result);
  }

  private void call(Executable executable, Object target, Object[] arguments) {
    String end;
    long start = System.nanoTime();
    try {
      Object result =
          executable instanceof Constructor<?> c
              ? c.newInstance(arguments)
              : ((Method) executable).invoke(target, arguments);
      keep(result);
      end = "returned";
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      boolean allowed = cause instanceof RuntimeException || cause instanceof OutOfMemoryError;
      if (!allowed) {
        String what = executable + " " + Arrays.deepToString(arguments) + " " + cause;
        wrong.putIfAbsent(executable + " " + cause.getClass(), what);
      }
      end = cause.getClass().getSimpleName();
    } catch (InstantiationException | IllegalAccessException e) {
      throw new AssertionError(e);
    }
    long seconds = (System.nanoTime() - start) / 1_000_000_000L;
    if (seconds >= PATIENCE_SECONDS) {
      wrong.put(executable.toString(), executable + " took " + seconds + " s");
    }
    seen.merge(end, 1, Integer::sum);
  }

  /** Makes a call, or tells that there is nothing of some type to make it with. */
  private boolean one(ExecutorService other) throws Exception {
    Executable executable = any(calls);
    Object target = null;
    Object[] arguments = new Object[executable.getParameterCount()];
    try {
      if (executable instanceof Method m && !Modifier.isStatic(m.getModifiers())) {
        target = value(m.getDeclaringClass());
        if (target == null) {
          return false;
        }
      }
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = value(executable.getParameterTypes()[i]);
      }
    } catch (UnsupportedOperationException e) {
      return false;
    }
    Object on = target;
    if (random.nextInt(16) == 0) {
      other.submit(() -> call(executable, on, arguments)).get();
    } else {
      call(executable, on, arguments);
    }
    return true;
  }

  @Test
  void onlyExceptionsComeOfThem() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      for (int done = 0; done < CALLS; done += EPOCH) {
        arena = Arena.ofConfined();
        List<Workspace> open = begin(other);
        for (int i = 0; i < EPOCH; ) {
          i += one(other) ? 1 : 0;
        }
        arena.close();
        end(open.get(0));
        other.submit(() -> end(open.get(1))).get();
        end(open.get(0));
      }
    }
    System.out.println(CALLS + " hostile calls of " + calls.size() + " methods: " + seen);
    assertEquals("", String.join("\n", wrong.values()));
    assertTrue(seen.get("returned") > CALLS / 10, seen::toString);
  }
}
