package dev.natgrad;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Imports go one way; what a package may import is written here and nowhere else. */
class ArchitectureTest {
  private static final String ROOT = "dev.natgrad.";
  private static final Map<String, String> MAY_IMPORT = new TreeMap<>();

  static {
    MAY_IMPORT.put("memory", "");
    MAY_IMPORT.put("json", "");
    MAY_IMPORT.put("files", "");
    MAY_IMPORT.put("report", "files");
    MAY_IMPORT.put("random", "");
    MAY_IMPORT.put("kernel", "");
    MAY_IMPORT.put("linalg", "kernel memory");
    MAY_IMPORT.put("operator", "linalg memory");
    MAY_IMPORT.put("state", "linalg");
    MAY_IMPORT.put("solver", "operator state linalg memory random");
    MAY_IMPORT.put("model", "linalg memory random");
    MAY_IMPORT.put("distribution", "linalg memory random");
    MAY_IMPORT.put("objective", "distribution linalg memory");
    MAY_IMPORT.put("fisher", "operator model distribution state linalg memory random");
    MAY_IMPORT.put(
        "optimizer",
        "objective fisher solver operator model distribution state linalg memory random");
    MAY_IMPORT.put(
        "training",
        "optimizer objective fisher solver model distribution state linalg memory random json"
            + " files");
    MAY_IMPORT.put(
        "serving",
        "optimizer objective fisher solver operator model distribution state linalg memory random");
    MAY_IMPORT.put(
        "demo", "report training optimizer fisher model distribution linalg memory random json");
  }

  private static final Set<String> LOOSE =
      Set.of(
          "exp", "expm1", "log", "log10", "log1p", "pow", "cbrt", "hypot", "sin", "cos", "tan",
          "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh");

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes = new ClassFileImporter().importPath(Path.of("target", "classes"));
  }

  /** The package after dev.natgrad; all kernels are one. */
  private static String part(JavaClass type) {
    JavaClass owner = type.getBaseComponentType();
    if (!owner.getPackageName().startsWith(ROOT)) {
      return "";
    }
    String name = owner.getPackageName().substring(ROOT.length());
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  @Test
  void importsGoOneWay() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : classes) {
      String from = part(type);
      if (from.isEmpty() || from.equals("cli")) {
        continue;
      }
      Assertions.assertTrue(
          MAY_IMPORT.containsKey(from), () -> "say here what package " + from + " may import");
      Set<String> allowed = new TreeSet<>(Arrays.asList(MAY_IMPORT.get(from).split(" ")));
      allowed.add(from);
      type.getDirectDependenciesFromSelf().stream()
          .filter(d -> !part(d.getTargetClass()).isEmpty())
          .filter(d -> !allowed.contains(part(d.getTargetClass())))
          .forEach(d -> wrong.add(d.getDescription()));
    }
    Assertions.assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
  }

  @Test
  void theTestSeesTheClasses() {
    for (String part : List.of("kernel", "linalg", "optimizer", "training", "cli")) {
      Assertions.assertTrue(
          classes.stream().anyMatch(type -> part(type).equals(part)), () -> "nothing in " + part);
    }
  }

  @Test
  void noPackagesImportEachOther() {
    slices().matching("dev.natgrad.(*)..").should().beFreeOfCycles().check(classes);
  }

  @Test
  void kernelsImportOnlyTheJdk() {
    ArchRuleDefinition.classes()
        .that()
        .resideInAPackage("dev.natgrad.kernel..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.natgrad.kernel..", "java..", "jdk.incubator.vector..")
        .check(classes);
  }

  @Test
  void onlyLinalgImportsKernels() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackages("dev.natgrad.kernel..", "dev.natgrad.linalg..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.natgrad.kernel..")
        .check(classes);
  }

  /** A kernel of one precision that reaches into the other is a slip of the generator's. */
  @Test
  void kernelsOfOnePrecisionDoNotImportTheOther() {
    for (String[] pair : new String[][] {{"f32", "f64"}, {"f64", "f32"}}) {
      ArchRuleDefinition.noClasses()
          .that()
          .resideInAPackage("dev.natgrad.kernel." + pair[0])
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.natgrad.kernel." + pair[1])
          .check(classes);
    }
  }

  @Test
  void theRuntimeDependsOnNothingButTheJdk() {
    DescribedPredicate<JavaClass> jdkOrOurs =
        DescribedPredicate.describe(
            "of the JDK or ours",
            type -> {
              String name = type.getBaseComponentType().getName();
              return type.getBaseComponentType().isPrimitive()
                  || name.startsWith(ROOT)
                  || name.startsWith("java.")
                  || name.startsWith("javax.")
                  || name.startsWith("jdk.")
                  || name.startsWith("com.sun.management.");
            });
    ArchRuleDefinition.classes()
        .that()
        .resideInAPackage("dev.natgrad..")
        .should()
        .onlyDependOnClassesThat(jdkOrOurs)
        .check(classes);
  }

  /**
   * Every compiler and platform may have a Math.exp of its own; StrictMath has one. Reports, what
   * the command line prints and the demo's own distribution have no bits to keep.
   */
  @Test
  void transcendentalFunctionsAreOursOrStrict() {
    DescribedPredicate<JavaMethodCall> loose =
        DescribedPredicate.describe(
            "of a transcendental function of Math",
            call ->
                call.getTargetOwner().isEquivalentTo(Math.class)
                    && LOOSE.contains(call.getTarget().getName()));
    ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackages("dev.natgrad.report..", "dev.natgrad.demo..")
        .and()
        .haveSimpleNameNotStartingWith("Demo")
        .and()
        .doNotHaveSimpleName("Texts")
        .should()
        .callMethodWhere(loose)
        .check(classes);
  }
}
