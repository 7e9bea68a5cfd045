package io.tidemill.sim;

import static io.tidemill.shm.region.Role.PLM;
import static io.tidemill.shm.region.Role.REGISTER;
import static io.tidemill.shm.region.Role.SCHEDULER;

import io.tidemill.v1.RetryPolicy;
import io.tidemill.v1.TaskReport;
import io.tidemill.v1.TaskSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All that the servers do to shared memory and journals. */
final class Operations {
  private static final long MINUTE_MILLIS = 60_000;
  private static final long HOUR_MILLIS = 60 * MINUTE_MILLIS;

  /** What a worker has to stop what overran, and a bit. */
  private static final int STOP_MILLIS = 6_000;

  private Operations() {}

  static List<Operation> all() {
    List<Operation> all = new ArrayList<>();
    all.addAll(ofPlm());
    all.addAll(ofScheduler());
    all.addAll(ofRegister());
    return all;
  }

  private static void nothing(Stage stage) {}

  // The PLM.

  private static List<Operation> ofPlm() {
    return List.of(
        Operation.of("submit", PLM, Operations::nothing, s -> submit(s, task("ok"))),
        Operation.of(
            "submit a batch, of a new type",
            PLM,
            Operations::nothing,
            s ->
                submit(
                    s,
                    task("ok"),
                    SimClient.task("v", 9, "ok"),
                    task("fail:1"),
                    SimClient.task("u", 1, "ok"))),
        Operation.of(
            "submit with disk durability",
            PLM,
            Operations::nothing,
            s -> submit(s, SimClient.disk(task("ok")))),
        Operation.of(
            "submit more than the ring and the table hold",
            PLM,
            Operations::nothing,
            s -> submit(s, tasks(20))),
        Operation.of(
            "submit tasks of tenants",
            PLM,
            Operations::nothing,
            s ->
                submit(
                    s,
                    task("ok").toBuilder().setTenant("a").build(),
                    task("ok").toBuilder().setTenant("b").build())),
        Operation.of("submit delayed tasks", PLM, Operations::nothing, s -> submit(s, timed())),
        Operation.of("cancel a ready task", PLM, Operations::nothing, s -> cancel(s, s.ready)),
        Operation.of("cancel a running task", PLM, s -> run(s, s.busy), s -> cancel(s, s.held)),
        Operation.of("deliver and free", PLM, Operations::nothing, s -> s.serve(PLM)),
        Operation.of(
            "sweep",
            PLM,
            s -> s.world.memory().observed().control().askSweep(PLM),
            s -> s.serve(PLM)),
        Operation.of(
            "change a definition, and remove one",
            PLM,
            s -> {
              s.world.definitions().define("a", "1");
              s.world.definitions().define("b", "1");
            },
            s -> {
              s.world.definitions().define("a", "2");
              s.world.definitions().define("b", "");
            }),
        Operation.of(
            "requeue an ended task",
            PLM,
            s -> s.serve(PLM),
            s -> s.world.requeues().requeue(s.id(s.ended))),
        Operation.of(
            "submit a task that waits for another",
            PLM,
            Operations::nothing,
            s -> submit(s, SimClient.after(task("ok"), s.id(s.ready)))),
        Operation.of(
            "release a task that waited",
            PLM,
            s -> awaitedEnd(s, TaskReport.Kind.KIND_SUCCEEDED, s.held, s.heldToo),
            s -> s.serve(PLM)),
        Operation.of(
            "keep an end for one that waits for another, too",
            PLM,
            s -> awaitedEnd(s, TaskReport.Kind.KIND_SUCCEEDED, s.held, s.ready),
            s -> s.serve(PLM)),
        Operation.of(
            "give up what waited for a task that failed",
            PLM,
            s -> awaitedEnd(s, TaskReport.Kind.KIND_FAILED_FOR_GOOD, s.held, s.ready),
            s -> s.serve(PLM)),
        Operation.start(
            "recover what waits for an end that is kept, and for another",
            PLM,
            s -> {
              awaitedEnd(s, TaskReport.Kind.KIND_SUCCEEDED, s.held, s.ready);
              s.serve(PLM);
            }),
        Operation.of(
            "change the priority of a ready task",
            PLM,
            Operations::nothing,
            s -> s.world.priorities().set(s.id(s.ready), 0)),
        Operation.of(
            "change the priority of a task that waits, to be on the disk",
            PLM,
            s -> {
              s.client.submit(SimClient.disk(timed()[0]));
              s.sendAndAccept();
              s.serve(PLM);
              s.arrive();
            },
            s -> {
              s.world.priorities().set(s.client.lastAcked(), 8);
              s.serve(PLM);
            }),
        Operation.start(
            "recover with the record of a change and an unchanged slot",
            PLM,
            s -> {
              s.world.process(PLM).dieWithDocuments(1);
              s.world.priorities().set(s.id(s.ready), 0);
            }),
        new Operation(
            "rebuild after a reboot, with a changed priority",
            PLM,
            true,
            true,
            s -> {
              s.world.priorities().set(s.id(s.ready), 0);
              s.world.reboot();
            },
            s -> {
              s.world.start(PLM);
              s.world.turn(PLM);
            }),
        Operation.of("make a schedule", PLM, Operations::nothing, Operations::schedule),
        Operation.of(
            "submit an occurrence of a schedule",
            PLM,
            Operations::schedule,
            Operations::scheduleIsDue),
        Operation.start(
            "recover, and make up for an occurrence",
            PLM,
            s -> {
              schedule(s);
              s.world.kill(PLM);
              s.world.jumpWall(HOUR_MILLIS); // The next one is far away.
            }),
        Operation.start("recover", PLM, Operations::nothing),
        Operation.start("recover with no record of a run", PLM, s -> submitBrokenOff(s, 0)),
        Operation.start("recover with half of a run's records", PLM, s -> submitBrokenOff(s, 1)),
        Operation.start("recover with all of a run's records", PLM, s -> submitBrokenOff(s, 2)),
        Operation.start(
            "recover with the records of delayed tasks",
            PLM,
            s -> {
              s.world.process(PLM).dieWithDocuments(1);
              submit(s, timed());
            }),
        rebuildWithTimed(PLM),
        Operation.rebuild(PLM));
  }

