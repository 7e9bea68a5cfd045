package io.tidemill.shm.region;

import io.tidemill.shm.memory.HeapMemory;
import io.tidemill.shm.region.RegionHeader.Kind;

/** Regions on the heap, made as their creator would. */
final class TestRegions {
  private TestRegions() {}

  static TaskTable tasks(int capacity) {
    return new TaskTable(memory(Kind.TASKS, TaskTable.bytes(capacity), capacity));
  }

  static WorkerTable workers(int capacity) {
    return new WorkerTable(memory(Kind.WORKERS, WorkerTable.bytes(capacity), capacity));
  }

  static WorkerHeap workerHeap(int capacity) {
    return new WorkerHeap(memory(Kind.WORKER_HEAP, WorkerHeap.bytes(capacity), capacity));
  }

  static TaskHeap taskHeap(int tasks, int lanes) {
    TaskHeap heap =
        new TaskHeap(memory(Kind.TASK_HEAP, TaskHeap.bytes(tasks, lanes), tasks), tasks, lanes);
    heap.clear();
    return heap;
  }

  static Mapping mapping(int capacity) {
    return new Mapping(memory(Kind.MAPPING, Mapping.bytes(capacity), capacity));
  }

  static HeapMemory types(int capacity) {
    return memory(Kind.TYPES, TypeTable.bytes(capacity), capacity);
  }

  static Control control() {
    return new Control(memory(Kind.CONTROL, Control.bytes(), Role.values().length));
  }

  static HeapMemory memory(Kind kind, long bytes, long capacity) {
    HeapMemory memory = new HeapMemory(Math.toIntExact(bytes));
    RegionHeader.prepare(memory, kind, capacity, 1, 1);
    RegionHeader.seal(memory);
    return memory;
  }
}
