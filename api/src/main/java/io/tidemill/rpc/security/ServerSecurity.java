package io.tidemill.rpc.security;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands between connections and a server's services. On loopback, with no credentials
 * configured, nothing does.
 */
public final class ServerSecurity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.security");
  private static final long SWEEP_MILLIS = 1_000;
  private static final long AUDIT_FILE_BYTES = 16 << 20;

  private final SecuritySettings settings;
  private final Path data;
  private final String role;
  private final Clock clock;
  private final OpenCalls open = new OpenCalls();
  private final AuditTrail trail;
  private final Optional<Watched<TlsIdentity>> identity;
  private final Optional<ReloadingTrust> trust;
  private final Optional<Watched<AccessTable>> entries;
  private ScheduledExecutorService sweeper;

  /**
   * Reads what the settings name.
   *
   * @throws IOException with a sentence, if a file is missing or not what it should be
   */
  public ServerSecurity(String role, Path data, Map<String, String> settings) throws IOException {
    this(role, data, settings, Clock.systemUTC());
  }

  ServerSecurity(String role, Path data, Map<String, String> settings, Clock clock)
      throws IOException {
    this.settings = SecuritySettings.of(settings, data);
    this.data = data;
    this.role = role;
    this.clock = clock;
    this.identity = this.settings.isTls() ? Optional.of(identity()) : Optional.empty();
    this.entries =
        this.settings.accessFile().isPresent() ? Optional.of(entries()) : Optional.empty();
    this.trail = this.settings.audit() ? openTrail() : AuditTrail.OFF;
    this.trust =
        this.settings.isTls() && this.settings.clientAuthorities().isPresent()
            ? Optional.of(trust())
            : Optional.empty();
  }

  private Watched<TlsIdentity> identity() throws IOException {
    return Tls.identity(settings.certificate().orElseThrow(), settings.key().orElseThrow());
  }

  private Watched<AccessTable> entries() throws IOException {
    Path file = settings.accessFile().orElseThrow();
    return new Watched<>(
        "the access file", List.of(file), () -> new AccessTable(new AccessFile(file).read()));
  }

  private ReloadingTrust trust() throws IOException {
    return new ReloadingTrust(
        settings.clientAuthorities().orElseThrow(),
        (shown, why) ->
            trail.distrusted(PeerCertificate.subject(shown), String.valueOf(why.getMessage())));
  }

  private AuditTrail openTrail() throws IOException {
    Path file = data.resolve("logs").resolve("audit-" + role + ".log");
    return new AuditTrail(
        new AuditLog(new AuditFile(file, AUDIT_FILE_BYTES, settings.auditFilesMax()), clock),
        clock);
  }

  /** Whether the port is listened on. */
  public boolean hasTcp() {
    return settings.tcp();
  }

  /** Whether a socket in the instance's folder is listened on. */
  public boolean hasUnix() {
    return settings.unix();
  }

  /**
   * A builder for the port, with TLS and the gate as far as the settings ask for them.
   *
   * @throws IOException with a sentence, if strangers could reach it in the clear or without
   *     credentials, whatever name the address goes by
   */
  public NettyServerBuilder tcp(InetSocketAddress address) throws IOException {
    refuseStrangers(address);
    NettyServerBuilder builder = NettyServerBuilder.forAddress(address);
    if (identity.isPresent()) {
      builder.sslContext(Tls.server(identity.get(), trust));
      builder.addTransportFilter(new PeerCertificate.Filter());
    }
    if (settings.asksForCredentials()) {
      Credentials credentials =
          new Credentials(entries, trust, settings.clientsMust(), settings.certificateRoles());
      builder.intercept(new Gate(credentials::identify, trail, open, clock));
    } else if (settings.audit()) {
      builder.intercept(new Gate((c, headers, now) -> UnaskedCaller.ANYONE, trail, open, clock));
    }
    return builder;
  }

  private void refuseStrangers(InetSocketAddress address) throws IOException {
    boolean here = address.getAddress() != null && address.getAddress().isLoopbackAddress();
    if (!here && !(settings.isTls() && settings.asksForCredentials())) {
      throw new IOException(
          "refusing to listen beyond loopback: address="
              + address.getHostString()
              + " tls="
              + (settings.isTls() ? "on" : "off")
              + " credentials="
              + (settings.asksForCredentials() ? "on" : "off")
              + "; set tls.certificate and tls.key, and tokens.file or tls.client.ca with"
              + " tls.client.auth, or bind.host=127.0.0.1");
    }
  }

  /**
   * A builder for the socket.
   *
   * @throws IOException with a sentence, if there cannot be one
   */
  public NettyServerBuilder unix() throws IOException {
    NettyServerBuilder builder = UnixSockets.server(socket());
    if (settings.audit()) {
      builder.intercept(new Gate((c, headers, now) -> UnaskedCaller.LOCAL, trail, open, clock));
    }
    return builder;
  }

  private Path socket() {
    return UnixSockets.file(data, role);
  }

  /** All listen now: looks, from now on, for files that change and callers whose time is over. */
  public void start() throws IOException {
    if (settings.unix()) {
      UnixSockets.close(socket());
    }
    trail.event("start", role);
    if (identity.isPresent() || entries.isPresent() || settings.audit()) {
      sweeper =
          Executors.newSingleThreadScheduledExecutor(
              work -> {
                Thread thread = new Thread(work, "security");
                thread.setDaemon(true);
                return thread;
              });
      var unused =
          sweeper.scheduleWithFixedDelay(
              this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void sweep() {
    try {
      identity.ifPresent(Watched::refreshed);
      trust.ifPresent(ReloadingTrust::refresh);
      entries.ifPresent(Watched::refreshed);
      open.sweep(clock.instant(), trail);
      trail.turn();
    } catch (RuntimeException e) {
      LOG.error("the security sweep failed; it goes on", e);
    }
  }

  /** Once nothing is listened on any more. */
  @Override
  public void close() {
    if (sweeper != null) {
      sweeper.shutdownNow();
    }
    trail.event("stop", role);
    trail.close();
  }
}
