package io.tidemill.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What was sent and has not started, in the order of starting, and the executors that wait for it.
 * Bounded by the window that the worker grants the Main Scheduler.
 *
 * <p>The best tasks stand in the <em>run</em>, a sorted array that executors claim from with one
 * atomic increment; the lock is taken once a run, not once a task. A task that arrives and belongs
 * before the run's last one recalls what of the run is not claimed yet, so that claiming keeps the
 * order exactly.
 *
 * <p>Adding wakes one executor; one that was woken wakes the next if there is more to do. The
 * transport thread thus pays for one wake at most, and none while executors are busy.
 */
final class LocalQueue {
  static final int RUN_TASKS_MAX = 256;

  /** Sorted tasks; the counter is the index of the next one to claim, and may go beyond the end. */
  private static final class Run extends AtomicInteger {
    private static final long serialVersionUID = 1L;
    final transient HeldTask[] tasks;
    final int size;
    final transient HeldTask last;

    Run(HeldTask[] tasks, int size) {
      this.tasks = tasks;
      this.size = size;
      this.last = size == 0 ? null : tasks[size - 1];
    }

    HeldTask claim() {
      int index = getAndIncrement();
      return index < size ? take(index) : null;
    }

    /** Forgets the task, so that what is done is not kept alive by the array. */
    HeldTask take(int index) {
      HeldTask task = tasks[index];
      tasks[index] = null;
      return task;
    }

    int left() {
      return Math.max(0, size - get());
    }
  }

  private static final Run NO_RUN = new Run(new HeldTask[0], 0);

  private final int executorsMax;
  private final Runnable spawn;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Run run = NO_RUN;

  // Guarded by the lock. Almost everything arrives in order and stands in the first; the rest is
  // sorted by the second.
  private final ArrayDeque<HeldTask> inOrder = new ArrayDeque<>();
  private final PriorityQueue<HeldTask> outOfOrder = new PriorityQueue<>();
  private final ArrayDeque<Waiter> idle = new ArrayDeque<>();
  private int executors;

  private volatile boolean moreBehindRun;
  private volatile boolean closed;

  /** An executor's place to sleep. */
  static final class Waiter {
    private final Thread thread;
    private volatile boolean asleep;
    private boolean woken;

    Waiter(Thread thread) {
      this.thread = thread;
    }
  }

  /**
   * @param spawn starts one more executor, which calls {@link #take}
   */
  LocalQueue(int executorsMax, Runnable spawn) {
    this.executorsMax = executorsMax;
    this.spawn = spawn;
  }

  /** By the dispatch stream, in the order of arrival. */
  void add(List<HeldTask> tasks) {
    if (tasks.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      if (belongsWithinRun(tasks)) {
        recallRun();
      }
      tasks.forEach(this::insert);
      noteWhatIsBehindRun();
    } finally {
      lock.unlock();
    }
    wakeOne();
  }

  private boolean belongsWithinRun(List<HeldTask> tasks) {
    Run now = run;
    if (now.left() == 0) {
      return false;
    }
    for (HeldTask task : tasks) {
      if (task.compareTo(now.last) < 0) {
        return true;
      }
    }
    return false;
  }

  private void recallRun() {
    Run now = run;
    for (int i = now.getAndSet(now.size); i < now.size; i++) {
      outOfOrder.add(now.take(i));
    }
  }

  private void insert(HeldTask task) {
    if (inOrder.isEmpty() || inOrder.peekLast().compareTo(task) <= 0) {
      inOrder.addLast(task);
    } else {
      outOfOrder.add(task);
    }
  }

  /** The best task, waiting for one as long as it takes; null once closed. */
  HeldTask take(Waiter self) {
    while (!closed) {
      HeldTask task = run.claim();
      if (task == null) {
        task = nextRunOrSleep(self);
      }
      if (task != null) {
        if (self.woken) {
          self.woken = false;
          passWakeOn();
        }
        return task;
      }
    }
    return null;
  }

  private HeldTask nextRunOrSleep(Waiter self) {
    lock.lock();
    try {
      Run now = run;
      if (now.left() == 0) {
        now = nextRun();
        run = now;
      }
      HeldTask task = now.claim();
      if (task != null || closed) {
        return task;
      }
      self.asleep = true;
      idle.push(self);
    } finally {
      lock.unlock();
    }
    sleep(self);
    return null;
  }

  private Run nextRun() {
    int size = Math.min(RUN_TASKS_MAX, inOrder.size() + outOfOrder.size());
    if (size == 0) {
      return NO_RUN;
    }
    HeldTask[] tasks = new HeldTask[size];
    for (int i = 0; i < size; i++) {
      tasks[i] = pollBest();
    }
    noteWhatIsBehindRun();
    return new Run(tasks, size);
  }

  private void noteWhatIsBehindRun() {
    moreBehindRun = !inOrder.isEmpty() || !outOfOrder.isEmpty();
  }

  private HeldTask pollBest() {
    HeldTask a = inOrder.peekFirst();
    HeldTask b = outOfOrder.peek();
    if (b == null || (a != null && a.compareTo(b) <= 0)) {
      return inOrder.pollFirst();
    }
    return outOfOrder.poll();
  }

  private static void sleep(Waiter self) {
    while (self.asleep) {
      LockSupport.park(self);
      // An interrupt meant for a handler that has ended would keep the thread from parking.
      Thread.interrupted();
    }
    self.woken = true;
  }

  /** True if an executor that ends its task now finds another one. */
  boolean hasMore() {
    return run.left() > 0 || moreBehindRun;
  }

  private void passWakeOn() {
    if (hasMore()) {
      wakeOne();
    }
  }

  private void wakeOne() {
    Waiter waiter;
    boolean start = false;
    lock.lock();
    try {
      waiter = idle.poll();
      if (waiter == null && executors < executorsMax && !closed) {
        executors++;
        start = true;
      }
    } finally {
      lock.unlock();
    }
    if (waiter != null) {
      waiter.asleep = false;
      LockSupport.unpark(waiter.thread);
    } else if (start) {
      spawn.run();
    }
  }

  /** A new executor counts as woken: it looks for others to wake. */
  Waiter enter(Thread thread) {
    Waiter waiter = new Waiter(thread);
    waiter.woken = true;
    return waiter;
  }

  /** Forgets a task that ended before it started. */
  void remove(HeldTask task) {
    lock.lock();
    try {
      recallRun();
      if (!outOfOrder.remove(task)) {
        inOrder.remove(task);
      }
      noteWhatIsBehindRun();
    } finally {
      lock.unlock();
    }
  }

  /** Takes out all that is not claimed, in order. */
  List<HeldTask> removeAll() {
    List<HeldTask> all = new ArrayList<>();
    lock.lock();
    try {
      recallRun();
      while (!inOrder.isEmpty() || !outOfOrder.isEmpty()) {
        all.add(pollBest());
      }
      noteWhatIsBehindRun();
    } finally {
      lock.unlock();
    }
    return all;
  }

  int size() {
    lock.lock();
    try {
      return run.left() + inOrder.size() + outOfOrder.size();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    List<Waiter> sleepers;
    lock.lock();
    try {
      closed = true;
      sleepers = new ArrayList<>(idle);
      idle.clear();
    } finally {
      lock.unlock();
    }
    for (Waiter waiter : sleepers) {
      waiter.asleep = false;
      LockSupport.unpark(waiter.thread);
    }
  }
}