  /** A task waits for these, and what the busy worker holds of them ends. */
  private static void awaitedEnd(Stage s, TaskReport.Kind kind, long... numbers) {
    submit(s, SimClient.after(task("ok"), Arrays.stream(numbers).map(s::id).toArray()));
    complete(s, kind);
  }

  private static void schedule(Stage s) {
    s.world.schedules().create("nightly");
  }

  private static void scheduleIsDue(Stage s) {
    s.world.jumpWall(MINUTE_MILLIS);
    s.serve(PLM);
  }

  private static TaskSpec task(String does) {
    return SimClient.task("t", 2, does);
  }

  private static TaskSpec[] tasks(int count) {
    TaskSpec[] all = new TaskSpec[count];
    for (int i = 0; i < count; i++) {
      all[i] = task("ok");
    }
    return all;
  }

  private static final int DELAY_MILLIS = 300;

  /** One that is delayed, one that may wait so long, one that may take so long. */
  private static TaskSpec[] timed() {
    return new TaskSpec[] {
      task("ok").toBuilder().setDelayMs(DELAY_MILLIS).build(),
      task("ok").toBuilder().setStartWithinMs(DELAY_MILLIS).build(),
      task("hang").toBuilder().setDeadlineMs(DELAY_MILLIS).setPriority(9).build()
    };
  }

  /** A task that fails at first and waits before it is tried again. */
  private static TaskSpec patient() {
    return SimClient.task("t", 9, "fail:1").toBuilder()
        .setRetry(RetryPolicy.newBuilder().setInitialMs(DELAY_MILLIS).setMaxMs(DELAY_MILLIS))
        .setMaxWorkerDeaths(2)
        .build();
  }

  private static void submitTimed(Stage s, TaskSpec... specs) {
    submit(s, specs);
    s.serve(SCHEDULER);
  }

  private static void passDelay(Stage s) {
    s.world.advanceMillis(DELAY_MILLIS + 1);
  }

  /** The busy worker gets it, and fails. */
  private static void failPatient(Stage s) {
    s.busy.window(3);
    submit(s, patient());
    s.serve(SCHEDULER);
    s.arrive();
    s.serve(SCHEDULER);
    s.arrive();
    s.busy.startAll();
    s.serve(REGISTER);
    s.busy.endAll(TaskReport.Kind.KIND_FAILED);
    s.busy.report();
  }

  /** The first start after a reboot, with tasks that wait for their time or for another attempt. */
  private static Operation rebuildWithTimed(io.tidemill.shm.region.Role role) {
    return new Operation(
        "rebuild after a reboot, with tasks that wait",
        role,
        true,
        true,
        s -> {
          submitTimed(s, timed());
          failPatient(s);
          s.serve(REGISTER);
          s.world.reboot();
        },
        s -> {
          s.world.start(role);
          s.world.turn(role);
        });
  }

  private static void submit(Stage s, TaskSpec... specs) {
    s.client.submit(specs);
    s.client.act();
    s.serve(PLM);
  }

