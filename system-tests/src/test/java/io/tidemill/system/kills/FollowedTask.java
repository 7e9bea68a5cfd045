package io.tidemill.system.kills;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.tidemill.rpc.TaskIds;
import io.tidemill.system.Command;
import io.tidemill.v1.Task;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A task that emits until it may end, and those who follow it. */
final class FollowedTask implements AutoCloseable {
  static final String QUEUE = "told";

  private final UnderKills under;
  private final long task;
  private final List<Followed> followers = new ArrayList<>();
  private final List<AutoCloseable> streams = new ArrayList<>();
  private final Command command;

  /** It is followed before it begins, by a program and by the command line. */
  FollowedTask(UnderKills under) {
    this.under = under;
    TaskSpec spec = TaskSpec.newBuilder().setType(EmittedLines.TYPE).setQueue(QUEUE).build();
    task = under.client().submit(spec).getTaskId();
    follow("early");
    command = under.instance().begin("task", "follow", TaskIds.format(task), "--json");
  }

  /** Somebody else comes, and is told from the beginning. */
  Followed follow(String name) {
    Followed follower = new Followed(name);
    followers.add(follower);
    streams.add(under.newClient().follow(task, follower));
    return follower;
  }

  /** Until everybody has been told more than now. */
  void awaitMore() {
    for (Followed follower : List.copyOf(followers)) {
      long before = follower.through();
      Servers.await(
          "more is told", () -> follower.through() > before || !follower.violations().isEmpty());
    }
  }

  /** The most that one of them was told of as missing, in how many places. */
  int gaps() {
    return followers.stream().mapToInt(Followed::gaps).max().orElse(0);
  }

  /**
   * After it may end.
   *
   * @param all whether nothing has been displaced: then who comes last is told the same
   */
  List<String> violations(boolean all) {
    Servers.await("the end is told", () -> followers.stream().allMatch(Followed::isOver));
    Followed late = follow("late");
    Servers.await("the end is told again", late::isOver);
    List<String> violations = new ArrayList<>(ofCommand());
    followers.forEach(follower -> violations.addAll(follower.violations()));
    BitSet told = late.told();
    for (Followed follower : followers) {
      if (all && !follower.told().equals(told)) {
        violations.add("who comes late was told something else: " + told + follower.told());
      }
    }
    return violations;
  }

  private List<String> ofCommand() {
    Command.Result result = command.await();
    Followed printed = new Followed("the command");
    for (String line : result.out().lines().toList()) {
      JsonObject event = JsonParser.parseString(line).getAsJsonObject();
      switch (event.get("event").getAsString()) {
        case "part" ->
            printed.part(
                TaskIds.parse(event.get("lease").getAsString()),
                event.get("position").getAsLong(),
                event.get("lost_bytes").getAsLong(),
                ByteString.copyFromUtf8(event.get("data").getAsString()));
        case "ended" ->
            printed.ended(
                Task.newBuilder()
                    .setResult(
                        ByteString.copyFromUtf8(
                            event.getAsJsonObject("task").get("result").getAsString()))
                    .build());
        default -> {
          // Its state has changed.
        }
      }
    }
    List<String> violations = new ArrayList<>(printed.violations());
    if (result.status() != 0 || !printed.isOver()) {
      violations.add("the command did not come to the end: " + result);
    }
    return violations;
  }

  @Override
  public void close() throws Exception {
    command.end();
    for (AutoCloseable stream : streams) {
      stream.close();
    }
  }
}
