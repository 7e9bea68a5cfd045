package io.tidemill.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.client.FakePlm;
import io.tidemill.client.TidemillClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PollerTest {
  @Test
  void keepsTheLastFiguresWhileServersAreAwayAndComesBack() {
    AtomicLong clock = new AtomicLong(1000);
    try (FakePlm plm = new FakePlm();
        TidemillClient client =
            TidemillClient.builder()
                .plm(plm.address())
                .register(plm.address())
                .callTimeout(Duration.ofMillis(200))
                .build();
        TidemillClient patient =
            TidemillClient.builder().plm(plm.address()).register(plm.address()).build()) {
      Poller poller = new Poller(client, plm.address(), plm.address(), clock::get);
      plm.kill();
      Snapshot away = poller.poll();
      assertThat(away.plm().awaySinceMillis()).isEqualTo(1000);
      clock.set(2000);
      assertThat(poller.poll().plm().awaySinceMillis()).isEqualTo(1000);
      plm.start();
      Snapshot back = new Poller(patient, plm.address(), plm.address(), clock::get).poll();
      assertThat(back.plm().isAway()).isFalse();
      assertThat(back.stats().getAccepted()).isEqualTo(100);
      assertThat(back.workers()).hasSize(3);
    }
  }
}