  /** Four submissions, which are two documents; the force of the disk's comes after them. */
  private static void submitBrokenOff(Stage s, int documents) {
    s.world.process(PLM).dieWithDocuments(documents);
    submit(
        s,
        task("ok"),
        SimClient.task("u", 9, "ok"),
        SimClient.disk(task("fail:1")),
        SimClient.disk(SimClient.task("u", 1, "ok")));
  }

  private static void cancel(Stage s, long number) {
    SimProcess plm = s.world.process(PLM);
    if (plm != null) {
      s.world.in(plm, () -> s.world.plm().cancel(s.id(number), "no longer wanted"));
    }
  }

  // The Main Scheduler.

  private static List<Operation> ofScheduler() {
    return List.of(
        Operation.of(
            "follow changes of priorities",
            SCHEDULER,
            s -> {
              s.world.priorities().set(s.id(s.ready), 0);
              s.world.priorities().set(s.id(s.readyToFail), 7);
            },
            s -> s.serve(SCHEDULER)),
        Operation.start(
            "recover when a priority was changed",
            SCHEDULER,
            s -> {
              s.world.priorities().set(s.id(s.ready), 0);
              s.world.priorities().set(s.id(s.readyToFail), 7);
            }),
        Operation.of(
            "take ready tasks from the ring",
            SCHEDULER,
            s -> submit(s, task("ok"), SimClient.task("u", 1, "ok")),
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "take delayed tasks from the ring",
            SCHEDULER,
            s -> submit(s, timed()),
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "have due tasks ready, and ask for the end of those that are late",
            SCHEDULER,
            s -> {
              submitTimed(s, timed());
              passDelay(s);
            },
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "have a task tried again later",
            SCHEDULER,
            s -> {
              failPatient(s);
              s.serve(REGISTER);
            },
            s -> s.serve(SCHEDULER)),
        Operation.start(
            "recover with delayed tasks",
            SCHEDULER,
            s -> {
              submitTimed(s, timed());
              passDelay(s);
            }),
        Operation.of("assign", SCHEDULER, s -> s.busy.window(4), s -> s.serve(SCHEDULER)),
        Operation.of(
            "take capacity back and assign",
            SCHEDULER,
            s -> complete(s, TaskReport.Kind.KIND_SUCCEEDED),
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "take back what a dead worker held",
            SCHEDULER,
            s -> die(s, s.busy),
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "take back what a dead worker ran",
            SCHEDULER,
            s -> {
              run(s, s.busy);
              die(s, s.busy);
            },
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "give up a task that loses its workers",
            SCHEDULER,
            Operations::loseOften,
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "take back an overrun lease", SCHEDULER, Operations::overrun, s -> s.serve(SCHEDULER)),
        Operation.of(
            "greet a worker that lost its stream",
            SCHEDULER,
            s -> {
              s.busy.breakDispatch();
              s.serve(SCHEDULER);
              s.world.rounds(1);
              s.busy.breakDispatch();
              s.busy.connect();
            },
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "lose a worker's stream",
            SCHEDULER,
            s -> s.busy.breakDispatch(),
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "learn of a worker that drains",
            SCHEDULER,
            s -> {
              s.busy.draining();
              s.serve(REGISTER);
            },
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "count again when idle",
            SCHEDULER,
            s -> {
              s.serve(SCHEDULER);
              s.world.advanceMillis(1_500);
            },
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "sweep",
            SCHEDULER,
            s -> s.world.memory().observed().control().askSweep(SCHEDULER),
            s -> s.serve(SCHEDULER)),
        Operation.of(
            "promote a task that waits no more",
            SCHEDULER,
            s -> {
              awaitedEnd(s, TaskReport.Kind.KIND_SUCCEEDED, s.held, s.heldToo);
              s.serve(PLM);
            },
            s -> s.serve(SCHEDULER)),
        Operation.start("recover", SCHEDULER, Operations::nothing),
        Operation.start(
            "recover when a task waits no more",
            SCHEDULER,
            s -> {
              awaitedEnd(s, TaskReport.Kind.KIND_SUCCEEDED, s.held, s.heldToo);
              s.serve(PLM);
            }),
        Operation.start(
            "recover after a worker came again meanwhile",
            SCHEDULER,
            s -> {
              s.world.kill(SCHEDULER);
              s.arrive();
              s.busy.kill();
              s.busy.revive();
              s.busy.act();
              s.serve(REGISTER);
              s.arrive();
            }),
        Operation.rebuild(SCHEDULER));
  }

