package io.tidemill.client;

import io.tidemill.v1.BulkRefusals;
import io.tidemill.v1.BulkTasksResponse;
import io.tidemill.v1.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up what the calls of one bulk action have answered. */
final class BulkSums {
  private static final int SAMPLES_MAX = 10;

  private final Map<String, BulkRefusals> refusals = new TreeMap<>();
  private final List<Task> samples = new ArrayList<>();
  private long matched;
  private long done;
  private long already;

  void add(BulkTasksResponse answer) {
    matched += answer.getMatched();
    done += answer.getDone();
    already += answer.getAlready();
    for (BulkRefusals more : answer.getRefusalsList()) {
      refusals.merge(
          more.getReason(),
          more,
          (a, b) -> a.toBuilder().setCount(a.getCount() + b.getCount()).build());
    }
    answer.getSamplesList().stream().limit(SAMPLES_MAX - samples.size()).forEach(samples::add);
  }

  BulkTasksResponse sums() {
    return BulkTasksResponse.newBuilder()
        .setMatched(matched)
        .setDone(done)
        .setAlready(already)
        .addAllRefusals(refusals.values())
        .addAllSamples(samples)
        .build();
  }
}
