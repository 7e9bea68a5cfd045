package io.tidemill.shm.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.shm.region.LeaseEnd;
import io.tidemill.shm.region.PastLease;
import io.tidemill.shm.region.TaskId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PastLeasesTest {
  private static PastLease lease(int number, String worker, String error) {
    return new PastLease(
        TaskId.lease(3, number), LeaseEnd.FAILED, worker, 10, 20, 30, number, 40, error);
  }

  @Test
  void comesBackAsItWasWritten() {
    PastLeases past =
        new PastLeases(7, List.of(lease(1, "w-1", "no such file: ä€"), lease(2, "", "")));
    assertThat(PastLeases.decode(past.encode())).isEqualTo(past);
  }

  @Test
  void takesNoByteOfATaskThatHasNone() {
    assertThat(PastLeases.NONE.encode()).isEmpty();
    assertThat(PastLeases.decode(new byte[0])).isEqualTo(PastLeases.NONE);
  }

  @Test
  void keepsTheNewestAndFitsIntoWhatIsReservedForIt() {
    List<PastLease> many = new ArrayList<>();
    for (int i = 1; i <= 2 * PastLeases.LEASES_MAX; i++) {
      many.add(lease(i, "w".repeat(64), "€".repeat(4_000)));
    }
    PastLeases past = new PastLeases(0, many);
    assertThat(past.leases()).hasSize(PastLeases.LEASES_MAX).contains(many.get(many.size() - 1));
    assertThat(past.encode()).hasSizeLessThanOrEqualTo(PastLeases.BYTES_MAX);
    assertThat(PastLeases.decode(past.encode())).isEqualTo(past);
  }

  @Test
  void cutsErrorsBetweenCharacters() {
    String pairs = "\ud83d\ude00".repeat(PastLease.ERROR_CHARACTERS_MAX);
    for (String before : new String[] {"", "x"}) {
      String cut = lease(1, "w", before + pairs).error();
      assertThat(cut.length()).isLessThanOrEqualTo(PastLease.ERROR_CHARACTERS_MAX);
      assertThat(cut.codePoints().filter(c -> c >= 0xD800 && c <= 0xDFFF)).isEmpty();
    }
  }

  @Test
  void seesThatBytesDoNotFitTogether() {
    byte[] whole = new PastLeases(0, List.of(lease(1, "w-1", "error"))).encode();
    for (int length = 1; length < whole.length; length++) {
      assertThat(PastLeases.decode(Arrays.copyOf(whole, length))).isNull();
    }
  }

  @Test
  void takesWhatAnotherReleaseWroteForNothing() {
    byte[] later = new PastLeases(0, List.of(lease(1, "w-1", "error"))).encode();
    later[0] = 9;
    assertThat(PastLeases.decode(later)).isEqualTo(PastLeases.NONE);
  }
}
