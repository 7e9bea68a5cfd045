package io.tidemill.plm;

import io.tidemill.shm.config.Key;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.instance.Regions;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.Lane;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.RuleTable;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.v1.ExplainTaskResponse;
import io.tidemill.v1.Place;
import io.tidemill.v1.Reason;
import io.tidemill.v1.ReasonKind;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Why a ready task is not assigned: rules for its queue and key, the workers, the tasks before it.
 * All of it follows from the mapped files. By one thread.
 */
final class ReadyReasons {
  private final TaskTable tasks;
  private final RuleTable rules;
  private final Fleet fleet;
  private final LeaseCensus census;
  private final PlaceInOrder places;
  private final PlaceInOrder.Lanes lanes;
  private final boolean byTurns;

  ReadyReasons(Instance instance, Fleet fleet, LeaseCensus census, PlaceInOrder.Lanes lanes) {
    Regions regions = instance.regions();
    this.byTurns = !instance.settings().text(Key.ORDER_FAIRNESS).equals("off");
    this.tasks = regions.tasks();
    this.rules = regions.rules();
    this.fleet = fleet;
    this.census = census;
    this.lanes = lanes;
    this.places = new PlaceInOrder(regions, lanes);
  }

  /**
   * @param key of the task; empty: none
   * @param nowMillis of the wall clock
   */
  void add(ExplainTaskResponse.Builder answer, int slot, String key, long nowMillis) {
    Lane lane = lanes.lane(tasks.type(slot));
    List<Rule> all = rules.read();
    int before = answer.getReasonsCount();
    addQueue(answer, lane, KeyRules.ofQueue(all, lane.queue()));
    Rule rule = key.isEmpty() ? null : KeyRules.ofKey(all, key);
    if (rule != null) {
      addKey(answer, slot, key, rule, nowMillis);
    }
    WorkerFit fit = WorkerFit.of(lane, fleet.alive());
    if (fit.nobody() != null) {
      answer.addReasons(fit.nobody());
      return;
    }
    addWorkers(answer, fit);
    Place place = places.of(slot, other -> fit.competes(other) && !isPaused(all, other));
    answer.setPlace(place);
    if (place.getAhead() > 0) {
      answer.addReasons(behind(place));
    }
    if (answer.getReasonsCount() == before) {
      answer.addReasons(
          Reasons.of(
              ReasonKind.REASON_KIND_ABOUT_TO_BE_ASSIGNED,
              "nothing holds it back: it is about to be assigned"));
    }
  }

  private static boolean isPaused(List<Rule> all, Lane lane) {
    Rule rule = KeyRules.ofQueue(all, lane.queue());
    return rule != null && rule.paused();
  }

