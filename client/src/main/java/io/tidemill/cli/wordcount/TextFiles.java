package io.tidemill.cli.wordcount;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** Finds the text files under names that a user gave, in a stable order. */
public final class TextFiles {
  private static final int LOOK_BYTES = 8192;

  /** What was found: files to read, and names with why they were left out. */
  public record Found(List<Path> files, List<String> skipped) {}

  private final List<Path> files = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();

  private TextFiles() {}

  public static Found find(List<Path> names) throws IOException {
    TextFiles finder = new TextFiles();
    for (Path name : names) {
      if (Files.isDirectory(name)) {
        finder.walk(name);
      } else {
        finder.consider(name);
      }
    }
    return new Found(finder.files.stream().distinct().toList(), finder.skipped);
  }

  private void walk(Path folder) throws IOException {
    List<Path> inside = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            boolean hidden = !dir.equals(folder) && dir.getFileName().toString().startsWith(".");
            return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (Files.isRegularFile(file)) {
              inside.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            skipped.add(file + " (" + e + ")");
            return FileVisitResult.CONTINUE;
          }
        });
    inside.stream().sorted().forEach(this::consider);
  }

  private void consider(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      if (isBinary(in.readNBytes(LOOK_BYTES))) {
        skipped.add(file + " (binary)");
      } else {
        files.add(file);
      }
    } catch (IOException e) {
      skipped.add(file + " (" + e + ")");
    }
  }

  /** A zero byte early on, which text has not. */
  static boolean isBinary(byte[] start) {
    for (byte b : start) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }
}
