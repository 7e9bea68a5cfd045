package io.tidemill.cli.load;

/** The shapes a load can have; named as users write them. */
public enum Scenario {
  BURST,
  GRADUAL,
  LONG,
  MIXED
}