  private static void addQueue(ExplainTaskResponse.Builder answer, Lane lane, Rule rule) {
    if (rule != null && rule.paused()) {
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_QUEUE_PAUSED, "its queue " + lane.queue() + " is paused")
              .setName(lane.queue())
              .setRemedy("tidemill queue resume " + lane.queue()));
    }
  }

  private void addKey(
      ExplainTaskResponse.Builder answer, int slot, String key, Rule rule, long nowMillis) {
    long running = rule.most() == 0 ? 0 : census.ofKey(KeyHash.of(key));
    if (rule.most() != 0 && running >= rule.most()) {
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_KEY_RUNNING_LIMIT,
                  "as many tasks of its key "
                      + key
                      + " are with workers as may be: "
                      + running
                      + " of "
                      + rule.most())
              .setName(rule.name())
              .setCount(running)
              .setLimit(rule.most())
              .setRemedy("one of them ends; or: tidemill limit set '" + rule.name() + "' ..."));
    } else if (rule.permits() != 0 && places.isSetAside(slot)) {
      // Where the bucket stands only the Main Scheduler knows; it fills one token after another.
      long interval = (rule.periodMillis() + rule.permits() - 1) / rule.permits();
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_KEY_RATE_LIMIT,
                  "as many tasks of its key "
                      + key
                      + " were begun as may be: "
                      + rule.permits()
                      + " in "
                      + Reasons.seconds(rule.periodMillis())
                      + "; the next one may begin within "
                      + Reasons.seconds(interval))
              .setName(rule.name())
              .setLimit(rule.permits())
              .setPeriodMs(rule.periodMillis())
              .setUntilMs(nowMillis + interval)
              .setRemedy("time; or: tidemill limit set '" + rule.name() + "' ..."));
    }
  }

  private void addWorkers(ExplainTaskResponse.Builder answer, WorkerFit fit) {
    List<Fleet.Member> reachable =
        fit.suitable().stream().filter(Fleet.Member::isReachable).toList();
    int count = reachable.size();
    if (count == 0) {
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_WORKERS_UNREACHABLE,
                  "none of "
                      + fit.suitable().size()
                      + " workers that could run it has its stream to the Main Scheduler")
              .setCount(fit.suitable().size())
              .setRemedy("they connect by themselves; look at their logs if they do not"));
      return;
    }
    List<Fleet.Member> free = reachable.stream().filter(each -> !each.isFull()).toList();
    if (free.isEmpty()) {
      long held = reachable.stream().mapToLong(Fleet.Member::inFlight).sum();
      answer.addReasons(
          Reasons.of(
                  ReasonKind.REASON_KIND_WORKERS_FULL,
                  "all of "
                      + count
                      + " workers that could run it hold as much as they take: "
                      + Reasons.tasks(held))
              .setCount(count)
              .setLimit(held)
              .setRemedy("one of their tasks ends, or another worker starts"));
    } else if (!fit.lane().amounts().isEmpty()) {
      addAmounts(answer, fit.lane(), free);
    }
  }

  private void addAmounts(
      ExplainTaskResponse.Builder answer, Lane lane, List<Fleet.Member> candidates) {
    Map<Integer, Map<String, Long>> used = used();
    for (Map.Entry<String, Long> need : lane.amounts().entrySet()) {
      String name = need.getKey();
      Fleet.Member most =
          candidates.stream()
              .max(Comparator.comparingLong(each -> left(each, name, used)))
              .orElseThrow();
      if (left(most, name, used) < need.getValue()) {
        answer.addReasons(inUse(name, need.getValue(), most, left(most, name, used), candidates));
        return;
      }
    }
  }

  private static Reason.Builder inUse(
      String name, long wanted, Fleet.Member most, long left, List<Fleet.Member> candidates) {
    return Reasons.of(
            ReasonKind.REASON_KIND_AMOUNT_IN_USE,
            candidates.size()
                + " workers could run it, and have too little of "
                + name
                + " left: it needs "
                + wanted
                + ", and "
                + most.said().workerId()
                + " has the most left, "
                + left)
        .setName(name)
        .setWanted(Long.toString(wanted))
        .setOffered(Long.toString(left))
        .setWorkerId(most.said().workerId())
        .setCount(candidates.size())
        .setRemedy("tasks end that use it, or another worker starts");
  }

  /** What leases take of each worker's amounts, by its row. */
  private Map<Integer, Map<String, Long>> used() {
    Map<Integer, Map<String, Long>> used = new HashMap<>();
    census.forEach(
        (slot, word) ->
            lanes
                .lane(tasks.type(slot))
                .amounts()
                .forEach(
                    (name, need) ->
                        used.computeIfAbsent(StateWord.worker(word), row -> new HashMap<>())
                            .merge(name, need, Long::sum)));
    return used;
  }

  private static long left(Fleet.Member member, String name, Map<Integer, Map<String, Long>> used) {
    return WorkerFit.amount(member, name)
        - used.getOrDefault(member.row(), Map.of()).getOrDefault(name, 0L);
  }

  private Reason.Builder behind(Place place) {
    return Reasons.of(
            ReasonKind.REASON_KIND_BEHIND_OTHERS,
            (place.getAtLeast() ? "at least " : "")
                + Reasons.tasks(place.getAhead())
                + (place.getAhead() == 1 ? " is" : " are")
                + " to be taken before it"
                + (byTurns ? ", by submission; tenants take turns" : ""))
        .setCount(place.getAhead())
        .setRemedy("they are assigned, or it gets a higher priority");
  }
}
