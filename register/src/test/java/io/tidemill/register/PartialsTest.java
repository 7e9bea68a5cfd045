package io.tidemill.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.tidemill.shm.region.PartialRing;
import io.tidemill.shm.region.PartialRing.Look;
import io.tidemill.shm.region.StateWord;
import io.tidemill.shm.region.WorkerTable.State;
import io.tidemill.v1.HeartbeatRequest;
import io.tidemill.v1.TaskPartial;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialsTest {
  @TempDir Path folder;
  private Plant plant;
  private Others others;
  private FakeWorker worker;
  private PartialRing ring;
  private final PartialRing.Part part = new PartialRing.Part();

  @BeforeEach
  void start() throws Exception {
    plant = Plant.start(folder);
    others = plant.others;
    worker = plant.worker("w");
    ring = others.regions.partials();
  }

  @AfterEach
  void stop() throws Exception {
    plant.close();
  }

  private static TaskPartial.Builder partial(Others.Leased task, long position, String data) {
    return TaskPartial.newBuilder()
        .setTaskId(task.id())
        .setLease(task.lease())
        .setPosition(position)
        .setData(ByteString.copyFromUtf8(data));
  }

  private void awaitEnd(long number) {
    await().atMost(Plant.PATIENCE).until(() -> ring.end() == number);
  }

  private String read(long number, Others.Leased task) {
    assertThat(ring.read(number, task.id(), part)).isEqualTo(Look.READ);
    return new String(part.data(), 0, part.length(), java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void handsOnWhatIsEmittedUnderItsLease() {
    Others.Leased task = others.leased(0, worker.row());
    worker.send(HeartbeatRequest.newBuilder().addPartials(partial(task, 0, "a line")));
    awaitEnd(1);
    assertThat(read(0, task)).isEqualTo("a line");
    assertThat(part.position()).isZero();
    assertThat(part.attempt()).isEqualTo(1);
    assertThat(part.lease()).isEqualTo(StateWord.lease(others.tasks.word(task.slot())));
    String longer = "x".repeat(PartialRing.DATA_BYTES + 5);
    worker.send(HeartbeatRequest.newBuilder().addPartials(partial(task, 6, longer)));
    awaitEnd(3);
    assertThat(read(1, task)).hasSize(PartialRing.DATA_BYTES);
    assertThat(read(2, task)).isEqualTo("xxxxx");
    assertThat(part.position()).isEqualTo(6 + PartialRing.DATA_BYTES);
  }

  @Test
  void ignoresWhatOthersSayOfATask() {
    FakeWorker thief = plant.worker("thief");
    Others.Leased task = others.leased(0, worker.row());
    Others.Leased mine = others.leased(1, thief.row());
    thief.send(
        HeartbeatRequest.newBuilder()
            .addPartials(partial(task, 0, "stolen"))
            .addPartials(partial(new Others.Leased(0, task.id(), task.lease() + 1), 0, "later"))
            .addPartials(partial(new Others.Leased(0, 77, 1), 0, "nobody's"))
            .addPartials(partial(mine, 0, "mine")));
    awaitEnd(1);
    assertThat(read(0, mine)).isEqualTo("mine");
  }

  /** It costs a worker its own words, and says at the end how many there were. */
  @Test
  void dropsWhatIsTooMuch() {
    Others.Leased task = others.leased(0, worker.row());
    String block = "y".repeat(Partials.BYTES_MAX);
    int blocks = (int) (Partials.WORKER_BYTES_AT_ONCE / Partials.BYTES_MAX);
    HeartbeatRequest.Builder message = HeartbeatRequest.newBuilder();
    for (int i = 0; i < blocks + 2; i++) {
      message.addPartials(partial(task, (long) i * block.length(), block));
    }
    long end = (long) (blocks + 2) * block.length();
    message.addPartials(partial(task, end, block + "z").setLast(true));
    worker.send(message);
    long kept = blocks * ((block.length() - 1L) / PartialRing.DATA_BYTES + 1);
    awaitEnd(kept + 1);
    read(kept - 1, task);
    assertThat(part.position() + part.length()).isEqualTo((long) blocks * block.length());
    assertThat(read(kept, task)).isEmpty();
    assertThat(part.position()).isEqualTo(end + block.length() + 1);
  }

  /** The ring has room for so many entries, however short they are. */
  @Test
  void countsEachOfManyShortOnes() {
    Others.Leased task = others.leased(0, worker.row());
    long word = others.tasks.word(task.slot());
    Worker chatty = new Worker(worker.row(), 1, null, State.ALIVE, Map.of());
    Partials partials = new Partials(others.tasks, ring);
    for (int i = 0; i < PartialRing.ENTRIES; i++) {
      partials.onPartial(chatty, partial(task, i, "x").build(), word, 0);
    }
    long half = PartialRing.ENTRIES / 2;
    assertThat(ring.end()).isEqualTo(half);
    TaskPartial last = partial(task, PartialRing.ENTRIES, "x").setLast(true).build();
    partials.onPartial(chatty, last, word, 0);
    assertThat(read(half, task)).isEmpty();
    assertThat(part.position()).isEqualTo(PartialRing.ENTRIES + 1);
    for (int i = 0; i < PartialRing.ENTRIES; i++) {
      partials.onPartial(chatty, last, word, 0);
    }
    assertThat(ring.end()).isEqualTo(half + half / 2);
    partials.onPartial(chatty, last, word, TimeUnit.SECONDS.toNanos(2));
    assertThat(read(half + half / 2, task)).isEqualTo("x");
    assertThat(ring.end()).isEqualTo(half + half / 2 + 1);
  }

  @Test
  void aBucketFillsWithTime() {
    ByteBucket bucket = new ByteBucket(1_000, 500, 0);
    assertThat(bucket.take(500, 0)).isTrue();
    assertThat(bucket.take(1, 0)).isFalse();
    assertThat(bucket.take(100, TimeUnit.MILLISECONDS.toNanos(100))).isTrue();
    assertThat(bucket.take(1, TimeUnit.MILLISECONDS.toNanos(100))).isFalse();
    assertThat(bucket.take(501, TimeUnit.SECONDS.toNanos(100))).isFalse();
    assertThat(bucket.take(500, TimeUnit.SECONDS.toNanos(100))).isTrue();
  }
}
