package io.tidemill.bench.placement;

import io.tidemill.replay.Job;
import io.tidemill.replay.Workload;
import java.util.ArrayList;
import java.util.List;

/** Makes of a workload one that fits a fleet. */
final class Scaling {
  private Scaling() {}

  /**
   * Several copies of a workload, one after the other, whose arrivals come so much faster or slower
   * that they offer a load.
   *
   * @param load the work that arrives, over what the fleet can do meanwhile
   * @param places how many tasks the fleet runs at a time at the speed of the trace
   */
  static Workload of(Workload workload, int copies, double load, double places) {
    int size = workload.jobs().size();
    // As long after the last arrival as jobs come after each other; of a workflow, anything.
    double period = Math.max(1e6, workload.spanMicros() * (size / Math.max(1.0, size - 1.0)));
    double offered = workload.runSeconds() * 1e6 / (places * period);
    double factor = offered / load;
    List<Job> jobs = new ArrayList<>();
    for (int copy = 0; copy < copies; copy++) {
      int from = copy * size;
      for (Job job : workload.jobs()) {
        double at = (copy * period + job.submitMicros()) * factor;
        jobs.add(
            new Job(
                job.name(),
                Math.round(at),
                job.runMicros(),
                job.processors(),
                job.fields(),
                job.parents().stream().map(parent -> parent + from).toList()));
      }
    }
    return new Workload(workload.format(), jobs, workload.leftOut(), workload.shortened());
  }
}
