package io.tidemill.cli;

import io.tidemill.rpc.TaskIds;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The one task that a command is about. */
final class TaskIdParameter {
  @Parameters(
      paramLabel = "TASK",
      converter = Converter.class,
      description = "The task's id: 16 hexadecimal digits, as `task submit` prints it.")
  long taskId;

  /** Reads a task id. */
  static final class Converter implements picocli.CommandLine.ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return TaskIds.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
