package io.tidemill.worker;

import io.tidemill.rpc.security.Access;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.Verdict;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a worker was built with, checked.
 *
 * @param registerAddress host:port of the Register, or unix:PATH
 * @param access to both servers
 * @param prefetchMax the most tasks held beyond what runs
 * @param prefetchMillis how much work is fetched ahead of what runs
 * @param withholdReports failure injection: takes tasks and never reports them
 * @param offer its queues, labels and amounts, as the Register is told
 * @param onRegistered told of each registration, with a sentence; runs on the control thread
 * @param onNotRecorded told of each result that is not the task's; runs on the transport's thread
 */
record WorkerOptions(
    String registerAddress,
    Access access,
    String workerId,
    int capacity,
    int prefetchMax,
    long prefetchMillis,
    long drainTimeoutMillis,
    long logFiguresMillis,
    boolean withholdReports,
    RegisterWorkerRequest offer,
    Consumer<String> onRegistered,
    Consumer<Verdict> onNotRecorded,
    Map<String, TaskHandler> handlers) {}
