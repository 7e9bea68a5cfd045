package io.tidemill.cli.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What a load submits when. The same scenario, numbers and seed give the same plan. */
public final class Plan {
  /** One task: after how many nanoseconds it is submitted, and how long it works. */
  public record Shot(long atNanos, WorkClass workClass) {}

  private static final int MEDIUM_PERCENT = 20;
  private static final int LONG_PERCENT = 10;

  private Plan() {}

  /** All at once. */
  public static List<Shot> atOnce(int count, WorkClass workClass) {
    return Collections.nCopies(count, new Shot(0, workClass));
  }

  /** One after the other, an interval apart. */
  public static List<Shot> spaced(int count, Duration interval, WorkClass workClass) {
    List<Shot> shots = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      shots.add(new Shot(i * interval.toNanos(), workClass));
    }
    return shots;
  }

  /** 70 % short, 20 % medium and 10 % long ones in random order at an even rate. */
  public static List<Shot> mixed(int count, double perSecond, long seed) {
    List<WorkClass> classes = new ArrayList<>(count);
    int longOnes = count * LONG_PERCENT / 100;
    int mediumOnes = count * MEDIUM_PERCENT / 100;
    classes.addAll(Collections.nCopies(longOnes, WorkClass.LONG));
    classes.addAll(Collections.nCopies(mediumOnes, WorkClass.MEDIUM));
    classes.addAll(Collections.nCopies(count - longOnes - mediumOnes, WorkClass.SHORT));
    Collections.shuffle(classes, new Random(seed));
    List<Shot> shots = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      shots.add(new Shot((long) (i * 1e9 / perSecond), classes.get(i)));
    }
    return shots;
  }
}
