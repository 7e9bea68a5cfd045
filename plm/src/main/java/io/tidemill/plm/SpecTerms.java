package io.tidemill.plm;

import io.tidemill.shm.journal.Terms;
import io.tidemill.shm.region.Lane;
import io.tidemill.v1.StoredExtra;
import io.tidemill.v1.TaskSpec;
import java.util.function.IntToLongFunction;

/** What a submission asks for beside what every task has, as its record and its slot hold it. */
final class SpecTerms {
  /** What the terms take in a record, beside texts and lists. */
  private static final int BYTES = 64;

  private static final int DEPENDENCY_BYTES = 8;

  private SpecTerms() {}

  /** Whether there is anything of the kind: most tasks have none, and pay no more than this. */
  @SuppressWarnings("ReferenceEquality") // No origin is one object.
  static boolean isAskedBy(TaskSpec spec, StoredExtra origin) {
    return isAskedBy(spec) || origin != StoredExtra.getDefaultInstance();
  }

  private static boolean isAskedBy(TaskSpec spec) {
    return spec.getDependsOnCount() > 0
        || !SpecLane.isPlain(spec)
        || !spec.getKey().isEmpty()
        || !spec.getUniqueKey().isEmpty()
        || !spec.getAffinityKey().isEmpty()
        || !spec.getTenant().isEmpty();
  }

  /** Of one that asks for something, in the journal, at most. */
  static long bytes(TaskSpec spec) {
    return BYTES
        + Lane.TEXT_MAX
        + spec.getKey().length()
        + spec.getUniqueKey().length()
        + spec.getAffinityKey().length()
        + spec.getTenant().length()
        + (long) DEPENDENCY_BYTES * spec.getDependsOnCount();
  }

  /** What a batch has there beside its tasks, at most. */
  static long bytes(Batch batch) {
    long origins = batch.originBytes();
    return batch.along().isEmpty() && origins == 0
        ? 0
        : (long) BYTES * batch.size() + origins + Definitions.journalBytes(batch.along());
  }

  /**
   * @param origin what is to be said beside
   * @param idOfIndex the ids of the tasks that are accepted together with it
   */
  static Terms of(TaskSpec spec, StoredExtra origin, IntToLongFunction idOfIndex) {
    StoredExtra.Builder extra = origin.toBuilder();
    int pending = 0;
    if (spec.getDependsOnCount() > 0) {
      long[] parents = DependencyIntake.parents(spec, idOfIndex);
      for (long id : parents) {
        extra.addDependsOn(id);
      }
      extra.setDependencyRule(DependencyIntake.rule(spec));
      pending = parents.length;
    }
    SpecUnique.addTo(extra, spec);
    return Terms.NONE
        .with(
            new Terms.Texts(
                SpecLane.textOfTerms(spec), spec.getKey(), spec.getTenant(), spec.getAffinityKey()))
        .withPending(pending)
        .withExtra(extra.build().toByteString().asReadOnlyByteBuffer());
  }
}
