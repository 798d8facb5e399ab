package dev.natgrad.cli;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.Enumeration;

/** This build's version, which the compiler records in the module's descriptor. */
final class Version {
  private static final String MODULE = "dev.natgrad";

  private Version() {}

  static String text() {
    ModuleDescriptor own = Version.class.getModule().getDescriptor();
    try {
      ModuleDescriptor descriptor = own == null ? onClassPath() : own;
      return descriptor == null
          ? "(unknown version)"
          : descriptor.rawVersion().orElse("(unknown version)");
    } catch (IOException e) {
      return "(version unreadable: " + e.getMessage() + ")";
    }
  }

  /** There the module is not named, but its descriptor lies beside the classes, among others. */
  private static ModuleDescriptor onClassPath() throws IOException {
    Enumeration<URL> found = Version.class.getClassLoader().getResources("module-info.class");
    while (found.hasMoreElements()) {
      try (InputStream file = found.nextElement().openStream()) {
        ModuleDescriptor descriptor = ModuleDescriptor.read(file);
        if (descriptor.name().equals(MODULE)) {
          return descriptor;
        }
      }
    }
    return null;
  }
}
