package io.tidemill.cli;

import com.google.gson.JsonObject;
import io.tidemill.cli.text.Style;
import io.tidemill.client.TidemillClient;
import io.tidemill.client.TidemillException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;

/** What a command works with: the streams, the environment, the options that all commands share. */
final class Cli {
  /** Where a command runs. The terminal flags say whether that stream ends in one. */
  record Host(
      InputStream in,
      PrintWriter out,
      PrintWriter err,
      boolean inTerminal,
      boolean outTerminal,
      boolean errTerminal,
      Map<String, String> environment,
      Path home) {
    /** Where nobody can be asked. */
    Host(
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        boolean outTerminal,
        boolean errTerminal,
        Map<String, String> environment,
        Path home) {
      this(in, out, err, false, outTerminal, errTerminal, environment, home);
    }
  }

  final GlobalOptions options = new GlobalOptions();
  private final Host host;
  private boolean connected;

  Cli(Host host) {
    this.host = host;
  }

  InputStream in() {
    return host.in();
  }

  PrintWriter out() {
    return host.out();
  }

  PrintWriter err() {
    return host.err();
  }

  boolean outTerminal() {
    return host.outTerminal();
  }

  boolean errTerminal() {
    return host.errTerminal();
  }

  /** Whether somebody sits there who can be asked. */
  boolean canAsk() {
    return host.inTerminal() && host.errTerminal();
  }

  /** A question, on a line of its own that the answer goes on. */
  void ask(String question) {
    host.out().flush();
    host.err().print("tidemill: " + question);
    host.err().flush();
  }

  /** Whether a line that moves (progress, the console) can be drawn on stderr. */
  boolean canDraw() {
    return host.errTerminal() && !"dumb".equals(host.environment().get("TERM"));
  }

  Style style() {
    return Style.of(host.outTerminal() && wantsColour());
  }

  boolean wantsColour() {
    boolean noColour = !host.environment().getOrDefault("NO_COLOR", "").isEmpty();
    return !noColour && !"dumb".equals(host.environment().get("TERM"));
  }

  boolean json() {
    return options.json;
  }

  Map<String, String> environment() {
    return host.environment();
  }

  Addresses addresses() {
    return new Addresses(options, host.environment(), host.home());
  }

  /** Whether a client was made. */
  boolean hasConnected() {
    return connected;
  }

  /** A client of the instance that the options name. The caller closes it. */
  TidemillClient client() {
    Addresses addresses = addresses();
    return client(
        TidemillClient.builder()
            .plm(addresses.plm())
            .register(addresses.register())
            .callTimeout(options.connectTimeout)
            .attemptTimeout(options.connectTimeout));
  }

  /** The same, of whatever the builder says, with the credentials that the options name. */
  TidemillClient client(TidemillClient.Builder builder) {
    connected = true;
    try {
      return builder.access(addresses().access()).build();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  void print(String line) {
    host.out().println(line);
  }

  /** Text without a line's end, at once. */
  void write(String text) {
    host.out().print(text);
    host.out().flush();
  }

  void print(JsonObject json) {
    host.out().println(json);
  }

  /** What was refused, and the reason's name for who looks it up. */
  void say(TidemillException refused) {
    String reason = refused.reason().isEmpty() ? "" : " [" + refused.reason() + "]";
    say(refused.getMessage() + reason);
  }

  /** A message for the user, beside the data. */
  void say(String message) {
    host.err().println("tidemill: " + message);
    host.err().flush();
  }
}
