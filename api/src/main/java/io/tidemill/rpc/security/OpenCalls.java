package io.tidemill.rpc.security;

import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The calls under way, so that those can be ended whose callers may not go on. */
final class OpenCalls {
  private final Set<GuardedCall<?, ?>> calls = ConcurrentHashMap.newKeySet();

  void add(GuardedCall<?, ?> call) {
    calls.add(call);
  }

  void remove(GuardedCall<?, ?> call) {
    calls.remove(call);
  }

  void sweep(Instant now, AuditTrail trail) {
    for (GuardedCall<?, ?> call : calls) {
      call.endIfLapsed(now, trail);
    }
  }

  int size() {
    return calls.size();
  }
}
