/**
 * The worker: a library that runs tasks with handlers by task type ({@link
 * io.tidemill.worker.TidemillWorker}), and the stock worker with ready-made types ({@link
 * io.tidemill.worker.WorkerMain}).
 *
 * <p>The way of a task through the library, and who does what:
 *
 * <pre>
 *  dispatch stream          executors (capacity)             heartbeat stream
 *  DispatchLink --HeldTasks--> LocalQueue --TaskExecutors--> Outbox --ReportSender--> HeartbeatLink
 *       ^                                                      |                          |
 *       +-- window (WindowPolicy) <-- figures                  +-- forgotten <-- verdict -+
 * </pre>
 *
 * <ul>
 *   <li>A transport thread brings tasks, cancellations and verdicts, and never blocks on anything
 *       but short locks.
 *   <li>Executors claim the best task (priority, then submission), run its handler, and leave the
 *       report in the outbox.
 *   <li>The sender writes the heartbeat stream, one message at a time, on whichever thread asks
 *       first.
 *   <li>The control thread registers, reconnects each stream by itself, beats, and keeps the
 *       timers.
 * </ul>
 *
 * <p><b>What a crash leaves.</b> Nothing is on disk here. A worker that dies is missed by the
 * Register, and its tasks are given to others under later leases. A server that dies finds this
 * worker back within its backoff (an eighth of the outage, 5 s at most, full jitter), with all
 * leases listed in the hello and all reports without a verdict sent again, under the same numbers
 * within a registration and renumbered in the same order after a new one.
 *
 * <p><b>The window</b> (credits) counts every task the worker holds, those included that are done
 * and have no verdict yet; see {@link io.tidemill.worker.WindowPolicy}.
 *
 * <p><b>Draining</b>: every message says so, what has not started is handed back, what runs
 * finishes, verdicts are waited for, and the last message says that the worker leaves. The least
 * window that an open dispatch stream can be told is 1, so that a task may still arrive until the
 * Main Scheduler has heard of the drain: it is handed back as well.
 */
package io.tidemill.worker;
