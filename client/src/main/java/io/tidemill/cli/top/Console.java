package io.tidemill.cli.top;

import io.tidemill.cli.text.Style;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jline.keymap.BindingReader;
import org.jline.keymap.KeyMap;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * The terminal around the picture: keys in, lines out. The servers are asked by a thread of its
 * own.
 */
public final class Console {
  private static final long KEY_WAIT_MILLIS = 250;
  private static final int PAGE_ROWS = 10;

  /** What keys mean. */
  private enum Key {
    QUIT,
    SORT,
    REVERSE,
    FILTER,
    UP,
    DOWN,
    PAGE_UP,
    PAGE_DOWN,
    OTHER
  }

  private final View view = new View();
  private final Renderer renderer;
  private final AtomicReference<Snapshot> latest;
  private final Supplier<Snapshot> source;
  private final Duration interval;

  public Console(Supplier<Snapshot> source, Snapshot first, Style style, Duration interval) {
    this.source = source;
    this.latest = new AtomicReference<>(first);
    this.renderer = new Renderer(style, ZoneId.systemDefault());
    this.interval = interval;
  }

  /** Runs until the user quits. */
  public void run() throws IOException {
    Thread asking = new Thread(this::ask, "tidemill-top");
    asking.setDaemon(true);
    asking.start();
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      Attributes before = terminal.enterRawMode();
      terminal.puts(Capability.enter_ca_mode);
      terminal.puts(Capability.keypad_xmit);
      terminal.puts(Capability.cursor_invisible);
      try {
        loop(terminal);
      } finally {
        terminal.puts(Capability.cursor_normal);
        terminal.puts(Capability.keypad_local);
        terminal.puts(Capability.exit_ca_mode);
        terminal.setAttributes(before);
        terminal.flush();
      }
    } finally {
      asking.interrupt();
    }
  }

  private void ask() {
    while (!Thread.currentThread().isInterrupted()) {
      latest.set(source.get());
      try {
        Thread.sleep(interval.toMillis());
      } catch (InterruptedException e) {
        return; // the user quits
      }
    }
  }

  private void loop(Terminal terminal) {
    BindingReader reader = new BindingReader(terminal.reader());
    KeyMap<Key> keys = keys(terminal);
    Display display = new Display(terminal, true);
    Size drawn = null;
    boolean going = true;
    while (going) {
      drawn = draw(terminal, display, drawn);
      int character = reader.peekCharacter(KEY_WAIT_MILLIS);
      if (character == NonBlockingReader.EOF) {
        going = false; // the terminal went away
      } else if (character != NonBlockingReader.READ_EXPIRED) {
        going = take(reader, keys);
      }
    }
  }

  /** Asks for the size each time, so that a resize shows within one turn; returns it. */
  private Size draw(Terminal terminal, Display display, Size drawn) {
    Size size = terminal.getSize();
    if (!size.equals(drawn)) {
      display.resize(size);
      display.clear();
    }
    List<AttributedString> lines =
        renderer.render(latest.get(), view, size.getColumns(), size.getRows()).stream()
            .map(AttributedString::fromAnsi)
            .toList();
    display.update(lines, -1);
    return size;
  }

  private boolean take(BindingReader reader, KeyMap<Key> keys) {
    if (view.isEditingFilter()) {
      view.typed(reader.readCharacter());
      return true;
    }
    Key key = reader.readBinding(keys);
    if (key == null || key == Key.QUIT) {
      return false;
    }
    switch (key) {
      case SORT -> view.nextSort();
      case REVERSE -> view.reverse();
      case FILTER -> view.editFilter();
      case UP -> view.scroll(-1);
      case DOWN -> view.scroll(1);
      case PAGE_UP -> view.scroll(-PAGE_ROWS);
      case PAGE_DOWN -> view.scroll(PAGE_ROWS);
      default -> {
        // a key without a meaning
      }
    }
    return true;
  }

  private static KeyMap<Key> keys(Terminal terminal) {
    KeyMap<Key> keys = new KeyMap<>();
    keys.setUnicode(Key.OTHER);
    keys.setNomatch(Key.OTHER);
    keys.bind(Key.QUIT, "q", "Q", KeyMap.ctrl('C'), KeyMap.ctrl('D'));
    keys.bind(Key.SORT, "s");
    keys.bind(Key.REVERSE, "r");
    keys.bind(Key.FILTER, "f", "/");
    keys.bind(Key.UP, "\u001b[A", "k", KeyMap.key(terminal, Capability.key_up));
    keys.bind(Key.DOWN, "\u001b[B", "j", KeyMap.key(terminal, Capability.key_down));
    keys.bind(Key.PAGE_UP, "\u001b[5~", KeyMap.key(terminal, Capability.key_ppage));
    keys.bind(Key.PAGE_DOWN, "\u001b[6~", " ", KeyMap.key(terminal, Capability.key_npage));
    return keys;
  }
}
