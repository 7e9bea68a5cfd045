package io.tidemill.shm.region;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The places in the region classes that write to shared memory: all of them, by their sources, and
 * those that were passed, by the stack of each write.
 */
final class WriteSites {
  private static final Path SOURCES = Path.of("src/main/java/io/tidemill/shm/region");
  private static final Pattern WRITE =
      Pattern.compile("\\bmemory(\\(\\))?\\.(put|cas|getAndAdd)\\w+\\(");
  private static final StackWalker STACK = StackWalker.getInstance();

  private final Set<String> classes = new TreeSet<>();
  private final Set<String> all = new TreeSet<>();
  private final Set<String> passed = new TreeSet<>();
  private final Set<String> writers = new TreeSet<>();

  WriteSites() {
    try (Stream<Path> files = Files.list(SOURCES)) {
      files.forEach(this::read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Path file) {
    String name = file.getFileName().toString().replace(".java", "");
    classes.add(name);
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        Matcher write = WRITE.matcher(lines.get(i));
        if (write.find()) {
          all.add(name + ".java:" + (i + 1));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In the hook of a write: where it comes from. */
  void note() {
    STACK.forEach(
        frame -> {
          if (isRegionClass(frame.getClassName())) {
            String at = frame.getFileName() + ":" + frame.getLineNumber();
            if (all.contains(at)) {
              passed.add(at);
            }
            String type = frame.getClassName();
            writers.add(type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName());
          }
        });
  }

  private boolean isRegionClass(String name) {
    String prefix = WriteSites.class.getPackageName() + ".";
    return name.startsWith(prefix)
        && classes.contains(name.substring(prefix.length()).split("\\$")[0]);
  }

  /** The region classes. */
  Set<String> classes() {
    return classes;
  }

  Set<String> all() {
    return all;
  }

  Set<String> passed() {
    return passed;
  }

  /** Class.method of everything that a write was made by or within. */
  Set<String> writers() {
    return writers;
  }
}
