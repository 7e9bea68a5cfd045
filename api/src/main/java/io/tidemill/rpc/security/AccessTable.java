package io.tidemill.rpc.security;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The entries of the access file, to be looked up. */
final class AccessTable {
  static final AccessTable EMPTY = new AccessTable(List.of());

  private final Map<String, AccessEntry> tokens = new HashMap<>();
  private final Map<String, AccessEntry> subjects = new HashMap<>();

  AccessTable(List<AccessEntry> entries) {
    for (AccessEntry entry : entries) {
      if (entry.isCertificate()) {
        subjects.put(entry.proof().substring(AccessEntry.SUBJECT.length()), entry);
      } else {
        tokens.put(entry.id(), entry);
      }
    }
  }

  /** Whether the token is right is not said here. Null: none has this id. */
  AccessEntry byTokenId(String id) {
    return tokens.get(id);
  }

  /** Null if no line names this subject. */
  AccessEntry bySubject(String subject) {
    return subjects.get(subject);
  }

  /** Whether the very same entry is still there, with the same proof, roles and expiry. */
  boolean has(AccessEntry entry) {
    return entry.isCertificate()
        ? entry.equals(bySubject(entry.proof().substring(AccessEntry.SUBJECT.length())))
        : entry.equals(byTokenId(entry.id()));
  }
}
