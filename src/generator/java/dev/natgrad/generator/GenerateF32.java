package dev.natgrad.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Derives {@code dev.natgrad.kernel.f32} from {@code dev.natgrad.kernel.f64}, token by token.
 *
 * <p>Run by the build as a single source file. Code tokens are looked up in {@link #REWRITES}; in
 * comments the same words are rewritten; string and character literals stay as they are. What has
 * no mechanical counterpart (a decimal literal, the bits of a number) is refused with its file and
 * line. The marker comment {@code /*f64*}{@code /} before a token keeps that token.
 *
 * <p>A file of the same name written by hand in {@code kernel/f32} wins over the derived one, and
 * {@code *64Only.java} has no counterpart.
 */
public final class GenerateF32 {

  private static final String MARKER = "/*f64*/";
  private static final String ONLY_F64 = "64Only.java";

  private static final Map<String, String> REWRITES =
      Map.ofEntries(
          Map.entry("double", "float"),
          Map.entry("Double", "Float"),
          Map.entry("DoubleVector", "FloatVector"),
          Map.entry("JAVA_DOUBLE", "JAVA_FLOAT"),
          Map.entry("JAVA_DOUBLE_UNALIGNED", "JAVA_FLOAT_UNALIGNED"),
          Map.entry("OfDouble", "OfFloat"),
          Map.entry("f64", "f32"),
          // Lanes as integers of the same width, for exponent and sign tricks.
          Map.entry("LongVector", "IntVector"),
          Map.entry("reinterpretAsDoubles", "reinterpretAsFloats"),
          Map.entry("reinterpretAsLongs", "reinterpretAsInts"),
          Map.entry("D2L", "F2I"),
          Map.entry("L2D", "I2F"));

  /** Words of prose that are no identifiers. */
  private static final Map<String, String> PROSE = Map.of("doubles", "floats", "F64", "F32");

  /** Types whose argument {@code <Long>} means the lane's integer. */
  private static final Set<String> LANE_TYPES = Set.of("Vector", "VectorSpecies", "VectorMask");

  /** Functions of Math that exist for double alone and round correctly through it. */
  private static final Set<String> DOUBLE_ONLY_MATH = Set.of("sqrt", "rint", "floor", "ceil");

  private static final Set<String> WITHOUT_COUNTERPART =
      Set.of(
          "doubleToRawLongBits",
          "doubleToLongBits",
          "longBitsToDouble",
          "doubleValue",
          "DoubleBuffer",
          "D2I",
          "I2D",
          "D2F",
          "F2D");

  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<space>\\s+)"
              + "|(?<comment>//[^\\n]*|/\\*.*?\\*/)"
              + "|(?<literal>\"\"\".*?(?<!\\\\)\"\"\"|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\""
              + "|'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+')"
              + "|(?<number>0[xX][0-9a-fA-F_.]*(?:[pP][+-]?[0-9_]+)?[lLfFdD]?"
              + "|\\.?[0-9](?:[eE][+-]|[0-9a-zA-Z_.])*)"
              + "|(?<word>[\\p{L}_$][\\p{L}\\p{N}_$]*)"
              + "|(?<other>.)",
          Pattern.DOTALL);

  private static final Pattern WORD = Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*");

  private enum Kind {
    SPACE,
    COMMENT,
    LITERAL,
    NUMBER,
    WORD,
    OTHER
  }

  private record Token(Kind kind, String text, int line) {
    boolean isCode() {
      return kind != Kind.SPACE && kind != Kind.COMMENT;
    }
  }

  /**
   * What one run did.
   *
   * @param derived names of the files derived, in order
   * @param skipped names of the files without a derived counterpart, each with the reason
   * @param written how many files had changed on disk
   */
  public record Summary(List<String> derived, List<String> skipped, int written) {}

  /** A source that cannot be derived; the message names every place and the way out. */
  public static final class NotDerivable extends Exception {
    private static final long serialVersionUID = 1L;

    NotDerivable(List<String> problems) {
      super(String.join(System.lineSeparator(), problems));
    }
  }

  private final String file;
  private final List<Token> tokens;
  private final StringBuilder out = new StringBuilder();
  private final List<String> problems = new ArrayList<>();

  private GenerateF32(String file, String source) {
    this.file = file;
    this.tokens = tokenize(source);
  }

  /**
   * Entry point of the build.
   *
   * @param args folder of kernel.f64, folder of the hand-written kernel.f32, folder of the derived
   *     kernel.f32
   * @throws IOException if a file can be neither read nor written
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println(
          "usage: GenerateF32 F64-FOLDER HANDWRITTEN-F32-FOLDER DERIVED-F32-FOLDER, got "
              + args.length
              + " arguments");
      System.exit(2);
    }
    try {
      Summary summary = run(Path.of(args[0]), Path.of(args[1]), Path.of(args[2]));
      if (summary.written() > 0) {
        System.out.println(
            "kernel.f32: "
                + summary.derived().size()
                + " files derived, "
                + summary.written()
                + " changed; skipped: "
                + summary.skipped());
      }
    } catch (NotDerivable e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Derives every file of a folder, writes those that changed and deletes those without a source.
   *
   * @param f64 folder of the sources; nothing is derived where it is missing
   * @param handwritten folder whose files win over derived ones; may be missing
   * @param derived folder to write to
   * @return what was done
   * @throws NotDerivable if any source is refused; then nothing is written
   * @throws IOException if a file can be neither read nor written
   */
  public static Summary run(Path f64, Path handwritten, Path derived)
      throws IOException, NotDerivable {
    Map<String, String> results = new TreeMap<>();
    List<String> skipped = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String name : javaFiles(f64)) {
      if (name.endsWith(ONLY_F64)) {
        skipped.add(name + " (f64 only)");
      } else if (Files.exists(handwritten.resolve(name))) {
        skipped.add(name + " (written by hand)");
      } else {
        Path source = f64.resolve(name);
        try {
          results.put(name, derive(source.toString(), Files.readString(source)));
        } catch (NotDerivable e) {
          problems.add(e.getMessage());
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new NotDerivable(problems);
    }
    return new Summary(List.copyOf(results.keySet()), skipped, write(results, derived));
  }

  private static int write(Map<String, String> results, Path derived) throws IOException {
    int written = 0;
    for (String stale : javaFiles(derived)) {
      if (!results.containsKey(stale)) {
        Files.delete(derived.resolve(stale));
        written++;
      }
    }
    for (Map.Entry<String, String> result : results.entrySet()) {
      Path target = derived.resolve(result.getKey());
      if (!Files.exists(target) || !Files.readString(target).equals(result.getValue())) {
        Files.createDirectories(derived);
        Files.writeString(target, result.getValue());
        written++;
      }
    }
    return written;
  }

  private static Set<String> javaFiles(Path folder) throws IOException {
    Set<String> names = new TreeSet<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".java"))
            .forEach(names::add);
      }
    }
    return names;
  }

  /**
   * Derives one source.
   *
   * @param file name of the source, for the messages
   * @param source text of a class in kernel.f64
   * @return text of its counterpart in kernel.f32, below one line that names the source
   * @throws NotDerivable if the source has tokens without a counterpart
   */
  public static String derive(String file, String source) throws NotDerivable {
    return new GenerateF32(file, source).derive();
  }

  private static List<Token> tokenize(String source) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(source);
    int line = 1;
    while (matcher.find()) {
      String text = matcher.group();
      tokens.add(new Token(kindOf(matcher), text, line));
      line += (int) text.chars().filter(c -> c == '\n').count();
    }
    return tokens;
  }

  private static Kind kindOf(Matcher matcher) {
    for (Kind kind : Kind.values()) {
      if (matcher.group(kind.name().toLowerCase(Locale.ROOT)) != null) {
        return kind;
      }
    }
    throw new IllegalStateException("no group of the token pattern took " + matcher.group());
  }

  private String derive() throws NotDerivable {
    String name = Path.of(file).getFileName().toString();
    out.append("// Generated from kernel/f64/").append(name).append(". Do not edit.\n");
    boolean pinned = false;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.text().equals(MARKER)) {
        pinned = true;
        out.append(token.text());
      } else if (token.kind() == Kind.COMMENT) {
        out.append(rewriteComment(token.text()));
      } else if (!token.isCode()) {
        out.append(token.text());
      } else if (pinned) {
        pin(i);
        pinned = false;
      } else {
        out.append(rewrite(i));
      }
    }
    if (!problems.isEmpty()) {
      throw new NotDerivable(problems);
    }
    return out.toString();
  }

  private void pin(int index) {
    Token token = tokens.get(index);
    int before = problems.size();
    boolean changes = !rewrite(index).equals(token.text());
    boolean refused = problems.size() > before;
    problems.subList(before, problems.size()).clear();
    if (!changes && !refused) {
      problem(token, "the marker " + MARKER + " pins '" + token.text() + "', which would stay");
    }
    out.append(token.text());
  }

  private String rewrite(int index) {
    Token token = tokens.get(index);
    String text = token.text();
    switch (token.kind()) {
      case NUMBER -> {
        if (isDecimal(text)) {
          problem(
              token,
              "decimal literal "
                  + text
                  + "; put it into the constants class of each precision, or pin it with "
                  + MARKER);
        }
        return text;
      }
      case WORD -> {
        if (WITHOUT_COUNTERPART.contains(text)) {
          problem(
              token,
              "'"
                  + text
                  + "' has no counterpart in f32; put it into a class written by hand for each"
                  + " precision, or pin it with "
                  + MARKER);
        }
        if (isLaneInteger(index)) {
          return "Integer";
        }
        return isDoubleOnlyMath(index) ? "(float) " + text : REWRITES.getOrDefault(text, text);
      }
      default -> {
        return text;
      }
    }
  }

  private boolean isLaneInteger(int index) {
    return tokens.get(index).text().equals("Long")
        && codeAt(index, -1).equals("<")
        && LANE_TYPES.contains(codeAt(index, -2))
        && codeAt(index, 1).equals(">");
  }

  private boolean isDoubleOnlyMath(int index) {
    return tokens.get(index).text().equals("Math")
        && codeAt(index, 1).equals(".")
        && DOUBLE_ONLY_MATH.contains(codeAt(index, 2));
  }

  /** Text of the code token so many code tokens away, empty beyond either end. */
  private String codeAt(int index, int distance) {
    int step = Integer.signum(distance);
    int left = Math.abs(distance);
    for (int i = index + step; i >= 0 && i < tokens.size(); i += step) {
      if (tokens.get(i).isCode() && --left == 0) {
        return tokens.get(i).text();
      }
    }
    return "";
  }

  private static boolean isDecimal(String number) {
    if (number.startsWith("0x") || number.startsWith("0X")) {
      return number.matches(".*[.pP].*");
    }
    return number.matches(".*[.eEfFdD].*") && !number.matches("0[bB].*");
  }

  private static String rewriteComment(String comment) {
    return WORD.matcher(comment)
        .replaceAll(
            word -> {
              String text = word.group();
              String rewritten = REWRITES.getOrDefault(text, PROSE.getOrDefault(text, text));
              return Matcher.quoteReplacement(rewritten);
            });
  }

  private void problem(Token token, String text) {
    problems.add(file + ":" + token.line() + ": " + text);
  }
}
