// A Tidemill client: node client.js [TASK_ADDRESS [TYPE]]
const { randomBytes, randomUUID } = require('crypto');
const { promisify } = require('util');
const v1 = require('./tidemill.js');

const [address = '127.0.0.1:7411', type = 'node.reverse'] = process.argv.slice(2);
const tasks = new v1.TaskService(address, v1.insecure);
const call = (method, request) => promisify(tasks[method].bind(tasks))(request, { deadline: Date.now() + 35000 });
const hex = (id) => BigInt(id).toString(16).padStart(16, '0');

// The request id makes it safe to send this again after an error.
async function one() {
  const task = { type, payload: Buffer.from('hello, tide'), priority: 10, request_id: randomUUID() };
  const accepted = await call('SubmitTask', { task });
  const answer = await call('WaitTask', { task_id: accepted.task_id, timeout_ms: 30000 });
  const { state, worker_id: worker, result } = answer.task;
  console.log(`${hex(accepted.task_id)} ${state} by ${worker}: ${result}`);
}

// A session: submissions up, acknowledgements and results down.
function many(count) {
  return new Promise((resolve, reject) => {
    const session = tasks.Session();
    const results = new Map();
    let sent = 0;
    const submit = (room) => {
      const run = [];
      const first = sent + 1;
      while (run.length < room && sent < count) run.push({ type, payload: Buffer.from(`wave ${++sent}`) });
      if (run.length > 0) session.write({ submit: { first_number: first, tasks: run } });
    };
    session.on('error', reject).on('data', ({ opened, acks, results: ends }) => {
      if (opened) submit(opened.submit_window); // so many may be without an acknowledgement
      if (acks && acks.refusals.length > 0) return session.destroy(new Error(acks.refusals[0].message));
      if (acks) submit(acks.task_ids.length);
      for (const end of ends ? ends.results : []) results.set(Number(end.number), end);
      if (results.size === count) session.removeAllListeners('error').on('error', () => {}).cancel();
      if (results.size === count) resolve(results);
    });
    session.write({ open: { session_id: (randomBytes(8).readBigUInt64LE() | 1n).toString() } });
  });
}

async function main() {
  await one();
  const count = 1000;
  const results = await many(count);
  const succeeded = [...results.values()].filter((end) => end.state === 'TASK_STATE_SUCCEEDED').length;
  console.log(`${succeeded} of ${count} succeeded; the last one said ${results.get(count).result}`);
  tasks.close();
}

main().catch((error) => {
  console.error(error.details || error.message);
  process.exit(1);
});
