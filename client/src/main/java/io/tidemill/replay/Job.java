package io.tidemill.replay;

import java.util.List;

/**
 * A job of a trace.
 *
 * @param name as the trace calls it
 * @param submitMicros when it came, in the trace's time; of a trace as it was read, of any origin
 * @param runMicros how long it ran, in the trace's time
 * @param processors how many it ran on at the same time; 1 if the trace does not say
 * @param fields the values of {@link TraceFormat#fields}, in their order; -1: not known
 * @param parents the jobs, by their places in the list, that have to end before it can begin
 */
public record Job(
    String name,
    long submitMicros,
    long runMicros,
    int processors,
    List<Long> fields,
    List<Integer> parents) {

  Job at(long micros) {
    return new Job(name, micros, runMicros, processors, fields, parents);
  }

  Job running(long micros) {
    return new Job(name, submitMicros, micros, processors, fields, parents);
  }

  Job after(List<Integer> others) {
    return new Job(name, submitMicros, runMicros, processors, fields, others);
  }
}