  private static void run(Stage s, SimWorker worker) {
    worker.startAll();
    s.serve(REGISTER);
    s.arrive();
  }

  private static void die(Stage s, SimWorker worker) {
    worker.kill();
    s.serve(REGISTER);
  }

  /**
   * A worker dies under the same tasks again and again; the last time the Main Scheduler has not
   * noticed yet. The first time it holds others, which were there before better ones came.
   */
  private static void loseOften(Stage s) {
    for (int i = 0; i <= Stage.RETURNS_MAX; i++) {
      for (int round = 0; round < 20 && s.busy.leases().size() < 2; round++) {
        s.world.round();
      }
      run(s, s.busy);
      die(s, s.busy);
      s.busy.revive();
    }
  }

  /** Its worker was told to stop, did not, and the Main Scheduler is told. */
  private static void overrun(Stage s) {
    s.busy.stubborn(true);
    run(s, s.busy);
    for (int passed = 0; passed <= Stage.TIMEOUT_MILLIS + STOP_MILLIS; passed += 1_000) {
      s.workers().forEach(SimWorker::beat);
      s.serve(REGISTER);
      s.world.advanceMillis(1_000);
    }
    s.workers().forEach(SimWorker::beat);
    s.serve(REGISTER);
  }

  private static void complete(Stage s, TaskReport.Kind kind) {
    s.busy.endAll(kind);
    s.busy.report();
    s.serve(REGISTER);
  }

  // The Register.

