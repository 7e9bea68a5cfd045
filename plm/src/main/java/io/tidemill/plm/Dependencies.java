package io.tidemill.plm;

import io.tidemill.v1.ParentResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tasks wait for which: an index of the WAITING slots whose terms say so, made anew by a
 * start. Guarded by itself; {@link DependencyTurn} acts on what is decided here.
 *
 * <p>How a task ended that others still wait for is kept as a definition before its slot is freed,
 * so that it is known as long as they wait, whatever happens to the journals meanwhile.
 */
final class Dependencies {
  /** A task that others wait for. */
  private static final class Parent {
    private final Set<Dependent> dependents = new LinkedHashSet<>(2);

    /** How it ended; null: it has not, as far as is known here. */
    private ParentResult end;

    /** Its end stands in the journal as a definition. */
    private boolean kept;
  }

  private final Map<Long, Parent> parents = new HashMap<>();
  private final Map<Long, Dependent> dependents = new HashMap<>();

  /** Tasks whose ends may have come before anybody waited for them here. */
  private final Set<Long> toLookAt = new LinkedHashSet<>();

  private final Set<Dependent> decided = new LinkedHashSet<>();
  private volatile boolean isEmpty = true;
  private volatile boolean hasNews;
  private volatile boolean hasWork;

  /** Nobody waits for anybody: what most instances see all the time. */
  boolean isEmpty() {
    return isEmpty;
  }

  /** Somebody waits since a moment. */
  boolean hasNews() {
    return hasNews;
  }

  /** Something is to be looked at or done. */
  boolean hasWork() {
    return hasWork;
  }

  /**
   * A task waits from now on. By whoever keeps its parents from being taken meanwhile: each either
   * is taken later, and found here, or has been, and is looked for.
   */
  synchronized void add(Dependent dependent) {
    dependents.put(dependent.id(), dependent);
    for (long id : dependent.parents()) {
      Parent parent = parents.computeIfAbsent(id, p -> new Parent());
      parent.dependents.add(dependent);
      if (parent.end == null) {
        toLookAt.add(id);
      } else {
        dependent.ended(id, parent.end.getState());
      }
    }
    judge(dependent);
    note();
  }

  /** A start has found how a task ended that others wait for; before those are added. */
  synchronized void foundKept(ParentResult end) {
    Parent parent = parents.computeIfAbsent(end.getTaskId(), p -> new Parent());
    parent.end = end;
    parent.kept = true;
    note();
  }

  /** Whether others wait for a task whose end is not safe yet: its slot stays as it is. */
  synchronized boolean isAwaited(long id) {
    Parent parent = parents.get(id);
    return parent != null && !parent.kept;
  }

  /** Whether others wait for a task, and have not heard of its end. */
  synchronized boolean isWaitedFor(long id) {
    Parent parent = parents.get(id);
    return parent != null && parent.end == null;
  }

  /** The tasks to be looked at, which are forgotten here. */
  synchronized List<Long> takeToLookAt() {
    List<Long> ids = List.copyOf(toLookAt);
    toLookAt.clear();
    note();
    return ids;
  }

  /** A task has ended so. */
  synchronized void ended(ParentResult end) {
    Parent parent = parents.get(end.getTaskId());
    if (parent == null || parent.end != null) {
      return;
    }
    parent.end = end;
    for (Dependent dependent : parent.dependents) {
      dependent.ended(end.getTaskId(), end.getState());
      judge(dependent);
    }
    note();
  }

  private void judge(Dependent dependent) {
    if (dependent.verdict() != Dependent.Verdict.WAITS) {
      decided.add(dependent);
    }
  }

  /** Ends that have to be kept, since somebody goes on to wait. */
  synchronized List<ParentResult> toKeep(Collection<Long> candidates) {
    List<ParentResult> ends = new ArrayList<>();
    for (long id : candidates) {
      Parent parent = parents.get(id);
      boolean needed =
          parent != null
              && parent.end != null
              && !parent.kept
              && parent.dependents.stream().anyMatch(d -> !decided.contains(d));
      if (needed) {
        ends.add(parent.end);
      }
    }
    return ends;
  }

  synchronized void kept(Collection<ParentResult> ends) {
    for (ParentResult end : ends) {
      Parent parent = parents.get(end.getTaskId());
      if (parent != null) {
        parent.kept = true;
      }
    }
  }

  /** Those that wait no more, in the order in which that was decided. They stay here until done. */
  synchronized List<Dependent> decided() {
    return List.copyOf(decided);
  }

  /** How the tasks ended that one waited for; of what had not ended, no more than its id. */
  synchronized List<ParentResult> results(Dependent dependent) {
    return Arrays.stream(dependent.parents())
        .mapToObj(
            id -> {
              Parent parent = parents.get(id);
              return parent == null || parent.end == null
                  ? ParentResult.newBuilder().setTaskId(id).build()
                  : parent.end;
            })
        .toList();
  }

  /** A waiting task by its id, or null. */
  synchronized Dependent find(long id) {
    return dependents.get(id);
  }

  /**
   * A task waits no more: it was made ready, or has ended.
   *
   * @return the kept ends that nobody needs any more
   */
  synchronized List<Long> remove(long id) {
    Dependent dependent = dependents.remove(id);
    if (dependent == null) {
      return List.of();
    }
    decided.remove(dependent);
    List<Long> unneeded = new ArrayList<>();
    for (long parentId : dependent.parents()) {
      Parent parent = parents.get(parentId);
      parent.dependents.remove(dependent);
      if (parent.dependents.isEmpty()) {
        parents.remove(parentId);
        toLookAt.remove(parentId);
        if (parent.kept) {
          unneeded.add(parentId);
        }
      }
    }
    note();
    return unneeded;
  }

  /** Kept ends that nobody waits for: a crash left them. */
  synchronized List<Long> takeOrphans() {
    List<Long> orphans = new ArrayList<>();
    parents.forEach(
        (id, parent) -> {
          if (parent.dependents.isEmpty()) {
            orphans.add(id);
          }
        });
    orphans.forEach(parents::remove);
    note();
    return orphans;
  }

  private void note() {
    isEmpty = parents.isEmpty() && dependents.isEmpty();
    hasNews = !toLookAt.isEmpty();
    hasWork = !toLookAt.isEmpty() || !decided.isEmpty();
  }
}
