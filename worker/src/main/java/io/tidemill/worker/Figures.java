package io.tidemill.worker;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What the worker measures of itself: the time in handlers, as percentiles for the log and smoothed
 * for the window and the beats, what became of tasks, and the processor time. Executors write; the
 * control thread reads.
 */
final class Figures {
  private static final long SERVICE_MICROS_MAX = TimeUnit.HOURS.toMicros(24);
  private static final int SMOOTHING = 16;

  // Guarded by this.
  private final Histogram service = new Histogram(SERVICE_MICROS_MAX, 2);
  private long ended;

  private volatile long smoothedNanos = -1;

  // By the control thread alone.
  private long lastCpuNanos = cpuNanos();
  private long lastCpuReadNanos = System.nanoTime();
  private float cpu;

  /** So many tasks of an executor took so long each. */
  synchronized void ended(long[] nanos, int count) {
    long smoothed = smoothedNanos;
    for (int i = 0; i < count; i++) {
      service.recordValue(Math.min(SERVICE_MICROS_MAX, nanos[i] / 1_000));
      smoothed = smoothed < 0 ? nanos[i] : smoothed + (nanos[i] - smoothed) / SMOOTHING;
    }
    ended += count;
    smoothedNanos = smoothed;
  }

  /** The smoothed time in the handler; negative before the first task has ended. */
  long smoothedNanos() {
    return smoothedNanos;
  }

  synchronized long endedCount() {
    return ended;
  }

  /** Of the time since the last call. */
  synchronized Histogram takeInterval() {
    Histogram interval = service.copy();
    service.reset();
    return interval;
  }

  /**
   * Of the whole process, 1.0 is one core, since the last call that was long enough ago to tell.
   */
  float cpu() {
    long now = System.nanoTime();
    long elapsed = now - lastCpuReadNanos;
    if (elapsed >= TimeUnit.MILLISECONDS.toNanos(50)) {
      long used = cpuNanos();
      cpu = (float) Math.max(0, (used - lastCpuNanos) / (double) elapsed);
      lastCpuNanos = used;
      lastCpuReadNanos = now;
    }
    return cpu;
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? Math.max(0, system.getProcessCpuTime())
        : 0;
  }
}
