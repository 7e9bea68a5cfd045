package io.tidemill.shm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenRulesTest {
  private static final String TLS = "tls.certificate=c.pem tls.key=k.pem ";
  private static final String TOKENS = "tokens.file=tokens ";
  private static final String ASKS = "tls.client.ca=ca.pem tls.client.auth=";

  @TempDir Path data;

  private Settings load(String assignments) throws IOException {
    Map<String, String> overrides = new HashMap<>();
    for (String assignment : assignments.strip().split(" +")) {
      int equals = assignment.indexOf('=');
      overrides.put(assignment.substring(0, equals), assignment.substring(equals + 1));
    }
    return Settings.load(overrides, Map.of(), data);
  }

  private void assertRefused(String assignments, String why) {
    assertThatThrownBy(() -> load(assignments))
        .as(assignments)
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0", "::", "192.168.1.7", "128.0.0.1", "example.org", "127.evil.org"})
  void refusesEachCombinationThatWouldServeStrangers(String host) {
    String bind = "bind.host=" + host + " ";
    assertRefused(bind, "no TLS: set tls.certificate and tls.key");
    assertRefused(bind + TOKENS, "no TLS: set tls.certificate and tls.key");
    assertRefused(bind + TLS, "nobody is asked who they are: set tokens.file, or tls.client.ca");
    assertRefused(bind + TLS + "bind.unix=on", "nobody is asked who they are");
    assertRefused(bind + "bind.unix=on", "no TLS");
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0", "192.168.1.7", "example.org"})
  void allowsEachCombinationThatAsksStrangersWhoTheyAre(String host) throws IOException {
    String bind = "bind.host=" + host + " ";
    assertThat(load(bind + TLS + TOKENS).text(Key.BIND_HOST)).isEqualTo(host);
    assertThat(load(bind + TLS + ASKS + "required").text(Key.BIND_HOST)).isEqualTo(host);
    assertThat(load(bind + TLS + ASKS + "optional").text(Key.BIND_HOST)).isEqualTo(host);
    assertThat(load(bind + TLS + TOKENS + ASKS + "optional").text(Key.BIND_HOST)).isEqualTo(host);
    assertThat(load(bind + "bind.unix=only").text(Key.BIND_HOST)).isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
  void asksNothingOfLoopback(String host) throws IOException {
    assertThat(load("bind.host=" + host).text(Key.BIND_HOST)).isEqualTo(host);
    assertThat(load("bind.host=" + host + " " + TOKENS).text(Key.TOKENS_FILE)).isEqualTo("tokens");
  }

  @Test
  void refusesHalves() {
    assertRefused("tls.certificate=c.pem", "go together");
    assertRefused("tls.key=k.pem", "go together");
    assertRefused("tls.client.auth=required", "needs tls.certificate, tls.key and tls.client.ca");
    assertRefused(TLS + "tls.client.auth=optional", "needs tls.certificate");
    assertRefused(ASKS + "required", "needs tls.certificate");
    assertRefused(TLS + "tls.client.ca=ca.pem", "has no effect with tls.client.auth=none");
    assertRefused("tls.client.roles=boss", "say submit, work, admin");
    assertRefused("tls.client.roles=submit,", "say submit, work, admin");
  }
}
