package io.tidemill.rpc.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemill.rpc.RpcErrors;
import io.tidemill.v1.SessionRequest;
import io.tidemill.v1.SessionResponse;
import io.tidemill.v1.TaskServiceGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encryption and certificates over real sockets. */
class TlsTest {
  @TempDir static Path authorities;
  private static TestAuthority ours;
  private static TestAuthority others;

  @TempDir Path data;
  private SecuredServer server;

  @BeforeAll
  static void makeCertificates() throws Exception {
    ours = TestAuthority.make(authorities.resolve("ours"));
    others = TestAuthority.make(authorities.resolve("others"));
    ours.makeExpired("expired");
    ours.makeServer("elsewhere", "DNS:elsewhere.example.org");
    ours.makeServer("second", "DNS:localhost,DNS:second");
    ours.makeClient("named");
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private void start(TestAuthority authority, String name, String... more) throws IOException {
    String[] all = new String[more.length + 2];
    all[0] = "tls.certificate=" + authority.file(name + ".pem");
    all[1] = "tls.key=" + authority.file(name + ".key");
    System.arraycopy(more, 0, all, 2, more.length);
    server = SecuredServer.start(data, all);
  }

  private void startMutual(String auth, String... more) throws IOException {
    String[] all = new String[more.length + 2];
    all[0] = "tls.client.auth=" + auth;
    all[1] = "tls.client.ca=" + ours.file("ca.pem");
    System.arraycopy(more, 0, all, 2, more.length);
    start(ours, "server", all);
  }

  private static Access.Builder trusting() {
    return Access.builder().authorities(ours.file("ca.pem"));
  }

  private static Access showing(TestAuthority authority, String name) {
    return trusting()
        .certificate(authority.file(name + ".pem"))
        .key(authority.file(name + ".key"))
        .build();
  }

  private static void showing(TestAuthority authority, String name, SecuredServer server) {
    var unused = server.connect(showing(authority, name));
  }

  private void assertServes(Access access) {
    assertThat(SecuredServer.stats(server.connect(access))).isNotNull();
  }

  private StatusRuntimeException refusal(Access access) {
    return refusal(server.connect(access));
  }

  private static StatusRuntimeException refusal(ManagedChannel channel) {
    return org.assertj.core.api.Assertions.catchThrowableOfType(
        StatusRuntimeException.class, () -> SecuredServer.stats(channel));
  }

  private void assertRefused(Access access, Status.Code code, String reason, String sentence) {
    StatusRuntimeException error = refusal(access);
    assertThat(error.getStatus().getCode()).as(error.toString()).isEqualTo(code);
    assertThat(RpcErrors.reason(error)).isEqualTo(reason);
    assertThat(error).hasMessageContaining(sentence);
  }

  @Test
  void encryptsForWhoeverTrustsTheAuthority() throws Exception {
    start(ours, "server");
    assertServes(trusting().build());
    assertThat(refusal(Access.none()).getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refusal(Access.builder().authorities(others.file("ca.pem")).build()))
        .hasStackTraceContaining("Path does not chain with any of the trust anchors");
    assertThat(refusal(Access.builder().tls().build()))
        .hasStackTraceContaining("unable to find valid certification path");
    assertThat(server.served).hasValue(1);
  }

  @Test
  void checksTheServersName() throws Exception {
    start(ours, "elsewhere");
    assertThat(refusal(trusting().build())).hasStackTraceContaining("localhost");
    assertServes(trusting().serverName("elsewhere.example.org").build());
    assertThat(server.served).hasValue(1);
  }

  @Test
  void speaksNoOldProtocol() throws Exception {
    start(ours, "server");
    String connect =
        "openssl s_client -CAfile "
            + ours.file("ca.pem")
            + " -connect 127.0.0.1:"
            + server.port
            + " -cipher ALL:@SECLEVEL=0 -alpn h2 ";
    assertThat(TestAuthority.run(data, connect + "-tls1_2 2>&1 || true"))
        .contains("Protocol  : TLSv1.2");
    assertThat(TestAuthority.run(data, connect + "-tls1_3 2>&1 || true")).contains("TLSv1.3");
    assertThat(TestAuthority.run(data, connect + "-tls1_1 2>&1 || true"))
        .contains("Cipher is (NONE)");
    assertThat(TestAuthority.run(data, connect + "-tls1 2>&1 || true"))
        .contains("Cipher is (NONE)");
  }

  @Test
  void showsANewCertificateWithoutARestartAndKeepsTheOldOneIfTheNewIsBroken() throws Exception {
    TestAuthority live = TestAuthority.make(data.resolve("live"));
    live.makeServer("next", "DNS:localhost,DNS:next");
    start(live, "server");
    Access trust = Access.builder().authorities(live.file("ca.pem")).build();
    Access next = Access.builder().authorities(live.file("ca.pem")).serverName("next").build();
    assertServes(trust);
    assertThat(refusal(next)).isNotNull();

    live.replace("server", "next");
    assertServes(next);

    // A key that is another's, as while only one file has been replaced.
    Files.copy(
        others.file("server.key"),
        live.file("server.key"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertServes(next);
    Files.writeString(live.file("server.pem"), "half a certifi");
    assertServes(next);
    Files.delete(live.file("server.pem"));
    assertServes(next);
  }

  @Test
  void wantsACertificateOfEveryClientWhereItIsRequired() throws Exception {
    startMutual("required");
    assertRefused(
        trusting().build(),
        Status.Code.UNAUTHENTICATED,
        "CERTIFICATE_MISSING",
        "a client certificate is missing");
    assertServes(showing(ours, "client"));
    assertAudited("\"reason\":\"CERTIFICATE_MISSING\"");
    assertThat(server.served).hasValue(1);
  }

  @Test
  void refusesClientsCertificatesThatExpiredOrAreOfAnotherAuthority() throws Exception {
    for (String auth : new String[] {"required", "optional"}) {
      startMutual(auth);
      TestAuthority.run(
          data,
          "openssl s_client -alpn h2 -connect localhost:"
              + server.port
              + " -cert "
              + ours.file("expired.pem")
              + " -key "
              + ours.file("expired.key")
              + " 2>&1 || true");
      assertThatThrownBy(() -> showing(ours, "expired", server))
          .hasMessageContaining("the certificate has expired, or its time has not come");
      assertThat(refusal(showing(others, "client"))).isNotNull();
      assertThat(server.served).hasValue(0);
      assertAudited("not certificate:CN=expired");
      assertAudited("not certificate:CN=worker-1");
      server.close();
      Files.delete(data.resolve("logs/audit-plm.log"));
    }
  }

  @Test
  void takesACertificateOrATokenWhereACertificateIsOptional() throws Exception {
    AccessFile file = new AccessFile(data.resolve("tokens"));
    String token = file.create("s1", AccessRole.parse("submit"), Instant.MAX);
    startMutual("optional", "tokens.file=tokens");
    assertServes(showing(ours, "client"));
    assertServes(trusting().token(token).build());
    assertRefused(
        trusting().build(),
        Status.Code.UNAUTHENTICATED,
        "TOKEN_MISSING",
        "a bearer token (TIDEMILL_TOKEN_FILE or --token-file) or a client certificate");
  }

  @Test
  void givesACertificateTheRolesOfItsLineElseThoseOfTheSetting() throws Exception {
    AccessFile file = new AccessFile(data.resolve("tokens"));
    file.admit("boss", AccessRole.parse("admin"), Instant.MAX, "CN=named,O=Test");
    startMutual("required", "tokens.file=tokens", "tls.client.roles=");
    assertServes(showing(ours, "named"));
    assertRefused(
        showing(ours, "client"),
        Status.Code.PERMISSION_DENIED,
        "ROLE_MISSING",
        "caller=certificate:CN=worker-1 has=;");
  }

  @Test
  void endsStreamsOfACertificateWhoseAuthorityOrLineGoesAway() throws Exception {
    AccessFile file = new AccessFile(data.resolve("tokens"));
    file.admit("named", AccessRole.parse("submit"), Instant.MAX, "CN=named,O=Test");
    Path trusted = data.resolve("clients.pem");
    Files.copy(ours.file("ca.pem"), trusted);
    start(
        ours,
        "server",
        "tls.client.auth=required",
        "tls.client.ca=" + trusted,
        "tokens.file=tokens");
    CompletableFuture<Void> named = openSession(showing(ours, "named"));
    CompletableFuture<Void> client = openSession(showing(ours, "client"));
    file.revoke("named");
    assertEnds(named);
    assertThat(client).isNotDone();
    Files.copy(others.file("ca.pem"), trusted, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertEnds(client);
    assertThat(refusal(showing(ours, "client"))).isNotNull();
  }

  private static void assertEnds(CompletableFuture<Void> end) {
    await().atMost(20, TimeUnit.SECONDS).until(end::isDone);
    assertThatThrownBy(end::get)
        .hasStackTraceContaining("UNAUTHENTICATED")
        .hasStackTraceContaining("is trusted no longer");
  }

  private CompletableFuture<Void> openSession(Access access) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    int before = server.served.get();
    StreamObserver<SessionRequest> up =
        TaskServiceGrpc.newStub(server.connect(access))
            .session(
                new StreamObserver<SessionResponse>() {
                  @Override
                  public void onNext(SessionResponse message) {}

                  @Override
                  public void onError(Throwable error) {
                    end.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(null);
                  }
                });
    up.onNext(SessionRequest.getDefaultInstance());
    await().atMost(20, TimeUnit.SECONDS).until(() -> server.served.get() > before);
    return end;
  }

  private void assertAudited(String text) {
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(server.audit()).contains(text));
  }

  @Test
  void refusesToListenToStrangersWhateverNameTheAddressHas() throws Exception {
    Path tls = ours.file("server.pem");
    String[][] refused = {
      {}, {"tokens.file=tokens"}, {"tls.certificate=" + tls, "tls.key=" + ours.file("server.key")},
    };
    Files.createDirectories(data.resolve("logs"));
    new AccessFile(data.resolve("tokens")).create("s", AccessRole.parse("submit"), Instant.MAX);
    for (String[] settings : refused) {
      ServerSecurity security = new ServerSecurity("plm", data, SecuredServer.settings(settings));
      for (String host : new String[] {"0.0.0.0", "192.0.2.1", "::"}) {
        assertThatThrownBy(() -> security.tcp(new InetSocketAddress(host, 1)))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("refusing to listen beyond loopback: address=")
            .hasMessageContaining("set tls.certificate and tls.key");
      }
      security.close();
    }
  }

  @Test
  void refusesToStartWithFilesThatAreNotWhatTheyShouldBe() throws Exception {
    assertThatThrownBy(() -> start(ours, "missing")).hasMessageContaining("there is no such file");
    assertThatThrownBy(() -> start(ours, "expired"))
        .hasMessageContaining("the certificate has expired");
    TestAuthority open = TestAuthority.make(data.resolve("open"));
    Files.setPosixFilePermissions(
        open.file("server.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> start(open, "server"))
        .hasMessageContaining("file is open to others")
        .hasMessageContaining("run chmod 600");
    Files.writeString(
        open.file("client.key"),
        "-----BEGIN PRIVATE KEY-----\nsecret!\n-----END PRIVATE KEY-----\n");
    assertThatThrownBy(() -> start(open, "client"))
        .hasMessageContaining("no private key in PKCS 8 PEM form")
        .hasStackTraceContaining("client.key")
        .satisfies(
            e -> {
              java.io.StringWriter trace = new java.io.StringWriter();
              e.printStackTrace(new java.io.PrintWriter(trace));
              assertThat(trace.toString()).doesNotContain("secret!");
            });
  }
}
