package io.tidemill.rpc.security;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets in the instance's run folder, which its owner alone can enter: whoever connects there is
 * the owner. Written as {@code unix:/path/of/plm.sock}.
 */
public final class UnixSockets {
  private static final Logger LOG = LoggerFactory.getLogger("io.tidemill.security");
  private static final String SCHEME = "unix:";
  private static final String SUFFIX = ".sock";

  /** What the kernel's address has room for, with the byte that ends it. */
  private static final int PATH_BYTES_MAX = 107;

  /** Else it warns, for each connection, that a local socket has no SO_KEEPALIVE. */
  private static final java.util.logging.Logger OPTIONS =
      java.util.logging.Logger.getLogger("io.grpc.netty.shaded.io.netty.bootstrap");

  static {
    OPTIONS.setLevel(java.util.logging.Level.SEVERE);
  }

  private UnixSockets() {}

  /** Made when the first socket of this kind is, and shared by all. */
  private static final class Loops {
    static final EventLoopGroup ALL =
        new MultiThreadIoEventLoopGroup(
            new DefaultThreadFactory("tidemill-unix", true), EpollIoHandler.newFactory());
  }

  /** Whether an address is one of these. */
  public static boolean isUnix(String address) {
    return address.startsWith(SCHEME);
  }

  /** The file of a server's socket. */
  public static Path file(Path data, String role) {
    return data.resolve("run").resolve(role + SUFFIX);
  }

  /** The address by which a server's socket is named. */
  public static String address(Path data, String role) {
    return SCHEME + file(data.toAbsolutePath().normalize(), role);
  }

  /** The address of another server of the same instance. */
  public static String sibling(String address, String role) {
    return SCHEME + path(address).resolveSibling(role + SUFFIX);
  }

  private static Path path(String address) {
    return Path.of(address.substring(SCHEME.length()));
  }

  /** Whether an instance with these settings has such sockets. */
  public static boolean isOn(Map<String, String> settings) {
    boolean secured =
        !settings.getOrDefault("tls.certificate", "").isEmpty()
            || !settings.getOrDefault("tokens.file", "").isEmpty();
    return isOn(settings, secured);
  }

  static boolean isOn(Map<String, String> settings, boolean secured) {
    return switch (settings.getOrDefault("bind.unix", "auto")) {
      case "on", "only" -> true;
      case "auto" -> secured;
      default -> false;
    };
  }

  /**
   * A server on a socket whose former owner, if there was one, is dead: the role's lock says so.
   *
   * @throws IOException with a sentence, if there cannot be such a socket
   */
  static NettyServerBuilder server(Path file) throws IOException {
    check(file);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      removeFormer(file);
    }
    return NettyServerBuilder.forAddress(new DomainSocketAddress(file.toString()));
  }

  /** A channel to accept with: of those who get that far, the owner and root alone. */
  public static ServerChannel listener() {
    EpollServerDomainSocketChannel channel = new EpollServerDomainSocketChannel();
    channel.pipeline().addFirst(new OwnerOnly());
    return channel;
  }

  /**
   * The folder keeps others out. Should it have been opened to them, or the socket moved, this
   * does.
   */
  private static final class OwnerOnly extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) throws IOException {
      EpollDomainSocketChannel connection = (EpollDomainSocketChannel) accepted;
      int uid = connection.peerCredentials().uid();
      if (uid != PrivateFile.uid() && uid != 0) {
        LOG.warn("a stranger is kept off a socket of the instance's owner: uid={}", uid);
        connection.pipeline().addFirst(new Closing());
      }
      context.fireChannelRead(accepted);
    }
  }

  /** Closes as soon as it can, before anything is read. */
  private static final class Closing extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      var unused = context.close();
    }
  }

  private static void check(Path file) throws IOException {
    int bytes = file.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > PATH_BYTES_MAX) {
      throw new IOException(
          "the path is too long for a socket: path="
              + file
              + " bytes="
              + bytes
              + " limit="
              + PATH_BYTES_MAX
              + "; choose a shorter data folder, or set bind.unix=off");
    }
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "this host has no Unix domain sockets for us: cause="
              + Epoll.unavailabilityCause()
              + "; set bind.unix=off");
    }
  }

  private static void removeFormer(Path file) throws IOException {
    if (!Files.readAttributes(
            file, java.nio.file.attribute.BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      throw new IOException(
          "something else stands where the socket is to be: path=" + file + "; move it away");
    }
    Files.delete(file);
  }

  /** Once it is bound: the folder is closed to others, and so is the socket itself. */
  static void close(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /** A channel to {@code unix:PATH}. */
  public static NettyChannelBuilder channel(String address) {
    if (!Epoll.isAvailable()) {
      throw new IllegalArgumentException(
          "this host has no Unix domain sockets for us: cause=" + Epoll.unavailabilityCause());
    }
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(path(address).toString()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(Loops.ALL)
        .overrideAuthority("localhost")
        .usePlaintext();
  }
}
