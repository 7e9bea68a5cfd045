package io.tidemill.system.kills;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemill.v1.Task;
import org.junit.jupiter.api.Test;

/** What a follower may be told, and what not. */
class FollowedTest {
  private final Followed follower = new Followed("f");

  @Test
  void findsNothingWhereAllIsToldOnceOrToldAsLost() {
    part(0, 0, 20);
    part(32, 12, 16);
    part(50, 2, 0);
    end(50);
    assertThat(follower.violations()).isEmpty();
    assertThat(follower.gaps()).isEqualTo(2);
    assertThat(follower.told().cardinality()).isEqualTo(36);
    assertThat(follower.isOver()).isTrue();
  }

  @Test
  void noticesWhatIsToldTwiceOrInAnotherOrder() {
    part(0, 0, 20);
    part(16, 0, 16);
    assertThat(follower.violations()).hasSize(1);
  }

  @Test
  void noticesWhatIsMissingAndNotSaid() {
    part(16, 0, 16);
    assertThat(follower.violations()).hasSize(1);
  }

  @Test
  void noticesOtherBytesThanWereEmitted() {
    follower.part(1, 0, 0, EmittedLines.line(1));
    assertThat(follower.violations()).hasSize(1);
  }

  @Test
  void noticesThatNotAllWasTold() {
    part(0, 0, 16);
    end(32);
    assertThat(follower.violations()).hasSize(1);
  }

  @Test
  void noticesWhatComesBehindTheEnd() {
    end(0);
    part(0, 0, 16);
    end(16);
    assertThat(follower.violations()).hasSize(2);
  }

  @Test
  void noticesAnotherLease() {
    part(0, 0, 16);
    follower.part(2, 16, 0, EmittedLines.line(1));
    assertThat(follower.violations()).hasSize(1);
  }

  private void part(int position, long lost, int length) {
    ByteString all = ByteString.EMPTY;
    for (int line = 0; line < 8; line++) {
      all = all.concat(EmittedLines.line(line));
    }
    follower.part(1, position, lost, all.substring(position, position + length));
  }

  private void end(int emitted) {
    follower.ended(
        Task.newBuilder().setResult(ByteString.copyFromUtf8(Integer.toString(emitted))).build());
  }
}
