package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import net.openhft.compiler.CompilerUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapClassesTest {
  @TempDir Path folder;

  /** A class that was compiled at run time has no place that it came from. */
  @Test
  void theClassOfAMapIsMadeByTheBuild() throws Exception {
    KeyMap.create(new KeyMap.Settings(folder, "keys", 1, 10)).close();
    Class<?> state = Class.forName(MapClasses.STATE_CLASS);
    assertThat(state.getProtectionDomain().getCodeSource().getLocation())
        .isEqualTo(MapClasses.class.getProtectionDomain().getCodeSource().getLocation())
        .isNotEqualTo(CompilerUtils.class.getProtectionDomain().getCodeSource().getLocation());
  }
}
