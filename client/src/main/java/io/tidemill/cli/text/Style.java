package io.tidemill.cli.text;

/** Colours, or none of them where they do not belong. */
public final class Style {
  public static final Style PLAIN = new Style(false);
  public static final Style COLOUR = new Style(true);

  private static final String RESET = "\u001b[0m";

  private final boolean colour;

  private Style(boolean colour) {
    this.colour = colour;
  }

  public static Style of(boolean colour) {
    return colour ? COLOUR : PLAIN;
  }

  public String green(String text) {
    return with("32", text);
  }

  public String yellow(String text) {
    return with("33", text);
  }

  public String red(String text) {
    return with("31", text);
  }

  public String blue(String text) {
    return with("36", text);
  }

  public String bold(String text) {
    return with("1", text);
  }

  public String faint(String text) {
    return with("2", text);
  }

  /** The colour that a worker's or a process's state has. */
  public String state(String state, String text) {
    return switch (state) {
      case "ALIVE" -> green(text);
      case "LATE", "STALLED" -> yellow(text);
      case "DEAD" -> red(text);
      case "DRAINING" -> blue(text);
      default -> text;
    };
  }

  private String with(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + RESET : text;
  }
}
