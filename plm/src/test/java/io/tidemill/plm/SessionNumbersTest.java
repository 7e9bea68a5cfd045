package io.tidemill.plm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SessionNumbersTest {
  @Test
  void knowsTheLastNumbersOfAWindow() {
    SessionNumbers numbers = new SessionNumbers(100);
    for (long number = 1; number <= 1_000; number++) {
      numbers.put(number, number * 7);
    }
    assertThat(numbers.base()).isEqualTo(901);
    assertThat(numbers.next()).isEqualTo(1_001);
    assertThat(numbers.idOf(900)).isZero();
    assertThat(numbers.idOf(901)).isEqualTo(6_307);
    assertThat(numbers.idOf(1_000)).isEqualTo(7_000);
    assertThat(numbers.idOf(1_001)).isZero();
    assertThat(numbers.capacity()).isEqualTo(128);
  }

  @Test
  void leavesGapsWhereNumbersWereRefused() {
    SessionNumbers numbers = new SessionNumbers(100);
    numbers.put(5, 50);
    numbers.put(8, 80);
    assertThat(numbers.base()).isEqualTo(5);
    assertThat(numbers.idOf(6)).isZero();
    assertThat(numbers.idOf(8)).isEqualTo(80);
    numbers.put(6, 60);
    numbers.put(8, 81);
    assertThat(numbers.idOf(6)).isEqualTo(60);
    assertThat(numbers.idOf(8)).isEqualTo(80);
  }

  @Test
  void takesWhatWasRefusedBelowTheFirstThatAStartFound() {
    SessionNumbers numbers = new SessionNumbers(100);
    numbers.put(35, 350);
    assertThat(numbers.oldest()).isEqualTo(1);
    numbers.put(25, 250);
    numbers.put(26, 260);
    numbers.put(25, 251);
    assertThat(numbers.idOf(25)).isEqualTo(250);
    assertThat(numbers.idOf(26)).isEqualTo(260);
    assertThat(numbers.idOf(27)).isZero();
    assertThat(numbers.idOf(35)).isEqualTo(350);
    assertThat(numbers.next()).isEqualTo(36);
    numbers.put(120, 1_200);
    assertThat(numbers.oldest()).isEqualTo(21);
    numbers.put(20, 200);
    assertThat(numbers.idOf(20)).isZero();
  }

  @Test
  void beginsAnewBehindAJump() {
    SessionNumbers numbers = new SessionNumbers(100);
    numbers.put(1, 10);
    numbers.put(1_000_000, 20);
    assertThat(numbers.base()).isEqualTo(1_000_000);
    assertThat(numbers.idOf(1)).isZero();
    assertThat(numbers.idOf(1_000_000)).isEqualTo(20);
  }
}
