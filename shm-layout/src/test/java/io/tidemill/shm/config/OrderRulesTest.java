package io.tidemill.shm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderRulesTest {
  @TempDir Path data;

  private Settings load(String... pairs) throws Exception {
    return Settings.load(
        pairs.length == 2
            ? Map.of(pairs[0], pairs[1])
            : Map.of(pairs[0], pairs[1], pairs[2], pairs[3]),
        Map.of(),
        data);
  }

  @Test
  void readsTheWeightsOfTenants() throws Exception {
    assertThat(OrderRules.weights(load("order.tenants.weights", "acme=3, b/2=1000,c=1")))
        .containsOnly(Map.entry("acme", 3), Map.entry("b/2", 1_000), Map.entry("c", 1));
    assertThat(OrderRules.weights(load("order.tenants.weights", ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"acme", "acme=0", "acme=1001", "acme=-1", "a b=1", "a=1,", "a=1;b=2"})
  void saysWhatIsNoWeight(String weights) {
    assertThatThrownBy(() -> load("order.tenants.weights", weights))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("order.tenants.weights")
        .hasMessageContaining("NAME=WEIGHT");
  }

  @Test
  void refusesAgeingAndFairnessTogether() throws Exception {
    assertThat(load("order.fairness", "tenants").text(Key.ORDER_FAIRNESS)).isEqualTo("tenants");
    assertThat(load("order.ageing.points.per.hour", "5").number(Key.ORDER_AGEING)).isEqualTo(5);
    assertThatThrownBy(() -> load("order.fairness", "tenants", "order.ageing.points.per.hour", "5"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("exclude each other");
  }
}
