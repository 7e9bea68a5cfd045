package io.tidemill.rpc.security;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes lines from any thread, which never waits, and writes them by one of its own. What a full
 * queue or a full disk swallows is counted, and the count is written once there is room.
 */
final class AuditLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.security");
  private static final int LINES_MAX = 10_000;
  private static final int BATCH_MAX = 1_000;
  private static final long LOOK_MILLIS = 200;
  private static final long CLOSE_MILLIS = 2_000;

  private final AuditFile file;
  private final BlockingQueue<AuditLine> lines = new ArrayBlockingQueue<>(LINES_MAX);
  private final AtomicLong lost = new AtomicLong();
  private final java.time.Clock clock;
  private final Thread writer;
  private volatile boolean closed;
  private boolean failing;

  AuditLog(AuditFile file, java.time.Clock clock) {
    this.file = file;
    this.clock = clock;
    this.writer = new Thread(this::run, "audit");
    writer.setDaemon(true);
    writer.start();
  }

  void add(AuditLine line) {
    if (!lines.offer(line)) {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (!closed || !lines.isEmpty()) {
        AuditLine first = lines.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          List<AuditLine> batch = new ArrayList<>(List.of(first));
          lines.drainTo(batch, BATCH_MAX);
          write(batch);
        }
      }
      file.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.error("cannot close the audit log: cause={}", e.toString());
    }
  }

  private void write(List<AuditLine> batch) {
    StringBuilder text = new StringBuilder();
    long missed = lost.getAndSet(0);
    if (missed > 0) {
      text.append(
          new AuditLine(clock.instant(), "lost")
              .put("lines", missed)
              .put("why", "they came faster than they could be written"));
    }
    batch.forEach(text::append);
    try {
      file.append(text.toString());
      failing = false;
    } catch (IOException e) {
      lost.addAndGet(missed + batch.size());
      if (!failing) {
        failing = true;
        LOG.error("cannot write the audit log, service goes on: cause={}", e.toString());
      }
    }
  }

  /** Writes what was added before. */
  @Override
  public void close() {
    closed = true;
    try {
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
