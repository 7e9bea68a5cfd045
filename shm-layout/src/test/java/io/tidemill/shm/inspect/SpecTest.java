package io.tidemill.shm.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the model in docs/spec to the code: the moves of a slot have the same names and ends. */
class SpecTest {
  private static final Path MODEL = Path.of("..", "docs", "spec", "Tidemill.tla");
  private static final Pattern MOVE =
      Pattern.compile("<<\"([a-z]+)\", \"([A-Z]+)\", \"([A-Z]+)\">>");

  @Test
  void namesTheMovesAsTheTaskTableDoes() throws IOException {
    Set<String> names =
        MOVE.matcher(Files.readString(MODEL))
            .results()
            .map(move -> move.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(names).isEqualTo(methods());
  }

  @Test
  void movesSlotsAsTheStatesAllow() throws IOException {
    Set<String> modelled =
        MOVE.matcher(Files.readString(MODEL))
            .results()
            .map(move -> move.group(2) + " " + move.group(3))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> allowed = new TreeSet<>();
    for (TaskState from : TaskState.values()) {
      from.successors().forEach(to -> allowed.add(from + " " + to));
    }
    assertThat(modelled).isEqualTo(allowed);
  }

  /** The moves take a slot and the word that it is expected to have, and answer the new one. */
  private static Set<String> methods() {
    return Arrays.stream(TaskTable.class.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()))
        .filter(SpecTest::isMove)
        .map(Method::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isMove(Method method) {
    Class<?>[] takes = method.getParameterTypes();
    return method.getReturnType() == long.class
        && takes.length >= 2
        && takes[0] == int.class
        && takes[1] == long.class;
  }
}
