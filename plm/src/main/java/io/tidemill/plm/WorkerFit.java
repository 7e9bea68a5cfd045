package io.tidemill.plm;

import io.tidemill.shm.region.Lane;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Which workers could run a class of work, and what the others lack. */
final class WorkerFit {
  private final Lane lane;
  private final List<Fleet.Member> suitable;
  private final Reason nobody;

  private WorkerFit(Lane lane, List<Fleet.Member> suitable, Reason nobody) {
    this.lane = lane;
    this.suitable = suitable;
    this.nobody = nobody;
  }

  static WorkerFit of(Lane lane, List<Fleet.Member> alive) {
    if (alive.isEmpty()) {
      return none(
          lane,
          Reasons.of(ReasonKind.REASON_KIND_NO_WORKER, "no worker is connected that takes tasks")
              .setRemedy(
                  "start one that handles "
                      + lane.type()
                      + ": tidemill worker run, or the library"));
    }
    List<Fleet.Member> left = keep(alive, each -> each.said().types().contains(lane.type()));
    if (left.isEmpty()) {
      return none(
          lane,
          Reasons.of(
                  ReasonKind.REASON_KIND_NO_WORKER_FOR_TYPE,
                  "none of " + alive.size() + " workers handles the type " + lane.type())
              .setName(lane.type())
              .setCount(alive.size())
              .setRemedy("start a worker that handles " + lane.type()));
    }
    return ofType(lane, left);
  }

  private static WorkerFit ofType(Lane lane, List<Fleet.Member> typed) {
    List<Fleet.Member> left = keep(typed, each -> each.said().offer().subscribes(lane.queue()));
    if (left.isEmpty()) {
      return none(
          lane,
          Reasons.of(
                  ReasonKind.REASON_KIND_NO_WORKER_FOR_QUEUE,
                  "none of "
                      + typed.size()
                      + " workers that handle "
                      + lane.type()
                      + " takes tasks from the queue "
                      + lane.queue())
              .setName(lane.queue())
              .setCount(typed.size())
              .setRemedy("start a worker with --queue " + lane.queue()));
    }
    for (Map.Entry<String, String> label : lane.labels().entrySet()) {
      List<Fleet.Member> before = left;
      left = keep(left, each -> label.getValue().equals(label(each, label.getKey())));
      if (left.isEmpty()) {
        return none(lane, labelMissing(label.getKey(), label.getValue(), before));
      }
    }
    for (Map.Entry<String, Long> amount : lane.amounts().entrySet()) {
      List<Fleet.Member> before = left;
      left = keep(left, each -> amount(each, amount.getKey()) >= amount.getValue());
      if (left.isEmpty()) {
        return none(lane, amountMissing(amount.getKey(), amount.getValue(), before));
      }
    }
    return new WorkerFit(lane, left, null);
  }

  private static Reason.Builder labelMissing(
      String name, String wanted, List<Fleet.Member> candidates) {
    Fleet.Member nearest =
        candidates.stream()
            .filter(each -> label(each, name) != null)
            .findFirst()
            .orElse(candidates.get(0));
    String offered = label(nearest, name);
    String has =
        offered == null
            ? "none has any " + name
            : nearest.said().workerId() + " has " + name + "=" + offered;
    return Reasons.of(
            ReasonKind.REASON_KIND_LABEL_MISSING,
            "none of "
                + candidates.size()
                + " workers that come into question has the label "
                + name
                + "="
                + wanted
                + ": "
                + has)
        .setName(name)
        .setWanted(wanted)
        .setOffered(offered == null ? "" : offered)
        .setWorkerId(nearest.said().workerId())
        .setCount(candidates.size())
        .setRemedy("start a worker with --label " + name + "=" + wanted);
  }

  private static Reason.Builder amountMissing(
      String name, long wanted, List<Fleet.Member> candidates) {
    Fleet.Member nearest =
        candidates.stream().max(Comparator.comparingLong(each -> amount(each, name))).orElseThrow();
    return Reasons.of(
            ReasonKind.REASON_KIND_AMOUNT_MISSING,
            "none of "
                + candidates.size()
                + " workers that come into question has "
                + wanted
                + " of "
                + name
                + ": the most has "
                + nearest.said().workerId()
                + ", "
                + amount(nearest, name))
        .setName(name)
        .setWanted(Long.toString(wanted))
        .setOffered(Long.toString(amount(nearest, name)))
        .setWorkerId(nearest.said().workerId())
        .setCount(candidates.size())
        .setRemedy("start a worker with --amount " + name + "=" + wanted);
  }

  private static WorkerFit none(Lane lane, Reason.Builder why) {
    return new WorkerFit(lane, List.of(), why.build());
  }

  private static List<Fleet.Member> keep(
      List<Fleet.Member> members, Predicate<Fleet.Member> condition) {
    List<Fleet.Member> kept = new ArrayList<>(members);
    kept.removeIf(condition.negate());
    return kept;
  }

  private static String label(Fleet.Member member, String name) {
    return member.said().offer().labels().get(name);
  }

  static long amount(Fleet.Member member, String name) {
    return member.said().offer().amounts().getOrDefault(name, 0L);
  }

  Lane lane() {
    return lane;
  }

  /** Who could run it, whether they have room or not. */
  List<Fleet.Member> suitable() {
    return suitable;
  }

  /** Why nobody could; null: somebody could. */
  Reason nobody() {
    return nobody;
  }

  /** Whether one of them could take a task of another class of work instead. */
  boolean competes(Lane other) {
    return other.equals(lane) || suitable.stream().anyMatch(each -> each.said().mayRun(other));
  }
}
