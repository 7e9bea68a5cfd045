package io.tidemill.plm.lifecycle;

import io.tidemill.shm.config.SettingsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The words of a command line: options with a value, each of which may be given again. */
final class Words {
  private final Map<String, List<String>> values = new HashMap<>();

  private Words() {}

  /**
   * @throws SettingsException with a sentence for the user
   */
  static Words parse(String[] arguments, List<String> options) {
    Words words = new Words();
    int i = 0;
    while (i < arguments.length) {
      String option = arguments[i++];
      if (!options.contains(option)) {
        throw new SettingsException("unknown option: '" + option + "'; known are " + options);
      } else if (i == arguments.length) {
        throw new SettingsException(option + " wants a value");
      } else {
        words.add(option, arguments[i++]);
      }
    }
    return words;
  }

  List<String> all(String option) {
    return values.getOrDefault(option, List.of());
  }

  /** What was given last. */
  Optional<String> text(String option) {
    List<String> all = all(option);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  Optional<Integer> number(String option, int least, int most) {
    return text(option).map(text -> check(option, text, least, most));
  }

  private static int check(String option, String text, int least, int most) {
    int number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    if (number < least || number > most) {
      throw new SettingsException(
          option + " is to be a number from " + least + " to " + most + ": value=" + text);
    }
    return number;
  }

  private void add(String option, String value) {
    values.computeIfAbsent(option, o -> new ArrayList<>()).add(value);
  }
}
