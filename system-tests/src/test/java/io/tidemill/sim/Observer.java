package io.tidemill.sim;

import io.tidemill.shm.region.RegionHeader.Kind;

/** Is told of what the simulated processes have written to shared memory. */
interface Observer {
  Observer NOBODY =
      new Observer() {
        @Override
        public void onLong(Kind kind, long offset, long value) {}

        @Override
        public void onInt(Kind kind, long offset) {}

        @Override
        public void onCas(Kind kind, long offset, long before, long after) {}
      };

  void onLong(Kind kind, long offset, long value);

  void onInt(Kind kind, long offset);

  void onCas(Kind kind, long offset, long before, long after);
}
