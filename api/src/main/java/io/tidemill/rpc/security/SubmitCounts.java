package io.tidemill.rpc.security;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Who submitted how much. The first of a caller is told at once, so that a crash does not hide who
 * it was; what follows is told every ten seconds in one.
 */
final class SubmitCounts {
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final int CALLERS_MAX = 1_000;
  private static final Key OTHERS = new Key("others", "-");

  /** A caller. */
  record Key(String who, String host) {}

  /** What came from one caller in a window. */
  record Count(long calls, long tasks) {
    static final Count NONE = new Count(0, 0);

    Count plus(long moreCalls, long moreTasks) {
      return new Count(calls + moreCalls, tasks + moreTasks);
    }
  }

  private static final class Window {
    private Instant since;
    private Count count = Count.NONE;

    Window(Instant since) {
      this.since = since;
    }
  }

  private final Map<Key, Window> windows = new LinkedHashMap<>();

  void add(Key caller, int calls, int tasks, Instant now, BiConsumer<Key, Count> teller) {
    synchronized (this) {
      Key key = windows.containsKey(caller) || windows.size() < CALLERS_MAX ? caller : OTHERS;
      Window window = windows.get(key);
      if (window != null) {
        window.count = window.count.plus(calls, tasks);
        return;
      }
      windows.put(key, new Window(now));
    }
    teller.accept(caller, new Count(calls, tasks));
  }

  /** Tells, and begins anew, the windows that are over; a caller that was silent is forgotten. */
  synchronized void due(Instant now, BiConsumer<Key, Count> teller) {
    for (Iterator<Map.Entry<Key, Window>> all = windows.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Key, Window> one = all.next();
      Window window = one.getValue();
      boolean over = !now.isBefore(window.since.plus(WINDOW)) || now.isBefore(window.since);
      if (over && window.count.equals(Count.NONE)) {
        all.remove();
      } else if (over) {
        teller.accept(one.getKey(), window.count);
        window.count = Count.NONE;
        window.since = now;
      }
    }
  }

  synchronized void all(BiConsumer<Key, Count> teller) {
    windows.forEach(
        (key, window) -> {
          if (!window.count.equals(Count.NONE)) {
            teller.accept(key, window.count);
          }
        });
    windows.clear();
  }
}
