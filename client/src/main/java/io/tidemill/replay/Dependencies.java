package io.tidemill.replay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Jobs and those that they wait for. */
final class Dependencies {
  private Dependencies() {}

  /** Who waits for each job. */
  static List<List<Integer>> children(List<Job> jobs) {
    List<List<Integer>> children = new ArrayList<>();
    jobs.forEach(job -> children.add(new ArrayList<>()));
    for (int i = 0; i < jobs.size(); i++) {
      for (int parent : jobs.get(i).parents()) {
        children.get(parent).add(i);
      }
    }
    return children;
  }

  /**
   * The jobs with every parent before its children, and otherwise in their order (Kahn).
   *
   * @throws TraceException with a cycle, if there is one
   */
  static List<Job> inOrder(String file, List<Job> jobs) {
    List<List<Integer>> children = children(jobs);
    int[] waiting = jobs.stream().mapToInt(job -> job.parents().size()).toArray();
    int[] newPlace = new int[jobs.size()];
    Deque<Integer> free = new ArrayDeque<>();
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i] == 0) {
        free.add(i);
      }
    }
    List<Job> ordered = new ArrayList<>();
    while (!free.isEmpty()) {
      int next = free.remove();
      newPlace[next] = ordered.size();
      ordered.add(jobs.get(next).after(places(jobs.get(next), newPlace)));
      for (int child : children.get(next)) {
        if (--waiting[child] == 0) {
          free.add(child);
        }
      }
    }
    if (ordered.size() < jobs.size()) {
      throw new TraceException(file + ": tasks wait for each other: " + cycle(jobs, waiting));
    }
    return ordered;
  }

  private static List<Integer> places(Job job, int[] newPlace) {
    return job.parents().stream().map(parent -> newPlace[parent]).toList();
  }

  /** From a job that still waits to a parent that still waits, until one comes up again. */
  private static String cycle(List<Job> jobs, int[] waiting) {
    int at = 0;
    while (waiting[at] == 0) {
      at++;
    }
    List<Integer> way = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    while (seen.add(at)) {
      way.add(at);
      at = jobs.get(at).parents().stream().filter(p -> waiting[p] > 0).findFirst().orElseThrow();
    }
    way.add(at);
    return way.subList(way.indexOf(at), way.size()).stream()
        .map(i -> jobs.get(i).name())
        .collect(Collectors.joining(" after "));
  }
}
