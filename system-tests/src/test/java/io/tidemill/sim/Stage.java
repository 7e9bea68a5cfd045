package io.tidemill.sim;

import io.tidemill.shm.region.Role;
import java.util.List;
import java.util.Map;

/**
 * The world that every operation begins in, so that any two of them fit together: one worker that
 * is full, with tasks that it was sent and has not started; one that is idle; a backlog of ready
 * tasks; and a task that has ended and that nobody has been told of.
 */
final class Stage {
  static final int TIMEOUT_MILLIS = 60_000;
  static final int RETURNS_MAX = 2;

  final World world;
  final SimClient client;
  final SimWorker busy;
  final SimWorker idle;

  /** Numbers of the client's tasks. */
  final long held;

  final long heldToo;
  final long ready;
  final long readyToFail;
  final long ended;

  Stage(Observer observer) {
    world =
        new World(
            SharedMemory.Size.SMALL,
            Map.of(
                "task.returns.max", Integer.toString(RETURNS_MAX),
                "task.execution.timeout.ms", Integer.toString(TIMEOUT_MILLIS)),
            observer);
    for (Role role : Role.servers()) {
      world.start(role);
    }
    busy = world.worker("w1", 2, "t");
    idle = world.worker("w2", 1, "u", "v");
    busy.working(false);
    client = world.client(7);
    held = client.submit(SimClient.task("t", 0, "hang"));
    heldToo = client.submit(SimClient.task("t", 0, "hang"));
    world.rounds(4);
    ready = client.submit(SimClient.task("t", 5, "ok"));
    readyToFail = client.submit(SimClient.task("t", 1, "fail:1"));
    ended = client.submit(SimClient.disk(SimClient.task("u", 0, "ok")));
    sendAndAccept();
    world.turn(Role.SCHEDULER);
    world.deliverAll();
    idle.act();
    world.deliverAll();
    world.turn(Role.REGISTER);
  }

  /** What the client wants goes to the PLM, which answers. */
  void sendAndAccept() {
    client.act();
    world.deliverAll();
    world.turn(Role.PLM);
    world.deliverAll();
  }

  long id(long number) {
    return client.id(number);
  }

  /** What is on its way to a server arrives, and it turns. */
  void serve(Role role) {
    world.deliverTo(role);
    world.turn(role);
  }

  /** Everything that is under way arrives, but nobody turns. */
  void arrive() {
    world.deliverAll();
  }

  List<SimWorker> workers() {
    return List.of(busy, idle);
  }
}
