package io.tidemill.bench;

import io.tidemill.bench.heap.HeapPair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The task heap between two real processes: one submits over the ring, the other one assigns. */
@Command(name = "heap-pair")
public final class HeapPairMain extends Benchmark {
  @Option(names = "--resident", split = ",", defaultValue = "1000,100000")
  int[] resident;

  @Option(names = "--count", defaultValue = "3000000", description = "pairs a round")
  int count;

  public static void main(String[] args) {
    run(new HeapPairMain(), args);
  }

  @Override
  void measure(Report report) throws Exception {
    report.setting("count", count);
    for (int tasks : resident) {
      for (boolean random : new boolean[] {false, true}) {
        try (HeapPair pair = HeapPair.start(tasks, random)) {
          pair.run(count); // the code of both sides is compiled meanwhile
          for (int i = 0; i < rounds; i++) {
            String what = (random ? "random, " : "in order, ") + tasks + " resident";
            report.add(what, "pairs/s", count * 1e9 / pair.run(count));
          }
        }
      }
    }
    for (int i = 0; i < rounds; i++) {
      report.add("the compare-and-sets of a pair alone", "pairs/s", 1e9 / HeapPair.casNanos(count));
    }
  }
}
