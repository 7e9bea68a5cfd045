package io.tidemill.plm;

import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.v1.TaskSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lets go of ended tasks before their time. Which they are stands in the journal, so that a start
 * lets go of them again: as definitions, each with the ids of up to {@link #IDS_MAX} tasks, of
 * which the last one is written anew until it is full. A definition goes when the last of its tasks
 * would have gone anyway.
 *
 * <p>What a crash leaves: the definition or not. It is written before anything is let go of.
 */
final class Discards {
  /** In one definition. */
  static final int IDS_MAX = 1_024;

  /** Definitions that are forgotten together. */
  static final int TIDIED_AT_A_TIME = 64;

  private final Definitions definitions;
  private final Intake intake;
  private final EndedLooks looks;
  private final Ends ends;
  private final TreeMap<String, Group> groups = new TreeMap<>();

  /** The tasks of one definition. */
  private static final class Group {
    private final List<Long> ids = new ArrayList<>();

    /** The highest number that one of them has in the index. */
    private long lastNumber = -1;
  }

  Discards(Definitions definitions, Intake intake, EndedLooks looks, Ends ends) {
    this.definitions = definitions;
    this.intake = intake;
    this.looks = looks;
    this.ends = ends;
  }

  /** A start: lets go of what had been let go of. Before anybody can ask for it. */
  synchronized void found() {
    definitions
        .all(DefinitionKind.TASK_DISCARD)
        .forEach(
            (name, ids) -> {
              Group group = new Group();
              ByteBuffer body = ByteBuffer.wrap(ids);
              while (body.remaining() >= Long.BYTES) {
                group.ids.add(body.getLong());
              }
              groups.put(name, group);
              forget(group);
            });
  }

  /**
   * Lets go of tasks. It is as durable as the instance promises when {@link Intake#afterDefined}
   * says so.
   *
   * @return for each of them null, or why it was not
   */
  synchronized Refused[] discard(List<Long> ids) {
    Refused[] refused = new Refused[ids.size()];
    List<Long> chosen = new ArrayList<>();
    long until = EndedLooks.patience();
    for (int i = 0; i < refused.length; i++) {
      refused[i] = looks.look(ids.get(i), until).refused();
      if (refused[i] == null && !chosen.contains(ids.get(i))) {
        chosen.add(ids.get(i));
      }
    }
    TreeMap<String, Group> changed = new TreeMap<>();
    Refused why = chosen.isEmpty() ? null : write(chosen, changed);
    if (why != null) {
      for (int i = 0; i < refused.length; i++) {
        refused[i] = refused[i] == null ? why : refused[i];
      }
    } else {
      groups.putAll(changed);
      changed.values().forEach(this::forget);
    }
    return refused;
  }

  /** Answers why not, or null: then the groups are as they are in the journal. */
  private Refused write(List<Long> ids, Map<String, Group> changed) {
    Map.Entry<String, Group> last = groups.lastEntry();
    String name = last == null ? name(0) : last.getKey();
    Group group = copy(last == null ? null : last.getValue());
    for (long id : ids) {
      if (group.ids.size() == IDS_MAX) {
        name = name(Long.parseLong(name, 16) + 1);
        group = new Group();
      }
      group.ids.add(id);
      changed.put(name, group);
    }
    List<Definitions.Change> changes = new ArrayList<>();
    changed.forEach(
        (key, value) ->
            changes.add(new Definitions.Change(DefinitionKind.TASK_DISCARD, key, body(value))));
    return intake.define(changes, () -> {});
  }

  private static Group copy(Group group) {
    Group copy = new Group();
    if (group != null) {
      copy.ids.addAll(group.ids);
      copy.lastNumber = group.lastNumber;
    }
    return copy;
  }

  private static String name(long number) {
    return String.format("%016x", number);
  }

  private static byte[] body(Group group) {
    ByteBuffer body = ByteBuffer.allocate(group.ids.size() * Long.BYTES);
    group.ids.forEach(body::putLong);
    return body.array();
  }

  private void forget(Group group) {
    for (long id : group.ids) {
      group.lastNumber = Math.max(group.lastNumber, ends.discard(id));
    }
  }

  /**
   * Now and then: forgets what those were whose time to be kept is over. In pieces, so that neither
   * submissions nor other discards wait for all of them.
   */
  void tidy() {
    boolean more = true;
    while (more) {
      more = tidySome();
    }
  }

  /** One piece of it; true: there may be more. */
  synchronized boolean tidySome() {
    long oldest = ends.whileStill(EndedTasks::oldestNumber);
    List<Definitions.Change> removals =
        groups.entrySet().stream()
            .filter(each -> each.getValue().lastNumber < oldest)
            .limit(TIDIED_AT_A_TIME)
            .map(each -> Definitions.Change.removal(DefinitionKind.TASK_DISCARD, each.getKey()))
            .toList();
    if (removals.isEmpty() || intake.define(removals, () -> {}) != null) {
      return false; // what there is no room for on the disk is forgotten another time
    }
    removals.forEach(removal -> groups.remove(removal.name()));
    return removals.size() == TIDIED_AT_A_TIME;
  }

  /** Whether what has been let go of has to be forced before that may be said. */
  boolean isDisk() {
    return intake.check().isDisk(TaskSpec.getDefaultInstance());
  }
}