  private static List<Operation> ofRegister() {
    return List.of(
        Operation.of("start", REGISTER, s -> s.busy.startAll(), s -> s.serve(REGISTER)),
        Operation.of("progress", REGISTER, s -> s.busy.progress(0.5f), s -> s.serve(REGISTER)),
        ends("complete", TaskReport.Kind.KIND_SUCCEEDED),
        ends("fail and retry", TaskReport.Kind.KIND_FAILED),
        ends("fail for good", TaskReport.Kind.KIND_FAILED_FOR_GOOD),
        ends("hand back", TaskReport.Kind.KIND_RETURNED),
        Operation.of(
            "complete what waits for the disk",
            REGISTER,
            s -> {
              submit(s, SimClient.disk(SimClient.task("u", 9, "ok")));
              s.serve(SCHEDULER);
              s.arrive();
              s.serve(SCHEDULER);
              s.arrive();
              s.idle.endAll(TaskReport.Kind.KIND_SUCCEEDED);
              s.idle.report();
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "fail for the last time",
            REGISTER,
            s -> {
              submit(s, task("fail:9"));
              for (int attempt = 1; attempt < 3; attempt++) {
                complete(s, TaskReport.Kind.KIND_FAILED);
                s.serve(SCHEDULER);
                s.arrive();
              }
              s.busy.endAll(TaskReport.Kind.KIND_FAILED);
              s.busy.report();
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "settle a report that comes again",
            REGISTER,
            s -> {
              complete(s, TaskReport.Kind.KIND_SUCCEEDED);
              s.busy.breakHeartbeat();
              s.busy.connect();
              s.busy.report();
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "refuse a report of a lease that was taken back",
            REGISTER,
            s -> {
              overrun(s);
              s.serve(SCHEDULER);
              s.busy.endAll(TaskReport.Kind.KIND_SUCCEEDED);
              s.busy.report();
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "cancel a ready task", REGISTER, s -> cancel(s, s.ready), s -> s.serve(REGISTER)),
        Operation.of(
            "cancel a task that waits",
            REGISTER,
            s -> {
              long waits = s.client.submit(SimClient.after(task("ok"), s.id(s.ready)));
              s.sendAndAccept();
              cancel(s, waits);
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "cancel a task that a worker holds",
            REGISTER,
            s -> cancel(s, s.held),
            s -> {
              s.serve(REGISTER);
              s.arrive();
              s.busy.report();
              s.serve(REGISTER);
            }),
        Operation.of(
            "end a task that lost its workers",
            REGISTER,
            s -> {
              loseOften(s);
              s.serve(SCHEDULER);
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "register a worker",
            REGISTER,
            s -> s.world.worker("w3", 1, "t", "v").act(),
            s -> s.serve(REGISTER)),
        Operation.of(
            "register again under the same id",
            REGISTER,
            s -> {
              s.busy.forgetRegistration();
              s.busy.connect();
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "lose a worker's stream",
            REGISTER,
            s -> s.busy.breakHeartbeat(),
            s -> s.serve(REGISTER)),
        Operation.of(
            "lose a worker that fell silent",
            REGISTER,
            s -> {
              s.busy.silent(true);
              for (int second = 0; second < 5; second++) {
                s.serve(REGISTER);
                s.world.advanceMillis(1_000);
                s.idle.beat();
              }
              s.serve(REGISTER);
            },
            s -> {
              s.world.advanceMillis(1_000);
              s.serve(REGISTER);
            }),
        Operation.of(
            "lose a worker that the Main Scheduler cannot reach",
            REGISTER,
            s -> {
              s.busy.breakDispatch();
              s.serve(SCHEDULER);
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "find an overrun, which its worker stops",
            REGISTER,
            s -> {
              run(s, s.busy);
              for (int passed = 0; passed < Stage.TIMEOUT_MILLIS; passed += 1_000) {
                s.workers().forEach(SimWorker::beat);
                s.serve(REGISTER);
                s.world.advanceMillis(1_000);
              }
              s.workers().forEach(SimWorker::beat);
            },
            s -> {
              s.world.advanceMillis(1_000);
              s.serve(REGISTER);
            }),
        Operation.of(
            "let a worker drain", REGISTER, s -> s.busy.draining(), s -> s.serve(REGISTER)),
        Operation.of("let a worker leave", REGISTER, s -> s.idle.leave(), s -> s.serve(REGISTER)),
        Operation.of(
            "sweep",
            REGISTER,
            s -> {
              cancel(s, s.ready);
              s.world.memory().observed().control().askSweep(REGISTER);
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "fail and wait for another attempt",
            REGISTER,
            Operations::failPatient,
            s -> s.serve(REGISTER)),
        Operation.of(
            "end tasks whose deadlines are over",
            REGISTER,
            s -> {
              submitTimed(s, timed());
              passDelay(s);
              s.serve(SCHEDULER);
            },
            s -> s.serve(REGISTER)),
        Operation.of(
            "stop a running task whose deadline is over",
            REGISTER,
            s -> {
              s.busy.window(3);
              submitTimed(s, timed());
              s.arrive();
              s.serve(SCHEDULER);
              run(s, s.busy);
              passDelay(s);
              s.serve(SCHEDULER);
            },
            s -> {
              s.serve(REGISTER);
              s.arrive();
              s.busy.report();
              s.serve(REGISTER);
            }),
        Operation.start(
            "recover with a failed attempt that is tried again later",
            REGISTER,
            s -> {
              failPatient(s);
              s.world.process(REGISTER).dieWithDocuments(1);
              s.serve(REGISTER);
            }),
        Operation.start(
            "recover with an end of a delayed task that broke off",
            REGISTER,
            s -> {
              long delayed = s.client.submit(timed()[0]);
              s.client.act();
              s.serve(PLM);
              s.arrive();
              cancel(s, delayed);
              s.world.process(REGISTER).dieWithDocuments(0);
              s.serve(REGISTER);
            }),
        Operation.start("recover", REGISTER, s -> cancel(s, s.ready)),
        recordBrokenOff("recover with no record of a run", 0),
        recordBrokenOff("recover with half of a run's records", 1),
        recordBrokenOff("recover with all of a run's records", 2),
        Operation.start(
            "recover with a cancellation that broke off",
            REGISTER,
            s -> {
              cancel(s, s.ready);
              s.world.process(REGISTER).dieWithDocuments(0);
              s.serve(REGISTER);
            }),
        Operation.rebuild(REGISTER));
  }

  private static Operation ends(String name, TaskReport.Kind kind) {
    return Operation.of(
        name,
        REGISTER,
        s -> {
          run(s, s.busy);
          s.busy.endAll(kind);
          s.busy.report();
        },
        s -> s.serve(REGISTER));
  }

  /** Four reports, one of them of a failure, which are two documents; then comes the force. */
  private static Operation recordBrokenOff(String name, int documents) {
    return Operation.start(
        name,
        REGISTER,
        s -> {
          s.busy.window(4);
          submit(s, SimClient.disk(SimClient.task("t", 9, "ok")));
          s.serve(SCHEDULER);
          s.arrive();
          s.serve(SCHEDULER);
          s.arrive();
          s.busy.work();
          s.busy.endAll(TaskReport.Kind.KIND_SUCCEEDED);
          s.busy.report();
          s.world.process(REGISTER).dieWithDocuments(documents);
          s.serve(REGISTER);
        });
  }

  /** Each two of them that two servers can be at in the same moment. */
  static List<Operation[]> pairs() {
    List<Operation[]> pairs = new ArrayList<>();
    for (Operation first : all()) {
      for (Operation second : all()) {
        if (first.role() != second.role() && !first.alone() && !second.alone()) {
          pairs.add(new Operation[] {first, second});
        }
      }
    }
    return pairs;
  }
}
