package io.tidemill.plm.lifecycle;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.FileSize;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;

/**
 * How the processes that the scripts start do their logging: to files of 10 MB, three old ones
 * kept, when there is a folder for them (the launcher names it); otherwise to stderr. In code,
 * since to read the same from XML takes hundreds of classes, and that from every start of every
 * process. Logback finds it as a service; it keeps out of the way unless the scripts ask for it,
 * and where somebody names a file of his own.
 */
public final class ProcessLogging extends ContextAwareBase implements Configurator {
  private static final String ASKED = "tidemill.logging";
  private static final String FILE = "logback.configurationFile";

  /** Names the property that says where the files are. */
  static final String FOLDER = "tidemill.log.dir";

  private static final String ROLE = "tidemill.role";
  private static final String LEVEL = "TIDEMILL_LOG_LEVEL";

  private static final int OLD_FILES = 3;
  private static final long FILE_BYTES = 10 * FileSize.MB_COEFFICIENT;

  private final UnaryOperator<String> properties;

  /** For Logback. */
  public ProcessLogging() {
    this(ProcessLogging::propertyOrVariable);
  }

  /**
   * @param properties null for what is not set
   */
  ProcessLogging(UnaryOperator<String> properties) {
    this.properties = properties;
  }

  @Override
  public ExecutionStatus configure(LoggerContext target) {
    if (properties.apply(ASKED) == null || properties.apply(FILE) != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    level(target, Logger.ROOT_LOGGER_NAME, Level.WARN);
    level(target, "io.tidemill", Level.toLevel(properties.apply(LEVEL), Level.INFO));
    // Warns, for each connection by a Unix socket, that these have no SO_KEEPALIVE.
    level(target, "io.grpc.netty.shaded.io.netty.bootstrap", Level.ERROR);
    // At DEBUG this one would write every frame: headers with tokens, and payloads.
    level(target, "io.grpc", Level.WARN);
    target.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender(target));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static void level(LoggerContext target, String logger, Level level) {
    target.getLogger(logger).setLevel(level);
  }

  private OutputStreamAppender<ILoggingEvent> appender(LoggerContext target) {
    String role = properties.apply(ROLE) == null ? "tidemill" : properties.apply(ROLE);
    String folder = properties.apply(FOLDER);
    OutputStreamAppender<ILoggingEvent> appender =
        folder == null ? onStderr() : inFiles(target, folder + "/" + role);
    appender.setContext(target);
    appender.setName("log");
    appender.setEncoder(encoder(target, role));
    appender.start();
    return appender;
  }

  private static OutputStreamAppender<ILoggingEvent> onStderr() {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setTarget("System.err");
    return appender;
  }

  private static OutputStreamAppender<ILoggingEvent> inFiles(LoggerContext target, String path) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setFile(path + ".log");
    FixedWindowRollingPolicy names = new FixedWindowRollingPolicy();
    names.setContext(target);
    names.setParent(appender);
    names.setFileNamePattern(path + ".%i.log");
    names.setMinIndex(1);
    names.setMaxIndex(OLD_FILES);
    names.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> full = new SizeBasedTriggeringPolicy<>();
    full.setContext(target);
    full.setMaxFileSize(new FileSize(FILE_BYTES));
    full.start();
    appender.setRollingPolicy(names);
    appender.setTriggeringPolicy(full);
    return appender;
  }

  private static LayoutWrappingEncoder<ILoggingEvent> encoder(LoggerContext target, String role) {
    LogLine line = new LogLine(role, ZoneId.systemDefault());
    line.setContext(target);
    line.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(target);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(line);
    encoder.start();
    return encoder;
  }

  private static String propertyOrVariable(String name) {
    String property = System.getProperty(name);
    return property != null ? property : System.getenv(name);
  }
}
