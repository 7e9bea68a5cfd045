package io.tidemill.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What the documents and the helps show can be typed as it stands. */
class ShownCommandsTest {
  private static final Path ROOT = Path.of("..");

  /** At the start of a line, behind a prompt, an assignment or a part of a script. */
  private static final Pattern SHOWN =
      Pattern.compile("(?:^|[ (])(?:scripts/)?tidemill ((?:[a-z]|-[a-zV]|--[a-z]).*)");

  /** A word of a shell: quoted in parts or not. */
  private static final Pattern WORD =
      Pattern.compile("\\s*((?:'[^']*'|\"[^\"]*\"|[^\\s'\"|>;&()#])+)");

  /** Their options are read by other programs. */
  private static final List<String> SERVERS = List.of("plm", "scheduler", "register", "supervisor");

  @Test
  void documentsShowCommandsThatThereAre() throws IOException {
    List<String> wrong = new ArrayList<>();
    int shown = 0;
    for (Path document : documents()) {
      for (String command : shownIn(Files.readAllLines(document))) {
        shown++;
        check(document.getFileName().toString(), command, wrong);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(shown).as("the pattern finds them").isGreaterThan(60);
  }

  @Test
  void helpsShowCommandsThatThereAre() {
    List<String> wrong = new ArrayList<>();
    checkHelps(tree(), wrong);
    assertThat(wrong).isEmpty();
  }

  private static void checkHelps(CommandLine command, List<String> wrong) {
    String[] footer = command.getCommandSpec().usageMessage().footer();
    for (String line : footer) {
      Matcher shown = SHOWN.matcher(line);
      if (line.startsWith("  ") && shown.find()) {
        check(command.getCommandSpec().qualifiedName(), shown.group(1), wrong);
      }
    }
    command.getSubcommands().values().forEach(below -> checkHelps(below, wrong));
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
      return Stream.concat(Stream.of(ROOT.resolve("README.md")), files)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  /** In blocks: fenced, or four blanks in. */
  private static List<String> shownIn(List<String> lines) {
    List<String> commands = new ArrayList<>();
    boolean fenced = false;
    for (String line : lines) {
      if (line.startsWith("```")) {
        fenced = !fenced;
      } else if (fenced || line.startsWith("    ")) {
        Matcher shown = SHOWN.matcher(line);
        if (shown.find()) {
          commands.add(shown.group(1));
        }
      }
    }
    return commands;
  }

  private static void check(String where, String shown, List<String> wrong) {
    List<String> words = words(shown);
    if (SERVERS.contains(words.get(0)) || isWorker(words)) {
      return;
    }
    try {
      tree().parseArgs(words.toArray(String[]::new));
      checkProgram(words);
    } catch (ParameterException | JsonParseException e) {
      wrong.add(where + ": tidemill " + shown + ": " + e.getMessage());
    }
  }

  private static boolean isWorker(List<String> words) {
    return words.get(0).equals("worker")
        && words.stream().noneMatch(word -> List.of("list", "drain").contains(word));
  }

  /** The payload of {@code exec} is an array of strings. */
  private static void checkProgram(List<String> words) {
    int type = words.indexOf("--type");
    int payload = words.indexOf("--payload");
    if (type >= 0 && payload >= 0 && words.get(type + 1).equals("exec")) {
      JsonElement program = JsonParser.parseString(words.get(payload + 1));
      if (!program.isJsonArray()) {
        throw new JsonParseException("exec takes a JSON array of strings");
      }
    }
  }

  private static List<String> words(String shown) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(shown);
    while (word.lookingAt()) {
      words.add(filledIn(word.group(1).replaceAll("'([^']*)'|\"([^\"]*)\"", "$1$2")));
      word.region(word.end(), shown.length());
    }
    words.remove("..."); // And so on.
    return words;
  }

  /** What a reader puts in the place of ID. */
  private static String filledIn(String word) {
    return word.equals("ID") || word.startsWith("$") ? "0010000001000001" : word;
  }

  private static CommandLine tree() {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    return TidemillMain.commandLine(
        new Cli(
            new Cli.Host(
                new ByteArrayInputStream(new byte[0]),
                nowhere,
                nowhere,
                false,
                false,
                Map.of(),
                Path.of("/nonexistent"))));
  }
}
