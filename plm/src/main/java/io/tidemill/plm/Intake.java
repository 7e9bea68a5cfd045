package io.tidemill.plm;

import io.tidemill.v1.DuplicateReason;
import io.tidemill.v1.TaskSpec;
import java.util.List;
import java.util.function.Consumer;

/**
 * The way of submissions from a handler to their acknowledgement: through the request ids and
 * unique keys if they have any, through the acceptance, and with disk durability through the group
 * commit.
 */
final class Intake {
  private final Acceptance acceptance;
  private final RequestIds requestIds;
  private final GroupCommit commits;

  Intake(Acceptance acceptance, RequestIds requestIds, GroupCommit commits) {
    this.acceptance = acceptance;
    this.requestIds = requestIds;
    this.commits = commits;
  }

  SpecCheck check() {
    return acceptance.check();
  }

  /**
   * Runs work that accepts these submissions: at once, or where request ids and unique keys are
   * looked up, later on that thread.
   *
   * @return null, or why it will not be run
   */
  Refused run(List<TaskSpec> specs, Runnable work) {
    if (specs.stream().noneMatch(Intake::isNamed)) {
      work.run();
      return null;
    }
    return requestIds.execute(work);
  }

  /** Whether it has to be known whether it is a task already. */
  static boolean isNamed(TaskSpec spec) {
    return !spec.getRequestId().isEmpty() || !spec.getUniqueKey().isEmpty();
  }

  /** Accepts a batch, within {@link #run}. */
  void accept(Batch batch) {
    requestIds.accept(batch, acceptance, this);
    acceptance.countDuplicates(batch.duplicates());
  }

  /**
   * Accepts a batch without request ids before it returns. On any thread but ours and the
   * transport's, since it waits for those before it if there is a unique key.
   *
   * @return null, or why it was not even tried
   */
  Refused acceptNow(Batch batch) {
    if (batch.specs().stream().noneMatch(Intake::isNamed)) {
      acceptance.accept(batch);
      return null;
    }
    return requestIds.executeNow(() -> accept(batch));
  }

  /** One of a batch is a task already. */
  void known(Batch batch, int index, long taskId, DuplicateReason reason) {
    batch.known(index, taskId, acceptance.check().isDisk(batch.spec(index)), reason);
  }

  /** Counts submissions that were refused before they came here. */
  void countRefused(int count) {
    acceptance.countRefused(count);
  }

  /** Hands a batch over for its acknowledgement when what is promised has been done. */
  void afterPromise(Batch batch, Consumer<Batch> acknowledge) {
    if (batch.waitsForDisk()) {
      commits.afterForce(() -> acknowledge.accept(batch));
    } else {
      acknowledge.accept(batch);
    }
  }

  /**
   * Makes definitions hold, and runs something when they are as durable as the instance promises.
   *
   * @return null, or why they do not hold
   */
  Refused define(List<Definitions.Change> changes, Runnable then) {
    Refused refused = acceptance.define(changes);
    if (refused == null) {
      afterDefined(then);
    }
    return refused;
  }

  /** Runs something when the definitions that hold are as durable as the instance promises. */
  void afterDefined(Runnable then) {
    if (acceptance.check().isDisk(TaskSpec.getDefaultInstance())) {
      commits.afterForce(then);
    } else {
      then.run();
    }
  }

  /** Runs it when what was accepted so far is on the disk. */
  void afterForce(Runnable acknowledge) {
    commits.afterForce(acknowledge);
  }
}
