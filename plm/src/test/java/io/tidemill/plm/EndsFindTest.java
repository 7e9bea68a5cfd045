package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EndsFindTest {
  /** A task that is moved whenever its slot is looked at, and is taken before one of the looks. */
  private static final class Task {
    private int looksLeft;

    Task(int looksLeft) {
      this.looksLeft = looksLeft;
    }

    private boolean isTaken() {
      return looksLeft-- <= 0;
    }

    String find() {
      return Ends.find(() -> !isTaken(), this::moved, this::kept);
    }

    private String moved() {
      looksLeft--;
      return null;
    }

    private String kept() {
      return isTaken() ? "kept" : null;
    }
  }

  @Test
  void findsATaskBeforeWhicheverLookItIsTaken() {
    for (int look = 0; look < 10; look++) {
      assertThat(new Task(look).find()).as("taken before look %s", look).isEqualTo("kept");
    }
  }

  @Test
  void findsNothingOfATaskThatThereIsNot() {
    assertThat(Ends.<String>find(() -> false, () -> null, () -> null)).isNull();
  }
}
