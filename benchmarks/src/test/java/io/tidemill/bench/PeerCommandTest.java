package io.tidemill.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class PeerCommandTest {
  private static PeerCommand peer(String text) {
    return new PeerCommand.Converter().convert(text);
  }

  @Test
  void isWhatStandsBehindTheFirstSign() {
    assertThat(peer("redis=run --set a=b")).isEqualTo(new PeerCommand("redis", "run --set a=b"));
    assertThatThrownBy(() -> peer("redis")).isInstanceOf(TypeConversionException.class);
    assertThatThrownBy(() -> peer("redis=")).isInstanceOf(TypeConversionException.class);
    assertThatThrownBy(() -> peer("=run")).isInstanceOf(TypeConversionException.class);
  }

  @Test
  void lastLineIsItsRate() throws Exception {
    Report report = new Report("test");
    report.add("ours", "tasks/s", 3_001);
    List<PeerCommand> peers = List.of(peer("other=echo starting; echo 1500.5"));
    PeerCommand.addAll(peers, report);
    PeerCommand.addRatios(peers, report, "ours");
    assertThat(report.median("other")).isEqualTo(1_500.5);
    assertThat(report.median("over other")).isEqualTo(2.0);
  }

  @Test
  void anotherEndIsNoRate() {
    Report report = new Report("test");
    assertThatThrownBy(() -> PeerCommand.addAll(List.of(peer("a=echo 12; false")), report))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("exit=1");
    assertThatThrownBy(() -> PeerCommand.addAll(List.of(peer("a=echo fast")), report))
        .hasMessageContaining("last_line=fast");
  }
}
