package io.tidemill.plm;

import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.TaskState;
import io.tidemill.shm.region.TaskTable;

/** Counts slots by what is in them. */
final class SlotCount {
  private final TaskTable tasks;

  SlotCount(TaskTable tasks) {
    this.tasks = tasks;
  }

  long live() {
    long count = 0;
    for (int slot = 0; slot < tasks.capacity(); slot++) {
      count += StateWord.state(tasks.word(slot)).isLive() ? 1 : 0;
    }
    return count;
  }

  long in(TaskState state) {
    long count = 0;
    for (int slot = 0; slot < tasks.capacity(); slot++) {
      count += StateWord.state(tasks.word(slot)) == state ? 1 : 0;
    }
    return count;
  }
}
