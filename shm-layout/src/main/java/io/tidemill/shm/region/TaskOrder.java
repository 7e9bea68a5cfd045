package io.tidemill.shm.region;

/**
 * The order of ready tasks, in one place: what an entry of the {@link TaskHeap} of a slot is, and
 * whether one still says what its slot says. Priority, higher first, then the place in the order of
 * submission.
 *
 * <p>With ageing a task gains so many points of priority in each hour since its submission. Since
 * all gain alike, who goes before whom never changes: it is enough to compare the priority less
 * what the submission came later, which is computed once. So nothing is ever sorted again.
 *
 * <p>A slot's priority may change while it waits, by the PLM; then its entries of before are stale,
 * whatever heap or list they stand in, and the PLM's ring brings the slot again.
 */
public final class TaskOrder {
  /** The most that a task may gain: with more, ranks of the next centuries would run over. */
  public static final long AGEING_MAX = 1_000_000;

  private static final long MILLIS_PER_HOUR = 3_600_000;

  private final TaskTable tasks;
  private final Control control;
  private final long ageing;

  /** As the Main Scheduler that runs, or ran last, has it. */
  public TaskOrder(TaskTable tasks, Control control) {
    this.tasks = tasks;
    this.control = control;
    this.ageing = Math.max(0, Math.min(AGEING_MAX, control.ageing()));
  }

  /** Whether tasks gain priority while they wait. */
  public boolean isAgeing() {
    return ageing != 0;
  }

  /** The first long of a slot's entry. */
  public long first(int slot) {
    return ageing == 0
        ? TaskHeap.first(tasks.priority(slot), tasks.sequence(slot))
        : TaskHeap.firstOfRank(rank(slot));
  }

  /** The second long of a slot's entry. */
  public long second(int slot) {
    return TaskHeap.second(tasks.sequence(slot), slot);
  }

  /** A slot's entry, as it is at this moment. */
  public TaskHeap.Entry entry(int slot) {
    return new TaskHeap.Entry(first(slot), second(slot));
  }

  /**
   * How good a slot's task is, the higher the better: its priority; with ageing the priority that
   * it would have had at the beginning of time, in points a millisecond of an hour.
   */
  public long rank(int slot) {
    int priority = tasks.priority(slot);
    return ageing == 0
        ? priority
        : priority * MILLIS_PER_HOUR - ageing * control.millisAt(tasks.submittedNanos(slot));
  }

  /** The priority of a slot's task with what it has gained until now. */
  public double agedPriority(int slot) {
    long waited = Math.max(0, control.nowMillis() - control.millisAt(tasks.submittedNanos(slot)));
    return tasks.priority(slot) + (double) ageing * waited / MILLIS_PER_HOUR;
  }

  /** Whether an entry is one of a task that is ready, and in its place. */
  public boolean isCurrent(long first, long second) {
    int slot = TaskHeap.slot(second);
    return tasks.contains(slot)
        && StateWord.state(tasks.word(slot)) == TaskState.READY
        && isOf(slot, first, second);
  }

  /** Whether an entry is what a slot's would be now. */
  public boolean isOf(int slot, long first, long second) {
    return second(slot) == second && first(slot) == first;
  }
}
