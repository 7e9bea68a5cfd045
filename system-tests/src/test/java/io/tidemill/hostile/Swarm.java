package io.tidemill.hostile;

import io.tidemill.rpc.hostile.RawPeer;
import io.tidemill.v1.DispatchHello;
import io.tidemill.v1.DispatchRequest;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.RegisterWorkerRequest;
import io.tidemill.v1.RegisterWorkerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Thousands of workers out of one thread, each with a connection to the Register and one to the
 * Main Scheduler: they register, open their streams and beat. Whoever loses a connection comes back
 * as the worker library does, after a time drawn evenly from zero to a bound that doubles.
 */
final class Swarm implements AutoCloseable {
  private static final String REGISTER = "/tidemill.v1.WorkerService/RegisterWorker";
  private static final String HEARTBEAT = "/tidemill.v1.WorkerService/Heartbeat";
  private static final String DISPATCH = "/tidemill.v1.DispatchService/Dispatch";
  private static final long BACKOFF_FIRST_MILLIS = 50;
  private static final long BACKOFF_MAX_MILLIS = 5_000;
  private static final long BEAT_MILLIS = 5_000;
  private static final int FRAME_HEADER = 9;
  private static final int PREFIX = 5;

  private final int registerPort;
  private final int schedulerPort;
  private final Worker[] workers;
  private final Selector selector = Selector.open();
  private final PriorityQueue<Due> due =
      new PriorityQueue<>((a, b) -> Long.compare(a.nanos, b.nanos));
  private final ByteBuffer in = ByteBuffer.allocate(64 << 10);
  private final Thread thread = new Thread(this::run, "swarm");
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicLong attempts = new AtomicLong();
  private volatile String failure = "";
  private volatile boolean over;

  private record Due(long nanos, Runnable work) {}

  Swarm(int portBase, int count) throws IOException {
    this.schedulerPort = portBase + 1;
    this.registerPort = portBase + 2;
    this.workers = new Worker[count];
    for (int i = 0; i < count; i++) {
      workers[i] = new Worker(i);
    }
    thread.setDaemon(true);
  }

  /** All connect at once. */
  void start() {
    for (Worker worker : workers) {
      after(0, worker::connect);
    }
    thread.start();
  }

  /** How many are registered, with both streams. */
  int connected() {
    return connected.get();
  }

  long attempts() {
    return attempts.get();
  }

  String failure() {
    return failure;
  }

