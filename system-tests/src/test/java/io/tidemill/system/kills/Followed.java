package io.tidemill.system.kills;

import com.google.protobuf.ByteString;
import io.tidemill.client.FollowListener;
import io.tidemill.client.TidemillException;
import io.tidemill.v1.EmittedPart;
import io.tidemill.v1.Task;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What one follower of a task was told, held against what is promised of it. */
final class Followed implements FollowListener {
  private final String name;
  private final List<String> violations = new ArrayList<>();
  private final BitSet told = new BitSet();
  private long lease;
  private long through;
  private int gaps;
  private Task end;

  Followed(String name) {
    this.name = name;
  }

  @Override
  public void part(EmittedPart part) {
    part(part.getLease(), part.getPosition(), part.getLostBytes(), part.getData());
  }

  /** In order, each byte once, and what is missing is said. */
  synchronized void part(long ofLease, long position, long lost, ByteString data) {
    if (end != null) {
      violations.add(name + ": a part behind the end: position=" + position);
    }
    if (lease != 0 && ofLease != lease) {
      violations.add(name + ": another lease, though the worker lives");
    }
    lease = ofLease;
    if (position != through + lost) {
      violations.add(
          name + ": told through=" + through + " then position=" + position + " lost=" + lost);
    }
    if (!EmittedLines.isRight(position, data)) {
      violations.add(name + ": not what was emitted: position=" + position + " data=" + data);
    }
    gaps += lost > 0 ? 1 : 0;
    through = position + data.size();
    told.set((int) position, (int) through);
  }

  /** All that was emitted has been told or told as lost; the result says how much that was. */
  @Override
  public synchronized void ended(Task task) {
    if (end != null) {
      violations.add(name + ": a second end");
    }
    end = task;
    ended(task.getResult().toStringUtf8());
  }

  private void ended(String result) {
    if (!result.equals(Long.toString(through))) {
      violations.add(name + ": emitted=" + result + " told or told as lost=" + through);
    }
  }

  @Override
  public synchronized void failed(TidemillException error) {
    violations.add(name + ": " + error.getMessage());
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized boolean isOver() {
    return end != null;
  }

  synchronized long through() {
    return through;
  }

  synchronized int gaps() {
    return gaps;
  }

  /** The bytes that it was told, by position. */
  synchronized BitSet told() {
    return (BitSet) told.clone();
  }
}
