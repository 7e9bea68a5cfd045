package io.tidemill.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.Role;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The simulation itself: it does what an instance does, and notices what it is to notice. */
class SimulationTest {
  private final World world = new World(SharedMemory.Size.SMALL, Map.of(), Observer.NOBODY);

  @Test
  void aTaskGoesThroughAllServersAndBack() {
    world.worker("w1", 2, "t");
    SimClient client = world.client(7);
    client.submit(SimClient.task("t", 0, "ok"), SimClient.task("t", 1, "fail:1"));

    world.rest();

    assertThat(Checks.wrongIn(world)).isEmpty();
    assertThat(client.results()).hasSize(2);
  }

  @Test
  void aResultThatWaitsForTheDiskIsNotToldByAPlmThatStartsMeanwhile() {
    world.worker("w1", 2, "t");
    SimClient client = world.client(7);
    client.submit(SimClient.disk(SimClient.task("t", 0, "hang")));
    world.rounds(5);
    world.process(Role.REGISTER).dieWithDocuments(1); // The outcome is appended, and not forced.
    world.workers().get(0).hurry(true);
    while (world.isUp(Role.REGISTER)) {
      world.workers().get(0).act();
      world.deliverAll();
      world.turn(Role.REGISTER);
    }

    world.kill(Role.PLM);
    world.deliverAll();
    world.start(Role.PLM);
    for (int i = 0; i < 5; i++) {
      client.act();
      world.deliverAll();
      world.turn(Role.PLM);
    }

    assertThat(client.results()).isEmpty();
    world.rest();
    assertThat(Checks.wrongIn(world)).isEmpty();
  }

  @Test
  void anyServerMayDieWhileTasksAreUnderWay() {
    SimWorker worker = world.worker("w1", 2, "t");
    SimClient client = world.client(7);
    for (int i = 0; i < 6; i++) {
      client.submit(SimClient.task("t", i, "hang"));
    }
    world.rounds(5);
    assertThat(worker.leases()).hasSize(2);

    for (Role role : Role.servers()) {
      world.kill(role);
      world.rounds(3);
    }
    world.rest();

    assertThat(Checks.wrongIn(world)).isEmpty();
    assertThat(client.results()).hasSize(6);
  }
}
