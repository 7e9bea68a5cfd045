package io.tidemill.register;

import io.tidemill.rpc.Hearing;
import io.tidemill.shm.config.Key;
import io.tidemill.shm.config.Settings;
import io.tidemill.shm.instance.Instance;
import io.tidemill.shm.journal.Journal;
import java.util.function.LongSupplier;

/** The Register's parts, put together. All but the retention and the timeouts are guarded. */
record Parts(
    Guard guard,
    Workers workers,
    Heartbeats heartbeats,
    Endings endings,
    Takeovers takeovers,
    Registrar registrar,
    Liveness liveness,
    Figures figures,
    Committer committer,
    ExecutionTimeouts timeouts,
    Retention retention,
    LeaseNotes leaseNotes) {

  static Parts of(
      Instance instance,
      Journal journal,
      RecentRecords recent,
      LongSupplier clock,
      Hearing hearing) {
    Settings settings = instance.settings();
    long now = clock.getAsLong();
    Guard guard = new Guard(instance);
    Signals signals = new Signals(instance, guard);
    Workers workers = new Workers(instance, signals);
    Takeovers takeovers = new Takeovers();
    Overruns overruns = new Overruns();
    Committer committer = new Committer(instance, guard, journal, signals);
    Figures figures = new Figures(settings, instance.control(), instance.regions().workers(), now);
    LeaseNotes notes = new LeaseNotes(instance);
    Recorder recorder = new Recorder(instance, journal, signals, recent, committer, figures, notes);
    int resultMax = Math.min(settings.integer(Key.RESULT_BYTES_MAX), recorder.resultBytesMax());
    EndReasons reasons = new EndReasons(instance);
    Reports reports =
        new Reports(
            instance, recorder, recent, committer, signals, overruns, reasons, notes, resultMax);
    Endings endings = new Endings(instance, workers, recorder, reasons);
    return new Parts(
        guard,
        workers,
        new Heartbeats(instance, workers, reports, takeovers, endings, clock),
        endings,
        takeovers,
        new Registrar(settings, workers, takeovers, resultMax),
        new Liveness(settings, instance.regions().workers(), workers, takeovers, hearing, now),
        figures,
        committer,
        new ExecutionTimeouts(instance, guard, workers, overruns, signals),
        new Retention(instance, journal, guard, committer, notes),
        notes);
  }
}
