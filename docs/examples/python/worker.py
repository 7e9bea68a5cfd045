"""A Tidemill worker: python3 worker.py [REGISTER_ADDRESS [WORKER_ID]]"""
import os, queue, random, socket, sys, threading, time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen"))
import grpc
from tidemill.v1 import worker_service_pb2 as pb
from tidemill.v1 import worker_service_pb2_grpc as rpc

HANDLERS = {"python.upper": lambda payload: payload.upper()}  # task type -> bytes to bytes
CAPACITY = 4
INSTANCE = random.getrandbits(63) | 1  # tells our own retry from a namesake
pool = ThreadPoolExecutor(CAPACITY)


def may_begin(task, reports, starts, over):  # it may kill its worker at once: only when the Register knows that it runs
    answer = starts[task.task_id, task.lease] = queue.SimpleQueue()
    reports.put(pb.TaskStart(task_id=task.task_id, lease=task.lease, awaits=True))
    while not over.is_set():
        try:
            return answer.get(timeout=0.1)
        except queue.Empty:
            pass
    return False


def work(task, reports, starts, over):
    if task.announce_start and not may_begin(task, reports, starts, over):
        reports.put(pb.TaskReport(task_id=task.task_id, lease=task.lease, kind=pb.TaskReport.KIND_CANCELLED))
        return
    report = pb.TaskReport(task_id=task.task_id, lease=task.lease, kind=pb.TaskReport.KIND_SUCCEEDED)
    began = time.monotonic()
    try:
        report.result = HANDLERS[task.type](task.payload)
    except Exception as error:  # tried again while the task has attempts left
        report.kind, report.error = pb.TaskReport.KIND_FAILED, repr(error)[:4000]
    report.run_us = int((time.monotonic() - began) * 1e6)
    reports.put(report)


def beats(me, reports, over):  # a result goes up at once, a beat when there is nothing to say
    number = 0
    yield pb.HeartbeatRequest(worker_key=me.worker_key, load=pb.WorkerLoad())
    while not over.is_set():
        try:
            said = reports.get(timeout=me.beat_interval_ms / 1000)
            if isinstance(said, pb.TaskStart):
                yield pb.HeartbeatRequest(started=[said])
                continue
            number += 1
            yield pb.HeartbeatRequest(first_report=number, reports=[said])
        except queue.Empty:
            yield pb.HeartbeatRequest(load=pb.WorkerLoad())


def hello(me, over):  # its stream stays open; the window is what we hold at most, with and without a result
    yield pb.DispatchRequest(hello=pb.DispatchHello(worker_key=me.worker_key), window=2 * CAPACITY)
    over.wait()


def listen(answers, dispatch, starts):
    try:
        for answer in answers:  # verdicts need no action here: nothing is kept for a second sending
            for leases, begin in (answer.started, True), (answer.cancels, False):
                for lease in leases:
                    if waiting := starts.pop((lease.task_id, lease.lease), None):
                        waiting.put(begin)
            if answer.register_again:
                break
    except grpc.RpcError as error:
        print("heartbeat:", error.details(), file=sys.stderr)
    dispatch.cancel()


def serve(address, worker_id):  # until a stream breaks; tasks without a verdict go back then, and run again
    reports, starts, over = queue.Queue(), {}, threading.Event()
    with grpc.insecure_channel(address) as channel:
        register = rpc.WorkerServiceStub(channel)
        me = register.RegisterWorker(pb.RegisterWorkerRequest(
            worker_id=worker_id, instance_id=INSTANCE, capacity=CAPACITY, task_types=list(HANDLERS),
            host=socket.gethostname(), pid=os.getpid()))
        host, _, port = me.dispatch_address.rpartition(":")
        with grpc.insecure_channel((host or address.rpartition(":")[0]) + ":" + port) as scheduler:
            dispatch = rpc.DispatchServiceStub(scheduler).Dispatch(hello(me, over))
            answers = register.Heartbeat(beats(me, reports, over))
            threading.Thread(target=listen, args=(answers, dispatch, starts), daemon=True).start()
            try:
                for task in (task for message in dispatch for task in message.assignments):
                    pool.submit(work, task, reports, starts, over)
            finally:
                over.set()


while True:
    try:
        serve(*(sys.argv[1:] + ["127.0.0.1:7413", "python-1"][len(sys.argv) - 1:]))
    except grpc.RpcError as error:
        print("connecting again:", error.details(), file=sys.stderr)
    time.sleep(random.uniform(0.1, 2))
