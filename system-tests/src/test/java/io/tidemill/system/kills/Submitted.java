package io.tidemill.system.kills;

import io.tidemill.v1.TaskSpec;
import io.tidemill.v1.TaskState;
import java.util.List;

/**
 * A task of the test of all features: what was asked for, and how it has to end.
 *
 * @param beforeNanos monotonic, before it was sent for the first time: it was accepted later
 * @param parents the names of the tasks that it waits for
 */
record Submitted(
    String name,
    String task,
    TaskSpec spec,
    long beforeNanos,
    List<String> parents,
    TaskState end) {}
