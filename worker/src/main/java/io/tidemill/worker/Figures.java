package io.tidemill.worker;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * What the worker measures of itself: the time in handlers, as percentiles for the log and smoothed
 * for the window and the beats, what became of tasks, and the processor time. Executors write; the
 * control thread reads.
 */
final class Figures {
  private static final long SERVICE_MICROS_MAX = TimeUnit.HOURS.toMicros(24);
  private static final int SMOOTHING = 16;

  private final Recorder recorder = new Recorder(SERVICE_MICROS_MAX, 2);
  private final LongAdder ended = new LongAdder();
  private volatile long smoothedNanos = -1;

  // By the control thread alone.
  private Histogram interval;
  private long lastCpuNanos = cpuNanos();
  private long lastCpuReadNanos = System.nanoTime();
  private float cpu;

  /** Two executors at once may lose one sample of the smoothed time, which does no harm. */
  void ended(long nanos) {
    recorder.recordValue(Math.min(SERVICE_MICROS_MAX, nanos / 1_000));
    ended.increment();
    long before = smoothedNanos;
    smoothedNanos = before < 0 ? nanos : before + (nanos - before) / SMOOTHING;
  }

  /** The smoothed time in the handler; negative before the first task has ended. */
  long smoothedNanos() {
    return smoothedNanos;
  }

  long endedCount() {
    return ended.sum();
  }

  /** Of the time since the last call. */
  Histogram takeInterval() {
    interval = recorder.getIntervalHistogram(interval);
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
