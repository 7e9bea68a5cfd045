package io.tidemill.plm.lifecycle;

import io.tidemill.shm.region.Role;

/** The main classes of the processes, by name: this module does not depend on the others. */
record Programs(String plm, String scheduler, String register, String worker, String supervisor) {
  static final Programs REAL =
      new Programs(
          "io.tidemill.plm.PlmMain",
          "io.tidemill.scheduler.SchedulerMain",
          "io.tidemill.register.RegisterMain",
          "io.tidemill.worker.StockWorkerMain",
          SupervisorMain.class.getName());

  String of(Role role) {
    return switch (role) {
      case PLM -> plm;
      case SCHEDULER -> scheduler;
      case REGISTER -> register;
      case SUPERVISOR -> supervisor;
    };
  }
}
