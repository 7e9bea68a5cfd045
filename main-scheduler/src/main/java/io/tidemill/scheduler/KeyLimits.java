package io.tidemill.scheduler;

import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.region.KeyHash;
import io.tidemill.shm.region.Rule;
import io.tidemill.shm.region.TaskHeap.Entry;
import io.tidemill.shm.region.TaskOrder;
import io.tidemill.shm.region.TaskTable;
import io.tidemill.shm.region.TermsTable;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;

/**
 * Limits of keys without head-of-line blocking: a task whose key may not run another one is set
 * aside when it comes up, so that the next one may go, and when a place comes free the best one set
 * aside of each lane goes back to its place in the order. An index: leases and ready tasks are
 * counted from the slots. Only what a bucket of tokens held is forgotten with the process; a new
 * one begins empty, so that a rate is never exceeded.
 */
final class KeyLimits {
  /** Keys that no rule limits whose texts need not be read again. */
  private static final int UNLIMITED_MAX = 65_536;

  private static final int CHECKED_A_TURN = 64;

  private record Due(long nanos, LimitedKey key) {}

  private final TaskTable tasks;
  private final TaskOrder order;
  private final TermsTable terms;
  private final Rules rules;
  private final IntFunction<String> texts;
  private final long startedNanos = System.nanoTime();
  private final Map<Long, LimitedKey> keys = new HashMap<>();
  private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::nanos));

  /** Keys of which some may run and some are set aside: whoever is back may have gone meanwhile. */
  private final ArrayDeque<LimitedKey> open = new ArrayDeque<>();

  private final Map<Long, Boolean> unlimited =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > UNLIMITED_MAX;
        }
      };

  private IntConsumer ready;
  private long nowNanos = startedNanos;

  /**
   * @param texts the text of a slot's key, or null if the slot has another task by now
   */
  KeyLimits(Instance instance, TaskOrder order, Rules rules, IntFunction<String> texts) {
    this.order = order;
    this.tasks = instance.regions().tasks();
    this.terms = instance.regions().terms();
    this.rules = rules;
    this.texts = texts;
  }

  /** Where slots go that are back in the order. */
  void ready(IntConsumer to) {
    ready = to;
  }

  /** All leases and ready tasks are about to be counted anew, under the rules that hold now. */
  void restart() {
    open.clear();
    unlimited.clear();
    keys.values()
        .removeIf(
            key -> {
              Rule rule = rules.ofKey(key.text());
              if (rule != null) {
                key.restart(rule);
              }
              return rule == null;
            });
  }

  /** The key of a slot's task if a rule limits it, else null. */
  LimitedKey of(int slot) {
    if (!rules.limitKeys() || !tasks.hasTerms(slot)) {
      return null;
    }
    long hash = terms.key(slot);
    if (hash == 0 || unlimited.containsKey(hash)) {
      return null;
    }
    LimitedKey known = keys.get(hash);
    return known == null ? learn(slot, hash) : known;
  }

  private LimitedKey learn(int slot, long hash) {
    String text = texts.apply(slot);
    if (text == null || KeyHash.of(text) != hash) {
      return null; // The slot has another task by now.
    }
    Rule rule = rules.ofKey(text);
    if (rule == null) {
      unlimited.put(hash, true);
      return null;
    }
    LimitedKey key = new LimitedKey(hash, text, rule, startedNanos);
    keys.put(hash, key);
    return key;
  }

  /** Sets a task aside if its key may not run another one now. */
  boolean holdsBack(int slot, int lane, long first, long second) {
    LimitedKey key = of(slot);
    if (key == null || key.mayRun(nowNanos)) {
      return false;
    }
    key.setAside(lane, new Entry(first, second));
    if (key.hasPlace()) {
      schedule(key, key.bucket().nextNanos(nowNanos));
    }
    return true;
  }

  /** One of its tasks got a lease: perhaps another one may, too. */
  void leased(LimitedKey key) {
    key.leased(nowNanos);
    release(key);
  }

  /** A lease of one of its tasks is over. */
  void ended(LimitedKey key) {
    key.ended();
    release(key);
    if (key.isIdle(nowNanos)) {
      keys.remove(key.hash(), key);
    } else if (!key.hasAside()) {
      schedule(key, key.bucket().fullNanos(nowNanos));
    }
  }

  /** Lets go what time allows. Answers how much was done. */
  int turn(long now) {
    nowNanos = now;
    int done = 0;
    while (!due.isEmpty() && due.peek().nanos() <= now) {
      onDue(due.poll());
      done++;
    }
    for (int i = Math.min(CHECKED_A_TURN, open.size()); i > 0; i--) {
      LimitedKey key = open.poll();
      key.open(false);
      release(key);
    }
    return done;
  }

  private void schedule(LimitedKey key, long nanos) {
    if (nanos < key.dueNanos()) {
      key.dueNanos(nanos);
      due.add(new Due(nanos, key));
    }
  }

  private void onDue(Due entry) {
    LimitedKey key = entry.key();
    if (key.dueNanos() == entry.nanos()) {
      key.dueNanos(Long.MAX_VALUE);
    }
    release(key);
    if (key.isIdle(nowNanos)) {
      keys.remove(key.hash(), key);
    }
  }

  /** How long until time allows more. */
  long sleepNanosMax() {
    return due.isEmpty() ? Long.MAX_VALUE : Math.max(0, due.peek().nanos() - System.nanoTime());
  }

  private void release(LimitedKey key) {
    if (!key.hasAside()) {
      return;
    }
    if (!key.mayRun(nowNanos)) {
      if (key.hasPlace()) {
        schedule(key, key.bucket().nextNanos(nowNanos));
      }
      return;
    }
    key.waiting().values().forEach(this::bringBack);
    if (key.hasAside() && !key.open()) {
      key.open(true);
      open.add(key);
    }
  }

  /** Sees to it that one of what was set aside is in the order. */
  private void bringBack(LimitedKey.Waiting waiting) {
    if (waiting.back() != null && isReady(waiting.back())) {
      return;
    }
    Entry best = waiting.poll();
    while (best != null && !isReady(best)) {
      best = waiting.poll();
    }
    waiting.back(best);
    if (best != null) {
      ready.accept(best.slot());
    }
  }

  private boolean isReady(Entry entry) {
    return order.isCurrent(entry.first(), entry.second());
  }
}
