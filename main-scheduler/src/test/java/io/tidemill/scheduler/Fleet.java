package io.tidemill.scheduler;

import io.tidemill.shm.region.KeyHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Workers as a policy sees them, set up by hand; all handle type 0. */
final class Fleet implements PlacementPolicy.Candidates {
  private final List<Member> members = new ArrayList<>();
  private List<Integer> order = List.of();

  private static final class Member {
    private final int capacity;
    private final int window;
    private int inFlight;
    private long micros;
    private boolean away;
    private boolean gone;

    private Member(int capacity, int window) {
      this.capacity = capacity;
      this.window = window;
    }
  }

  /** Adds a worker that runs so many tasks at a time and holds up to {@code window}. */
  int add(int capacity, int window) {
    members.add(new Member(capacity, window));
    order();
    return members.size() - 1;
  }

  Fleet holding(int row, int tasks) {
    members.get(row).inFlight = tasks;
    order();
    return this;
  }

  Fleet measured(int row, long micros) {
    members.get(row).micros = micros;
    return this;
  }

  /** It has died, or has not come yet. */
  Fleet gone(int row, boolean isGone) {
    members.get(row).gone = isGone;
    members.get(row).away = isGone;
    return this;
  }

  /** It is full as far as its stream goes. */
  Fleet away(int row) {
    members.get(row).away = true;
    return this;
  }

  /** Places a task and counts it; answers the row. */
  int place(PlacementPolicy policy) {
    int row = policy.place(0, this);
    if (row != PlacementPolicy.NOBODY) {
      holding(row, inFlight(row) + 1);
    }
    return row;
  }

  int[] inFlight() {
    return members.stream().mapToInt(member -> member.inFlight).toArray();
  }

  private void order() {
    order = new ArrayList<>();
    for (int row = 0; row < members.size(); row++) {
      order.add(row);
    }
    order.sort(Comparator.comparingDouble(this::load));
  }

  @Override
  public int count() {
    return members.size();
  }

  @Override
  public int rowAt(int place) {
    return order.get(place);
  }

  @Override
  public int room(int row) {
    Member member = members.get(row);
    return member.away ? 0 : Math.max(0, member.window - member.inFlight);
  }

  @Override
  public double load(int row) {
    return (double) members.get(row).inFlight / members.get(row).window;
  }

  @Override
  public boolean handles(int row, int type) {
    return type == 0;
  }

  @Override
  public int inFlight(int row) {
    return members.get(row).inFlight;
  }

  @Override
  public int capacity(int row) {
    return members.get(row).capacity;
  }

  @Override
  public boolean mayRun(int row, int type) {
    return type == 0 && !members.get(row).gone;
  }

  @Override
  public long identity(int row) {
    return KeyHash.of("w" + row);
  }

  @Override
  public long serviceMicros(int row, int type) {
    return members.get(row).micros;
  }
}
