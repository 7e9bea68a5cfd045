package io.tidemill.rpc.security;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a client or worker proves who it is, and checks whom it talks to. Files are read anew when
 * they change. Has no text form: what it holds belongs in no log.
 */
public final class Access {
  private static final Access NONE = builder().build();

  private final Builder with;

  // Read once, for all channels: a file that breaks later leaves what was read in force.
  private SslContext context;
  private ClientInterceptor bearer;

  private Access(Builder with) {
    this.with = with;
  }

  /** No encryption and no credentials: for loopback, and sockets of this host. */
  public static Access none() {
    return NONE;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * What the environment says: TIDEMILL_CA, TIDEMILL_CERTIFICATE, TIDEMILL_KEY,
   * TIDEMILL_SERVER_NAME, TIDEMILL_TOKEN_FILE or TIDEMILL_TOKEN, TIDEMILL_TLS=on.
   */
  public static Builder fromEnvironment(Map<String, String> environment) {
    Builder builder = builder();
    path(environment, "TIDEMILL_CA").ifPresent(builder::authorities);
    path(environment, "TIDEMILL_TOKEN_FILE").ifPresent(builder::tokenFile);
    builder.certificate = path(environment, "TIDEMILL_CERTIFICATE");
    builder.key = path(environment, "TIDEMILL_KEY");
    text(environment, "TIDEMILL_SERVER_NAME").ifPresent(builder::serverName);
    text(environment, "TIDEMILL_TOKEN").ifPresent(builder::token);
    text(environment, "TIDEMILL_TLS").filter("on"::equals).ifPresent(on -> builder.tls());
    return builder;
  }

  private static Optional<Path> path(Map<String, String> environment, String name) {
    return text(environment, name).map(Path::of);
  }

  private static Optional<String> text(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /** What to show, and whom to trust. */
  public static final class Builder {
    private boolean tls;
    private Optional<Path> authorities = Optional.empty();
    private Optional<Path> certificate = Optional.empty();
    private Optional<Path> key = Optional.empty();
    private Optional<String> serverName = Optional.empty();
    private Optional<String> token = Optional.empty();
    private Optional<Path> tokenFile = Optional.empty();

    private Builder() {}

    /** Encrypt, trusting the authorities that this Java trusts unless others are named. */
    public Builder tls() {
      tls = true;
      return this;
    }

    /** Encrypt, and trust the authorities (PEM) of this file alone. */
    public Builder authorities(Path file) {
      authorities = Optional.of(file);
      return this;
    }

    /** Encrypt, and show this certificate (PEM, with what leads to its authority). */
    public Builder certificate(Path file) {
      certificate = Optional.of(file);
      return this;
    }

    /** The certificate's key (PKCS 8, PEM). */
    public Builder key(Path file) {
      key = Optional.of(file);
      return this;
    }

    /** The name that the server's certificate has, where it is not the one in the address. */
    public Builder serverName(String name) {
      serverName = Optional.of(name);
      return this;
    }

    /** Send this token. */
    public Builder token(String text) {
      token = Optional.of(text.strip());
      return this;
    }

    /** Send the token that stands in this file, which nobody else may read. */
    public Builder tokenFile(Path file) {
      tokenFile = Optional.of(file);
      return this;
    }

    /** Send the token in this file, whatever was said before. */
    public Builder onlyTokenFile(Path file) {
      token = Optional.empty();
      return tokenFile(file);
    }

    /** Whether anything was set that asks for TLS. */
    public boolean isTls() {
      return tls || authorities.isPresent() || certificate.isPresent();
    }

    /** Whether authorities were named. */
    public boolean hasAuthorities() {
      return authorities.isPresent();
    }

    public Access build() {
      if (certificate.isPresent() != key.isPresent()) {
        throw new IllegalArgumentException(
            "a certificate goes with its key: name both, or neither of them");
      }
      Builder copy = new Builder();
      copy.tls = isTls();
      copy.authorities = authorities;
      copy.certificate = certificate;
      copy.key = key;
      copy.serverName = serverName;
      copy.token = token;
      copy.tokenFile = token.isPresent() ? Optional.empty() : tokenFile;
      return new Access(copy);
    }
  }

  /** Whether connections are encrypted. */
  public boolean isTls() {
    return with.tls;
  }

  /**
   * Has a channel to host:port use all this.
   *
   * @throws IllegalArgumentException with a sentence, if a file is not what it should be, or a
   *     token would cross a network in the clear
   */
  public synchronized void apply(NettyChannelBuilder builder, String address) {
    try {
      if (with.tls) {
        if (context == null) {
          context = Tls.client(with.authorities, identity());
        }
        builder.sslContext(context);
        with.serverName.ifPresent(builder::overrideAuthority);
      } else {
        builder.usePlaintext();
      }
      if (with.token.isPresent() || with.tokenFile.isPresent()) {
        refuseInTheClear(address);
        if (bearer == null) {
          bearer = bearer();
        }
        builder.intercept(bearer);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private Optional<Watched<TlsIdentity>> identity() throws IOException {
    return with.certificate.isPresent()
        ? Optional.of(Tls.identity(with.certificate.get(), with.key.get()))
        : Optional.empty();
  }

  private void refuseInTheClear(String address) {
    if (!with.tls && !isLoopback(address)) {
      throw new IllegalArgumentException(
          "a token does not cross a network in the clear: address="
              + address
              + "; connect with TLS: name the authority's certificate (TIDEMILL_CA or --ca), or"
              + " set TIDEMILL_TLS=on");
    }
  }

  private static boolean isLoopback(String address) {
    String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
    try {
      return InetAddress.getByName(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private ClientInterceptor bearer() throws IOException {
    if (with.token.isPresent()) {
      Metadata fixed = header(with.token.get());
      return new Bearer(() -> fixed);
    }
    Path file = with.tokenFile.orElseThrow();
    Watched<Metadata> watched = new Watched<>("the token", List.of(file), () -> read(file));
    return new Bearer(watched::recent);
  }

  private static Metadata read(Path file) throws IOException {
    PrivateFile.checkHidden(file);
    try {
      return header(new String(PrivateFile.read(file), StandardCharsets.US_ASCII).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Metadata header(String token) {
    if (!token.matches("[\\x21-\\x7e]{1,4096}")) {
      throw new IllegalArgumentException(
          "not a token: it has no characters, or some that a header cannot have; write the token"
              + " alone into its file");
    }
    Metadata headers = new Metadata();
    headers.put(Credentials.AUTHORIZATION, Credentials.BEARER + token);
    return headers;
  }

  /** Sends the token with each call. */
  private record Bearer(java.util.function.Supplier<Metadata> token) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          headers.merge(token.get());
          super.start(listener, headers);
        }
      };
    }
  }
}
