package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.shm.region.Offer.QueueOrder;
import io.tidemill.shm.region.Offer.Share;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaneTest {
  @Test
  void isItsTypeAloneIfItRequiresNothing() {
    assertThat(Lane.of("echo", "", Map.of(), Map.of()).text()).isEqualTo("echo");
    assertThat(Lane.of("echo", "default", Map.of(), Map.of()).text()).isEqualTo("echo");
    assertThat(Lane.parse("echo").queue()).isEqualTo("default");
    assertThat(Lane.isType("a:b/c")).isTrue();
    assertThat(Lane.isType("echo @mail")).isFalse();
  }

  @Test
  void hasOneTextHoweverItIsAskedFor() {
    Map<String, String> labels = Map.of("zone", "a", "gpu", "h200", "empty", "");
    Map<String, Long> amounts = Map.of("mem", 8L << 30, "cpu", 2L);
    Lane lane = Lane.of("a:b", "mail/out", labels, amounts);
    assertThat(lane.text())
        .isEqualTo("a:b @mail/out empty= gpu=h200 zone=a cpu>=2 mem>=8589934592");
    assertThat(Lane.parse(lane.text())).isEqualTo(lane);
  }

  @Test
  void refusesATextThatIsNone() {
    for (String text : List.of("echo ", "echo x", "echo cpu>=x", "echo cpu>=")) {
      assertThatThrownBy(() -> Lane.parse(text)).isInstanceOf(DamagedException.class);
    }
  }

  @Test
  void isMetByAnOfferThatHasAllOfIt() {
    Lane lane = Lane.parse("echo @mail zone=a cpu>=2");
    assertThat(offer("mail", "a", 2).meets(lane)).isTrue();
    assertThat(offer("mail", "a", 3).meets(lane)).isTrue();
    assertThat(offer("mail", "a", 1).meets(lane)).isFalse();
    assertThat(offer("mail", "b", 2).meets(lane)).isFalse();
    assertThat(offer("bulk", "a", 2).meets(lane)).isFalse();
    assertThat(Offer.NONE.meets(lane)).isFalse();
    assertThat(Offer.NONE.meets(Lane.parse("echo @mail"))).isTrue();
    assertThat(offer("mail", "a", 2).meets(Lane.parse("echo"))).isFalse();
  }

  @Test
  void readsWhatAnOfferWrote() {
    Offer offer =
        new Offer(
            List.of(new Share("a:b/c", 3), new Share("d", 1)),
            QueueOrder.WEIGHTED,
            Map.of("zone", "", "gpu", "h200"),
            Map.of("cpu", 4L));
    assertThat(Offer.parse(offer.text())).isEqualTo(offer);
    assertThat(Offer.parse(Offer.NONE.text())).isEqualTo(Offer.NONE);
    for (String text : List.of("x", "@a", "@a*x", "!NONE", "cpu:")) {
      assertThatThrownBy(() -> Offer.parse(text)).isInstanceOf(DamagedException.class);
    }
  }

  private static Offer offer(String queue, String zone, long cpu) {
    return new Offer(
        List.of(new Share(queue, 1)),
        QueueOrder.PRIORITY,
        Map.of("zone", zone),
        Map.of("cpu", cpu));
  }
}
