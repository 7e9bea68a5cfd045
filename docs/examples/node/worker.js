// A Tidemill worker: node worker.js [REGISTER_ADDRESS [WORKER_ID]]
const os = require('os');
const { randomBytes } = require('crypto');
const v1 = require('./tidemill.js');

const [address = '127.0.0.1:7413', workerId = 'node-1'] = process.argv.slice(2);
const handlers = { 'node.reverse': async (payload) => Buffer.from(payload).reverse() }; // task type -> handler
const capacity = 4;
const instance = (randomBytes(8).readBigUInt64LE() | 1n).toString(); // tells our own retry from a namesake
const register = new v1.WorkerService(address, v1.insecure);

const nameOf = ({ task_id: task, lease }) => `${task} ${lease}`;

// `mayBegin` is asked first if the task's start is to be announced: it may be one that kills its worker at once.
async function run(task, mayBegin) {
  const lease = { task_id: task.task_id, lease: task.lease };
  if (task.announce_start && !(await mayBegin(lease))) return { ...lease, kind: 'KIND_CANCELLED' };
  const began = process.hrtime.bigint();
  const report = { ...lease, kind: 'KIND_SUCCEEDED' };
  try {
    report.result = await handlers[task.type](task.payload);
  } catch (error) { // tried again while the task has attempts left
    Object.assign(report, { kind: 'KIND_FAILED', error: String(error).slice(0, 4000) });
  }
  report.run_us = Number((process.hrtime.bigint() - began) / 1000n);
  return report;
}

// At most `capacity` at one time; the rest waits here in the order in which it came.
function runner(send, mayBegin) {
  const waiting = [];
  let running = 0;
  const next = async () => {
    if (running === capacity || waiting.length === 0) return;
    running++;
    send(await run(waiting.shift(), mayBegin));
    running--;
    next();
  };
  return (task) => (waiting.push(task), next());
}

// Until a stream breaks. Tasks without a verdict go back then, and run again.
function serve(me, over) {
  const [host, port] = [me.dispatch_address.replace(/:\d+$/, ''), me.dispatch_address.match(/\d+$/)[0]];
  const scheduler = new v1.DispatchService(`${host || address.replace(/:\d+$/, '')}:${port}`, v1.insecure);
  const beats = register.Heartbeat();
  const dispatch = scheduler.Dispatch();
  const timer = setInterval(() => beats.write({ load: {} }), me.beat_interval_ms);
  const end = (error) => {
    clearInterval(timer);
    beats.cancel();
    dispatch.cancel();
    scheduler.close();
    over(error);
    over = () => {};
  };
  let number = 0;
  const starts = new Map(); // told and not answered: the lease's name -> who waits for it
  const mayBegin = (lease) => new Promise((begin) => {
    starts.set(nameOf(lease), begin);
    beats.write({ started: [{ ...lease, awaits: true }] });
  });
  const answered = (leases, begin) => leases.forEach((lease) => {
    starts.get(nameOf(lease))?.(begin);
    starts.delete(nameOf(lease));
  });
  const take = runner((report) => beats.write({ first_report: ++number, reports: [report] }), mayBegin);
  beats.write({ worker_key: me.worker_key, load: {} });
  beats.on('data', (answer) => {
    answered(answer.started, true);
    answered(answer.cancels, false);
    if (answer.register_again) end();
  });
  dispatch.write({ hello: { worker_key: me.worker_key }, window: 2 * capacity });
  dispatch.on('data', (message) => message.assignments.forEach(take));
  for (const stream of [beats, dispatch]) stream.on('error', end).on('end', end);
}

function connect() {
  const again = (error) => {
    if (error) console.error('connecting again:', error.details);
    setTimeout(connect, 100 + Math.random() * 2000);
  };
  const me = { worker_id: workerId, instance_id: instance, capacity, task_types: Object.keys(handlers),
    host: os.hostname(), pid: process.pid };
  register.RegisterWorker(me, (error, answer) => (error ? again(error) : serve(answer, again)));
}

connect();
