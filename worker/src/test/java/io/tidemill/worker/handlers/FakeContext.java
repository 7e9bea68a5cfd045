package io.tidemill.worker.handlers;

import com.google.protobuf.ByteString;
import io.tidemill.v1.ParentResult;
import io.tidemill.worker.TaskContext;
import java.time.Duration;
import java.util.List;

/** A context that a test hands to a handler. */
final class FakeContext implements TaskContext {
  private final ByteString payload;
  private final Duration executionTimeout;
  private volatile boolean cancelled;

  private final StringBuilder emitted = new StringBuilder();

  FakeContext(ByteString payload, Duration executionTimeout) {
    this.payload = payload;
    this.executionTimeout = executionTimeout;
  }

  static FakeContext of(String payload) {
    return new FakeContext(ByteString.copyFromUtf8(payload), Duration.ZERO);
  }

  void cancel() {
    cancelled = true;
  }

  @Override
  public long taskId() {
    return 0xABCL;
  }

  @Override
  public String type() {
    return "any";
  }

  @Override
  public ByteString payload() {
    return payload;
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public int attempt() {
    return 2;
  }

  @Override
  public long fencingToken() {
    return 0xDEFL;
  }

  @Override
  public List<ParentResult> parents() {
    return List.of();
  }

  @Override
  public Duration executionTimeout() {
    return executionTimeout;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public String cancelReason() {
    return "";
  }

  @Override
  public void onCancel(Runnable action) {}

  @Override
  public void progress(float fraction, String message) {}

  @Override
  public synchronized void emit(ByteString data) {
    emitted.append(data.toStringUtf8());
  }

  synchronized String emitted() {
    return emitted.toString();
  }
}
