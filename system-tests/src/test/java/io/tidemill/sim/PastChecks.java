package io.tidemill.sim;

import io.tidemill.shm.journal.AttemptDecoder;
import io.tidemill.shm.journal.OutcomeDecoder;
import io.tidemill.shm.journal.PastLeases;
import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * What records tell of leases before: each failed attempt that the journal has, once, in order, and
 * never the lease that ended the task.
 */
final class PastChecks {
  private final Map<Long, List<Long>> failed = new HashMap<>();
  private final LongPredicate mayLack;
  private final Consumer<String> wrong;

  /**
   * @param mayLack whether records of a task may be gone, with the power
   */
  PastChecks(LongPredicate mayLack, Consumer<String> wrong) {
    this.mayLack = mayLack;
    this.wrong = wrong;
  }

  void onAttempt(AttemptDecoder attempt) {
    failed.computeIfAbsent(attempt.taskId(), id -> new ArrayList<>()).add(attempt.lease());
    check(attempt.taskId(), attempt.past());
  }

  void onOutcome(OutcomeDecoder outcome) {
    check(outcome.taskId(), outcome.past());
    boolean byLease = !outcome.workerId().isEmpty();
    if (byLease && tokens(outcome.past()).contains(outcome.lease())) {
      wrong.accept("a task's end is told as of its past: task=" + outcome.taskId());
    }
  }

  private void check(long task, PastLeases past) {
    List<Long> tokens = tokens(past);
    if (!tokens.equals(tokens.stream().sorted().distinct().toList())) {
      wrong.accept("a task's leases are told in no order: task=" + task + " " + past);
    }
    List<Long> told =
        past.leases().stream()
            .filter(lease -> lease.end() == LeaseEnd.FAILED)
            .map(PastLease::token)
            .toList();
    List<Long> recorded = failed.getOrDefault(task, List.of());
    int more = Math.max(0, recorded.size() - PastLeases.LEASES_MAX);
    List<Long> expected = recorded.subList(more, recorded.size());
    boolean holds = mayLack.test(task) ? told.containsAll(expected) : told.equals(expected);
    if (past.leases().size() < PastLeases.LEASES_MAX && !holds) {
      wrong.accept("a record lacks failed attempts: task=" + task + " " + past + " " + recorded);
    }
  }

  private static List<Long> tokens(PastLeases past) {
    return past.leases().stream().map(PastLease::token).toList();
  }
}
