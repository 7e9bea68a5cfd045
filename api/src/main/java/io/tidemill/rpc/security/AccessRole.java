package io.tidemill.rpc.security;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a caller may do. */
public enum AccessRole {
  /** Submit tasks, and see and cancel any. */
  SUBMIT,
  /** Be a worker. */
  WORK,
  /** Everything. */
  ADMIN;

  /** As files and options name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a list as {@code submit,work}.
   *
   * @throws IllegalArgumentException with a sentence
   */
  public static Set<AccessRole> parse(String list) {
    Set<AccessRole> roles = EnumSet.noneOf(AccessRole.class);
    for (String word : list.split(",", -1)) {
      roles.add(one(word.strip()));
    }
    return roles;
  }

  private static AccessRole one(String word) {
    for (AccessRole role : values()) {
      if (role.label().equals(word)) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "no such role: '" + word + "'; say submit, work or admin, or several with commas between");
  }

  static String text(Set<AccessRole> roles, String between) {
    return roles.stream().map(AccessRole::label).collect(Collectors.joining(between));
  }
}