  private void after(long millis, Runnable work) {
    due.add(new Due(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), work));
  }

  private void run() {
    try {
      while (!over) {
        turn();
      }
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
    } catch (IOException e) {
      failure = e.toString();
    }
  }

  private void turn() throws IOException {
    selector.select(5);
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.isValid()) {
        ((Link) key.attachment()).ready(key);
      }
    }
    selector.selectedKeys().clear();
    long now = System.nanoTime();
    while (!due.isEmpty() && due.peek().nanos - now <= 0) {
      due.remove().work.run();
    }
  }

  /** One worker: begins with the Register, goes on to the Main Scheduler. */
  private final class Worker {
    private final int number;
    private Link register;
    private Link scheduler;
    private long workerKey;
    private long boundMillis = BACKOFF_FIRST_MILLIS;
    private boolean isConnected;
    private int life;

    Worker(int number) {
      this.number = number;
    }

    void connect() {
      attempts.incrementAndGet();
      workerKey = 0;
      life++;
      register = new Link(this, registerPort);
      if (!register.open()) {
        return;
      }
      register.call(
          1,
          REGISTER,
          true,
          RegisterWorkerRequest.newBuilder()
              .setWorkerId("swarm-" + number)
              .setInstanceId(number + 1L)
              .setCapacity(1)
              .addTaskTypes("swarm")
              .build()
              .toByteArray());
    }

    void registered(RegisterWorkerResponse answer) {
      workerKey = answer.getWorkerKey();
      register.call(
          3,
          HEARTBEAT,
          false,
          HeartbeatRequest.newBuilder().setWorkerKey(workerKey).build().toByteArray());
      scheduler = new Link(this, schedulerPort);
      if (scheduler.open()) {
        scheduler.call(
            1,
            DISPATCH,
            false,
            DispatchRequest.newBuilder()
                .setHello(DispatchHello.newBuilder().setWorkerKey(workerKey))
                .setWindow(1)
                .build()
                .toByteArray());
      }
    }

    /** The Main Scheduler took the connection: the last step. */
    void settled() {
      if (!isConnected) {
        isConnected = true;
        connected.incrementAndGet();
        boundMillis = BACKOFF_FIRST_MILLIS;
        int now = life;
        after(ThreadLocalRandom.current().nextLong(BEAT_MILLIS), () -> beat(now));
      }
    }

    private void beat(int of) {
      if (isConnected && life == of) {
        register.message(3, false, new byte[0]);
        after(BEAT_MILLIS, () -> beat(of));
      }
    }

    void lost() {
      if (isConnected) {
        isConnected = false;
        connected.decrementAndGet();
      }
      if (register != null) {
        register.close();
      }
      if (scheduler != null) {
        scheduler.close();
      }
      register = null;
      scheduler = null;
      life++;
      int now = life;
      after(
          ThreadLocalRandom.current().nextLong(boundMillis + 1),
          () -> {
            if (life == now) {
              connect();
            }
          });
      boundMillis = Math.min(BACKOFF_MAX_MILLIS, 2 * boundMillis);
    }
  }

  /** One connection. */
  private final class Link {
    private final Worker worker;
    private final int port;
    private SocketChannel channel;
    private SelectionKey key;
    private ByteBuffer unsent = ByteBuffer.allocate(0);
    private ByteBuffer unread = ByteBuffer.allocate(0);
    private boolean closed;

    Link(Worker worker, int port) {
      this.worker = worker;
      this.port = port;
    }

    boolean open() {
      try {
        channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        key = channel.register(selector, SelectionKey.OP_CONNECT, this);
      } catch (IOException e) {
        failure = e.toString();
        worker.lost();
        return false;
      }
      send(RawPeer.preface());
      send(RawPeer.encoded(RawPeer.SETTINGS, 0, 0));
      return true;
    }

    void call(int stream, String path, boolean last, byte[] message) {
      send(RawPeer.encoded(RawPeer.HEADERS, RawPeer.END_HEADERS, stream, RawPeer.headers(path)));
      message(stream, last, message);
    }

    void message(int stream, boolean last, byte[] message) {
      send(
          RawPeer.encoded(
              RawPeer.DATA, last ? RawPeer.END_STREAM : 0, stream, RawPeer.message(message)));
    }

    private void send(byte[] bytes) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.write(unsent.array(), unsent.position(), unsent.remaining());
      all.writeBytes(bytes);
      unsent = ByteBuffer.wrap(all.toByteArray());
      if (channel.isConnected()) {
        flush();
      }
    }

    private void flush() {
      try {
        channel.write(unsent);
        key.interestOps(
            unsent.hasRemaining()
                ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                : SelectionKey.OP_READ);
      } catch (IOException | java.nio.channels.CancelledKeyException e) {
        broken();
      }
    }

    void ready(SelectionKey selected) {
      try {
        if (selected.isConnectable()) {
          channel.finishConnect();
          flush();
          if (port == schedulerPort) {
            worker.settled();
          }
        } else if (selected.isWritable()) {
          flush();
        }
        if (!closed && selected.isValid() && selected.isReadable()) {
          read();
        }
      } catch (IOException e) {
        broken();
      }
    }

    private void read() throws IOException {
      in.clear();
      int count = channel.read(in);
      if (count < 0) {
        broken();
        return;
      }
      in.flip();
      ByteBuffer all = ByteBuffer.allocate(unread.remaining() + in.remaining());
      all.put(unread).put(in).flip();
      while (!closed && all.remaining() >= FRAME_HEADER && frame(all)) {}
      unread = all;
    }

    /** False if it is not all there. */
    private boolean frame(ByteBuffer all) {
      int at = all.position();
      int length = (all.get(at) & 0xff) << 16 | (all.getShort(at + 1) & 0xffff);
      if (all.remaining() < FRAME_HEADER + length) {
        return false;
      }
      int type = all.get(at + 3);
      int flags = all.get(at + 4);
      int stream = all.getInt(at + 5);
      byte[] payload = new byte[length];
      all.position(at + FRAME_HEADER);
      all.get(payload);
      heard(type, flags, stream, payload);
      return true;
    }

    private void heard(int type, int flags, int stream, byte[] payload) {
      try {
        if (type == RawPeer.PING && (flags & 1) == 0) {
          send(RawPeer.encoded(RawPeer.PING, 1, 0, payload));
        } else if (type == RawPeer.DATA && stream == 1 && port == registerPort) {
          ByteBuffer message = ByteBuffer.wrap(payload, PREFIX, payload.length - PREFIX);
          worker.registered(RegisterWorkerResponse.parseFrom(message));
        } else if (type == RawPeer.GOAWAY
            || type == RawPeer.RST_STREAM
            || (type == RawPeer.HEADERS
                && (flags & 1) != 0
                && (stream == 3 || port == schedulerPort))
            || (type == RawPeer.HEADERS && (flags & 1) != 0 && worker.workerKey == 0)) {
          broken();
        }
      } catch (com.google.protobuf.InvalidProtocolBufferException e) {
        failure = e.toString();
        broken();
      }
    }

    private void broken() {
      if (!closed) {
        worker.lost();
      }
    }

    void close() {
      closed = true;
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        failure = e.toString();
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    thread.join(TimeUnit.SECONDS.toMillis(10));
  }
}
