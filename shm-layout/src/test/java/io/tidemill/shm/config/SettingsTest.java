package io.tidemill.shm.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path data;

  @Test
  void prefersTheCommandLineThenTheEnvironmentThenTheFile() throws IOException {
    Files.writeString(
        data.resolve(Settings.FILE_NAME), "tasks.max=2000\nworkers.max=7\nport.plm=1234\n");
    Settings settings =
        Settings.load(
            Map.of("tasks.max", "4000"),
            Map.of("TIDEMILL_TASKS_MAX", "3000", "TIDEMILL_WORKERS_MAX", "8"),
            data);
    assertThat(settings.number(Key.TASKS_MAX)).isEqualTo(4_000);
    assertThat(settings.number(Key.WORKERS_MAX)).isEqualTo(8);
    assertThat(settings.number(Key.PORT_PLM)).isEqualTo(1_234);
    assertThat(settings.number(Key.TYPES_MAX)).isEqualTo(1_024);
    assertThat(settings.lines())
        .contains("tasks.max=4000", "port.plm=1234")
        .doesNotContain("types.max=1024");
  }

  @Test
  void namesKeyValueAndRangeOfWhatIsWrong() {
    assertRefused("tasks.max", "5", "tasks.max=5 is out of range; say 1000 to 16000000 tasks");
    assertRefused("tasks.max", "many", "tasks.max=many is not a whole number");
    assertRefused("durability", "none", "say process or disk");
    assertRefused("bind.host", "0.0.0.0", "is beyond loopback");
    assertRefused("bind.unix", "maybe", "say auto or on or off or only");
    assertRefused("tasks.maximum", "5", "unknown setting: name=tasks.maximum");
  }

  @Test
  void takesItsOwnDefaults() {
    for (Key key : Key.values()) {
      key.check(key.defaultValue());
      assertThat(key.text()).as(key.key()).endsWith(".");
    }
  }

  private void assertRefused(String key, String value, String sentence) {
    assertThatThrownBy(() -> Settings.load(Map.of(key, value), Map.of(), data))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(sentence);
  }
}
