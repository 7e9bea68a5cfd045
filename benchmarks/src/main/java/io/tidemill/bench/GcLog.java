package io.tidemill.bench;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a collector's log says of allocation: between two collections the heap grows from what the
 * first one left to what the second one finds.
 *
 * @param collections how many there were
 * @param bytes allocated until the last of them
 */
record GcLog(int collections, double bytes) {
  private static final Pattern PAUSE = Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\(");
  private static final int FEWEST = 3;

  static GcLog of(List<String> lines) {
    int collections = 0;
    double mebibytes = 0;
    int left = 0;
    for (String line : lines) {
      Matcher pause = PAUSE.matcher(line);
      if (pause.find()) {
        mebibytes += Integer.parseInt(pause.group(1)) - left;
        left = Integer.parseInt(pause.group(2));
        collections++;
      }
    }
    return new GcLog(collections, mebibytes * (1 << 20));
  }

  double allocatedSince(GcLog earlier) {
    if (collections - earlier.collections < FEWEST) {
      throw new IllegalStateException("too few collections for a figure; raise --count");
    }
    return bytes - earlier.bytes;
  }
}
