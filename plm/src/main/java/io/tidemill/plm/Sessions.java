package io.tidemill.plm;

import io.grpc.StatusRuntimeException;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The sessions that are connected or remembered. Their numbers share a bounded memory: a session is
 * granted a window of up to {@link #WINDOW_MAX}, and less when there are many.
 */
final class Sessions {
  static final int WINDOW_MAX = 65_536;
  private static final int WINDOW_MIN = 256;

  /** Of a session found in the journal: granted when it comes back. */
  private static final int WINDOW_OPEN = 0;

  /** For the numbers of all sessions, in longs. */
  private static final long NUMBERS_MAX = 4 << 20;

  /** A session gets at most this part of what is left. */
  private static final int SHARE = 16;

  private static final int SESSIONS_MAX = 20_000;

  /** What opening a session has led to; refused is null if it has. */
  record Opened(Session session, boolean resumed, SessionStream before, Refused refused) {}

  private final Map<Long, Session> sessions = new ConcurrentHashMap<>();
  private final long idleNanos;
  private volatile Session last = new Session(0, 1);

  Sessions(Settings settings) {
    this.idleNanos = TimeUnit.SECONDS.toNanos(settings.integer(Key.SESSION_IDLE_SECONDS));
  }

  int size() {
    return sessions.size();
  }

  /** The session, or null if it is not known. */
  Session find(long id) {
    Session recent = last;
    if (recent.id() == id) {
      return recent;
    }
    Session found = sessions.get(id);
    if (found != null) {
      last = found;
    }
    return found;
  }

  /** Gives a session to a stream; makes it if it is not known. */
  synchronized Opened open(long id, SessionStream stream) {
    Session known = sessions.get(id);
    if (known != null) {
      SessionStream before = known.attach(stream);
      if (known.window() == WINDOW_OPEN) {
        known.window(Math.max(WINDOW_MIN, grant()));
      }
      return new Opened(known, true, before, null);
    }
    int window = grant();
    if (window == 0) {
      return new Opened(null, false, null, full());
    }
    Session made = new Session(id, window);
    made.attach(stream);
    sessions.put(id, made);
    return new Opened(made, false, null, null);
  }

  /**
   * A start finds a submission in the journal: the session is remembered from now on as one without
   * a stream.
   */
  void known(long id, long number, long taskId) {
    Session session = find(id);
    if (session == null) {
      if (sessions.size() >= SESSIONS_MAX) {
        return;
      }
      session = new Session(id, WINDOW_MAX);
      session.window(WINDOW_OPEN);
      sessions.put(id, session);
    }
    session.known(number, taskId);
  }

  private int grant() {
    long left = NUMBERS_MAX;
    for (Session session : sessions.values()) {
      left -= session.weight();
    }
    if (sessions.size() >= SESSIONS_MAX || left < (long) WINDOW_MIN * SHARE) {
      return evictOne() ? grant() : 0;
    }
    return (int) Math.min(WINDOW_MAX, Long.highestOneBit(left / SHARE));
  }

  /** Forgets the session that has been without a stream the longest, to make room for a new one. */
  private boolean evictOne() {
    long now = System.nanoTime();
    Session idlest =
        sessions.values().stream()
            .filter(session -> session.stream() == null)
            .max(Comparator.comparingLong(session -> now - session.detachedNanos()))
            .orElse(null);
    return idlest != null && forget(idlest);
  }

  /** Forgets the sessions that have been without a stream for too long. */
  synchronized void expire(long nowNanos) {
    for (Session session : sessions.values()) {
      if (session.stream() == null && nowNanos - session.detachedNanos() > idleNanos) {
        forget(session);
      }
    }
  }

  private boolean forget(Session session) {
    sessions.remove(session.id());
    if (last == session) {
      last = new Session(0, 1);
    }
    return true;
  }

  /** Ends all streams: the server stops. */
  void closeAll(StatusRuntimeException why) {
    for (Session session : sessions.values()) {
      SessionStream stream = session.stream();
      if (stream != null) {
        stream.fail(why);
      }
    }
  }

  private Refused full() {
    return Refused.exhausted(
        "SESSIONS_FULL",
        "too many sessions: connected=" + sessions.size() + "; close some, or try again later",
        Map.of("sessions", Integer.toString(sessions.size()), "retry_after_ms", "1000"),
        1_000);
  }
}
