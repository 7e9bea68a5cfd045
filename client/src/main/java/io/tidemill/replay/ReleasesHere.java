package io.tidemill.replay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/** Counts, for each job, those before it that have not succeeded yet. */
final class ReleasesHere implements Releases {
  private final List<List<Integer>> children;
  private final int[] waiting;
  private final boolean[] free;
  private final BitSet dropped = new BitSet();
  private final IntConsumer go;
  private final IntConsumer never;

  ReleasesHere(List<Job> jobs, IntConsumer go, IntConsumer never) {
    this.children = Dependencies.children(jobs);
    this.waiting = jobs.stream().mapToInt(job -> job.parents().size()).toArray();
    this.free = new boolean[waiting.length];
    for (int i = 0; i < free.length; i++) {
      free[i] = waiting[i] == 0;
    }
    this.go = go;
    this.never = never;
  }

  @Override
  public boolean isFree(int job) {
    return free[job];
  }

  @Override
  public void ended(int job, boolean succeeded) {
    if (succeeded) {
      for (int child : countDown(job)) {
        go.accept(child);
      }
    } else {
      for (int descendant : drop(job)) {
        never.accept(descendant);
      }
    }
  }

  private synchronized List<Integer> countDown(int job) {
    List<Integer> released = new ArrayList<>();
    for (int child : children.get(job)) {
      if (--waiting[child] == 0 && !dropped.get(child)) {
        released.add(child);
      }
    }
    return released;
  }

  private synchronized List<Integer> drop(int job) {
    List<Integer> lost = new ArrayList<>();
    Deque<Integer> next = new ArrayDeque<>(children.get(job));
    while (!next.isEmpty()) {
      int descendant = next.remove();
      if (!dropped.get(descendant)) {
        dropped.set(descendant);
        lost.add(descendant);
        next.addAll(children.get(descendant));
      }
    }
    return lost;
  }
}
