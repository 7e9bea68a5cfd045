"""A Tidemill client: python3 client.py [TASK_ADDRESS [TYPE]]"""
import os, queue, random, sys, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen"))
import grpc
from tidemill.v1 import task_pb2, task_service_pb2 as pb
from tidemill.v1 import task_service_pb2_grpc as rpc


def one(tasks, task_type):  # the request id makes it safe to send this again after an error
    spec = task_pb2.TaskSpec(type=task_type, payload=b"hello, tide", priority=10, request_id=str(uuid.uuid4()))
    accepted = tasks.SubmitTask(pb.SubmitTaskRequest(task=spec), timeout=10)
    task = tasks.WaitTask(pb.WaitTaskRequest(task_id=accepted.task_id, timeout_ms=30000), timeout=35).task
    print(f"{task.task_id:016x} {task_pb2.TaskState.Name(task.state)} by {task.worker_id}: {task.result.decode()}")


def many(tasks, task_type, count):  # a session: submissions up, acknowledgements and results down
    up = queue.Queue()
    up.put(pb.SessionRequest(open=pb.OpenSession(session_id=random.getrandbits(63) | 1)))
    down = tasks.Session(iter(up.get, None))
    window = next(down).opened.submit_window  # so many may be without an acknowledgement
    sent = min(window, count)
    specs = [task_pb2.TaskSpec(type=task_type, payload=b"wave %d" % number) for number in range(1, count + 1)]
    up.put(pb.SessionRequest(submit=pb.SubmitRun(first_number=1, tasks=specs[:sent])))
    results = {}
    for answer in down:
        for refusal in answer.acks.refusals:
            raise SystemExit(refusal.message)
        acked = len(answer.acks.task_ids)
        if acked and sent < count:
            up.put(pb.SessionRequest(submit=pb.SubmitRun(first_number=sent + 1, tasks=specs[sent:sent + acked])))
            sent = min(sent + acked, count)
        for result in answer.results.results:
            results[result.number] = result
        if len(results) == count:
            break
    up.put(None)
    succeeded = sum(result.state == task_pb2.TASK_STATE_SUCCEEDED for result in results.values())
    print(f"{succeeded} of {count} succeeded; the last one said {results[count].result.decode()}")


address, task_type = sys.argv[1:] + ["127.0.0.1:7411", "python.upper"][len(sys.argv) - 1:]
with grpc.insecure_channel(address) as channel:
    stub = rpc.TaskServiceStub(channel)
    try:
        one(stub, task_type)
        many(stub, task_type, 1000)
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
