package io.tidemill.plm;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemill.rpc.TaskIds;
import io.tidemill.shm.journal.DefinitionKind;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskId;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.ParentResult;
import io.tidemill.v1.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the main loop does for tasks that wait for others, before ended ones are taken out of their
 * slots: hears of ends, keeps those that are still needed, releases or cancels who waits no more.
 *
 * <p>A crash anywhere leaves the ended parent in its slot or its end kept, and the child WAITING or
 * released; a start finds all of it and goes on. What there is no room for on the disk is tried
 * again with the next turn, and keeps the parents' slots until then.
 */
final class DependencyTurn {
  /** Of all results together that are handed to a task; the rest is left out. */
  static final int RESULT_BYTES_MAX = 24 << 10;

  private final TaskTable tasks;
  private final Dependencies dependencies;
  private final Ends ends;
  private final RecordReaders outcomes;
  private final Acceptance acceptance;
  private final Releases releases;
  private final Cancels cancels;
  private final List<Long> unneeded = new ArrayList<>();

  DependencyTurn(
      TaskTable tasks,
      Dependencies dependencies,
      Ends ends,
      RecordReaders outcomes,
      Acceptance acceptance,
      Releases releases,
      Cancels cancels) {
    this.tasks = tasks;
    this.dependencies = dependencies;
    this.ends = ends;
    this.outcomes = outcomes;
    this.acceptance = acceptance;
    this.releases = releases;
    this.cancels = cancels;
  }

  /** Something is to be looked at at once. */
  boolean hasNews() {
    return dependencies.hasNews();
  }

  /** Something is to be done, now or when there is room on the disk again. */
  boolean hasWork() {
    return dependencies.hasWork() || !unneeded.isEmpty();
  }

  /**
   * Before these are taken.
   *
   * @param found ids of tasks that are said to have ended
   */
  int turn(LongRing found) {
    if (dependencies.isEmpty() && unneeded.isEmpty()) {
      return 0;
    }
    Set<Long> news = new LinkedHashSet<>(dependencies.takeToLookAt());
    for (int i = 0; i < found.size(); i++) {
      long id = found.get(i);
      if (dependencies.isWaitedFor(id)) {
        news.add(id);
      }
    }
    news.forEach(this::hear);
    keep(news);
    int done = news.size() + decide();
    for (int i = 0; i < found.size(); i++) {
      forgetEnded(found.get(i));
    }
    forgetKept();
    return done;
  }

  /** Looks how a task stands, and tells those who wait for it if it has ended. */
  private void hear(long id) {
    long word = tasks.wordOf(id);
    if (word == -1) {
      long[] records = ends.records(id);
      dependencies.ended(records == null ? unknown(id) : read(id, records[0]));
    } else if (StateWord.state(word).isEnd()) {
      int slot = TaskId.slot(id);
      long outcome = tasks.outcome(slot);
      if (ends.mayBeTold(slot)) {
        dependencies.ended(read(id, outcome));
      }
    }
  }

  private static ParentResult unknown(long id) {
    return ParentResult.newBuilder().setTaskId(id).build();
  }

  private ParentResult read(long id, long outcome) {
    try (ResultReader reader = new ResultReader(outcomes)) {
      var result = reader.read(outcome, 0);
      if (result == null) {
        return unknown(id);
      }
      ParentResult.Builder end =
          ParentResult.newBuilder().setTaskId(id).setState(result.getState());
      return result.getResult().size() > RESULT_BYTES_MAX
          ? end.setLeftOut(true).build()
          : end.setResult(result.getResult()).build();
    }
  }

  private void keep(Set<Long> candidates) {
    List<ParentResult> needed = dependencies.toKeep(candidates);
    if (needed.isEmpty()) {
      return;
    }
    List<Definitions.Change> changes =
        needed.stream()
            .map(
                end ->
                    new Definitions.Change(
                        DefinitionKind.TASK_END,
                        TaskIds.format(end.getTaskId()),
                        end.toByteArray()))
            .toList();
    dependencies.kept(needed.subList(0, acceptance.defineEach(changes)));
  }

  private int decide() {
    List<Dependent> ready = new ArrayList<>();
    int done = 0;
    for (Dependent dependent : dependencies.decided()) {
      if (dependent.verdict() == Dependent.Verdict.READY) {
        ready.add(dependent);
      } else {
        cancels.ask(dependent.id(), why(dependent));
        forget(dependent.id());
        done++;
      }
    }
    return done + release(ready);
  }

  private int release(List<Dependent> ready) {
    int done = 0;
    while (done < ready.size()) {
      int released = releases.release(ready.subList(done, ready.size()), dependencies);
      if (released == 0) {
        break;
      }
      ready.subList(done, done + released).forEach(dependent -> forget(dependent.id()));
      done += released;
    }
    return done;
  }

  private static String why(Dependent dependent) {
    int culprit = dependent.culprit();
    TaskState end = dependent.end(culprit);
    String task = TaskIds.format(dependent.parents()[culprit]);
    return end == TaskState.TASK_STATE_UNSPECIFIED
        ? "a task that it waited for is not known any more: task_id=" + task
        : "a task that it waited for did not succeed: task_id="
            + task
            + " state="
            + end.name().replace("TASK_STATE_", "");
  }

  /** One that waited has ended meanwhile: somebody cancelled it, or its time was over. */
  private void forgetEnded(long id) {
    if (dependencies.find(id) != null) {
      long word = tasks.wordOf(id);
      if (word == -1 || StateWord.state(word).isEnd()) {
        forget(id);
      }
    }
  }

  private void forget(long id) {
    unneeded.addAll(dependencies.remove(id));
  }

  /** What is not needed any more goes out of the journal; a crash before leaves it to the start. */
  private void forgetKept() {
    if (unneeded.isEmpty()) {
      return;
    }
    List<Definitions.Change> removals =
        unneeded.stream()
            .map(id -> Definitions.Change.removal(DefinitionKind.TASK_END, TaskIds.format(id)))
            .toList();
    unneeded.subList(0, acceptance.defineEach(removals)).clear();
  }

  /** A start: kept ends come back to who waits; those that nobody waits for are forgotten. */
  void found(Definitions definitions) {
    definitions
        .all(DefinitionKind.TASK_END)
        .forEach((name, body) -> dependencies.foundKept(parse(body)));
  }

  private static ParentResult parse(byte[] body) {
    try {
      return ParentResult.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a kept end cannot be read", e);
    }
  }

  /** A start, when all who wait have been added. */
  void forgetOrphans() {
    unneeded.addAll(dependencies.takeOrphans());
  }
}
