package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.WorkerTable.Registration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WorkerTableTest {
  private final WorkerTable workers = TestRegions.workers(4);

  @Test
  void remembersARegistrationAndCountsThem() {
    Registration first = new Registration("w1", 7, 4, List.of("echo", "spin"), "host", 99);
    assertThat(workers.enter(2, first, 1_000, 5)).isEqualTo(1);
    assertThat(workers.registration(2)).isEqualTo(first);
    assertThat(workers.state(2)).isEqualTo(WorkerTable.State.ALIVE);
    workers.state(2, WorkerTable.State.DEAD);
    assertThat(workers.incarnation(2)).isEqualTo(1);
    Registration second = new Registration("w2", 8, 1, List.of("echo"), "", 100);
    assertThat(workers.enter(2, second, 2_000, 6)).isEqualTo(2);
    assertThat(workers.registration(2)).isEqualTo(second);
    assertThat(workers.registeredMillis(2)).isEqualTo(2_000);
  }

  @Test
  void neverShowsHalfARegistration() {
    Registration a = new Registration("aaaaaaaaaaaa", 1, 1, List.of("a1", "a2"), "ha", 1);
    Registration b = new Registration("b", 2, 2, List.of("b1"), "hb", 2);
    workers.enter(0, a, 0, 0);
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 2_000; i++) {
                workers.enter(0, i % 2 == 0 ? b : a, 0, 0);
              }
            });
    while (!writer.isDone()) {
      Registration seen = workers.registration(0);
      if (seen != null) {
        assertThat(seen).isIn(a, b);
      }
    }
    writer.join();
  }

  @Test
  void saysWhenTheTypesDoNotFit() {
    List<String> many = java.util.Collections.nCopies(64, "t".repeat(128));
    assertThat(new Registration("w", 1, 1, many, "", 0).fits()).isFalse();
    assertThat(new Registration("w", 1, 1, many.subList(0, 12), "", 0).fits()).isTrue();
  }

  @Test
  void tellsTheTimeOfATypeFromThatOfAnotherInTheSamePlace() {
    Registration worker = new Registration("w", 1, 1, List.of("echo"), "", 1);
    workers.enter(3, worker, 0, 0);
    workers.served(3, 1, Long.MAX_VALUE);
    assertThat(workers.typeMicros(3, 1)).isEqualTo((1L << 40) - 1);
    assertThat(workers.typeMicros(3, 1 + WorkerTable.SPEEDS)).isZero();
    workers.served(3, 1 + WorkerTable.SPEEDS, 70);
    assertThat(workers.typeMicros(3, 1 + WorkerTable.SPEEDS)).isEqualTo(70);
    assertThat(workers.typeMicros(3, 1)).as("displaced").isZero();
    workers.enter(3, worker, 0, 0);
    assertThat(workers.typeMicros(3, 1 + WorkerTable.SPEEDS)).as("another life").isZero();
  }
}
