package io.tidemill.plm.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.rolling.RollingFileAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

class ProcessLoggingTest {
  @TempDir Path folder;

  private final LoggerContext context = new LoggerContext();

  @BeforeEach
  void start() {
    context.setMDCAdapter(new LogbackMDCAdapter());
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private ExecutionStatus configure(Map<String, String> properties) {
    ProcessLogging logging = new ProcessLogging(properties::get);
    logging.setContext(context);
    return logging.configure(context);
  }

  private List<String> written(String role) throws IOException {
    return Files.readAllLines(folder.resolve(role + ".log"));
  }

  @Test
  void aProcessWritesToAFileOfItsNameInTheFolderForLogs() throws IOException {
    Map<String, String> asked =
        Map.of(
            "tidemill.logging",
            "plain",
            "tidemill.log.dir",
            folder.toString(),
            "tidemill.role",
            "plm");
    assertThat(configure(asked)).isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
    context.getLogger("io.tidemill.plm.StartUp").info("serving: pid={}", 7);
    context.getLogger("io.tidemill.plm.StartUp").debug("not at this level");
    context.getLogger("somebody.else").info("not of others");
    context.getLogger("somebody.else").warn("but warnings");
    assertThat(written("plm"))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .matches("[-0-9]{10}T[0-9:.]{12}\\S+ plm INFO  StartUp: serving: pid=7"),
            second -> assertThat(second).endsWith(" plm WARN  else: but warnings"));
  }

  @Test
  void aLineHasTheTimeOfItsZoneAndTheStackOfAThrowable() {
    LogLine layout = new LogLine("worker-1", ZoneId.of("Asia/Kolkata"));
    LoggingEvent event =
        new LoggingEvent(
            "here",
            context.getLogger("a.b.C$D"),
            Level.WARN,
            "it failed: {}",
            new IllegalStateException("why"),
            new Object[] {"x"});
    event.setInstant(Instant.parse("2026-01-02T23:04:05.006Z"));
    assertThat(layout.doLayout(event).lines())
        .startsWith(
            "2026-01-03T04:34:05.006+05:30 worker-1 WARN  C$D: it failed: x",
            "java.lang.IllegalStateException: why")
        .element(2)
        .asString()
        .contains("ProcessLoggingTest");
  }

  @Test
  void framesAreNotWrittenAtAnyLevel() throws IOException {
    configure(
        Map.of(
            "tidemill.logging",
            "plain",
            "tidemill.log.dir",
            folder.toString(),
            "TIDEMILL_LOG_LEVEL",
            "TRACE"));
    context.getLogger("io.grpc.netty.NettyServerHandler").debug("a frame with a token");
    context.getLogger("io.tidemill.rpc.Listeners").trace("ours");
    assertThat(written("tidemill"))
        .singleElement()
        .satisfies(line -> assertThat(line).endsWith("Listeners: ours"));
  }

  @Test
  void aFullFileMakesRoomAndThreeOldOnesAreKept() throws IOException {
    configure(Map.of("tidemill.logging", "plain", "tidemill.log.dir", folder.toString()));
    for (int file = 0; file < 6; file++) {
      context.getLogger("io.tidemill.plm").info("file {}", file);
      rollOver();
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "tidemill.log", "tidemill.1.log", "tidemill.2.log", "tidemill.3.log");
    }
  }

  private void rollOver() {
    ((RollingFileAppender<?>) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("log"))
        .rollover();
  }

  @Test
  void whoDidNotAskKeepsHisOwnLogging() {
    assertThat(configure(Map.of("tidemill.log.dir", folder.toString())))
        .isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
    assertThat(configure(Map.of("tidemill.logging", "plain", "logback.configurationFile", "x.xml")))
        .isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void logbackFindsIt() {
    assertThat(ServiceLoader.load(Configurator.class))
        .hasAtLeastOneElementOfType(ProcessLogging.class);
  }
}
