package io.tidemill.cli;

import io.tidemill.client.Priorities;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a priority: a name or a number. */
final class PriorityConverter implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    try {
      return Priorities.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
