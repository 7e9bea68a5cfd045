package io.tidemill.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.Offer;
import io.tidemill.shm.region.Offer.QueueOrder;
import io.tidemill.shm.region.Offer.Share;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void servesStrictlyByTheList() {
    Turns turns = turns(QueueOrder.STRICT, 1, 1, 1);
    for (int i = 0; i < 10; i++) {
      turns.served("a");
    }
    assertThat(turns.isBefore("a", "b")).isTrue();
    assertThat(turns.isBefore("b", "c")).isTrue();
    assertThat(turns.isBefore("b", "a")).isFalse();
    assertThat(turns.isBefore("a", "a")).isFalse();
  }

  @Test
  void servesAsOftenAsTheWeightsSay() {
    Turns turns = turns(QueueOrder.WEIGHTED, 5, 3, 2);
    assertThat(serve(turns, List.of("a", "b", "c"), 1_000))
        .isEqualTo(Map.of("a", 500, "b", 300, "c", 200));
  }

  @Test
  void savesNothingUpForAQueueThatWasEmpty() {
    Turns turns = turns(QueueOrder.WEIGHTED, 1, 1, 1);
    serve(turns, List.of("a", "b"), 1_000);
    Map<String, Integer> served = serve(turns, List.of("a", "b", "c"), 30);
    assertThat(served.get("c")).isBetween(9, 11);
  }

  private static Map<String, Integer> serve(Turns turns, List<String> queues, int count) {
    Map<String, Integer> served = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String next = queues.get(0);
      for (String other : queues) {
        next = turns.isBefore(other, next) ? other : next;
      }
      turns.served(next);
      served.merge(next, 1, Integer::sum);
    }
    return served;
  }

  private static Turns turns(QueueOrder order, int a, int b, int c) {
    return new Turns(
        new Offer(
            List.of(new Share("a", a), new Share("b", b), new Share("c", c)),
            order,
            Map.of(),
            Map.of()));
  }
}
