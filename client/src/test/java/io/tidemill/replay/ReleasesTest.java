package io.tidemill.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReleasesTest {
  private final List<Integer> gone = new ArrayList<>();
  private final List<Integer> never = new ArrayList<>();

  /** 0 before 1 and 2, both before 3, that before 4; 5 waits for nobody. */
  private final Releases releases =
      Releases.here(
          List.of(after(), after(0), after(0), after(1, 2), after(3), after()),
          gone::add,
          never::add);

  private static Job after(Integer... parents) {
    return new Job("j", 0, 0, 1, List.of(), Arrays.asList(parents));
  }

  @Test
  void releasesAJobOnceAllBeforeItHaveSucceeded() {
    assertThat(List.of(0, 1, 2, 3, 4, 5)).filteredOn(releases::isFree).containsExactly(0, 5);
    releases.ended(0, true);
    assertThat(gone).containsExactly(1, 2);
    assertThat(releases.isFree(1)).as("it is released, and not free").isFalse();
    releases.ended(2, true);
    assertThat(gone).hasSize(2);
    releases.ended(1, true);
    assertThat(gone).containsExactly(1, 2, 3);
  }

  @Test
  void dropsAllThatComeAfterAFailureOnce() {
    releases.ended(0, true);
    releases.ended(1, false);
    releases.ended(2, false);
    assertThat(never).containsExactly(3, 4);
    assertThat(gone).containsExactly(1, 2);
  }
}
