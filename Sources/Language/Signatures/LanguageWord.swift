/// A word of the language that is no command: what it is for and how it is written.
public struct LanguageWord: Sendable, Equatable {
  public let name: String
  public let summary: String
  /// How it is written, one form a line.
  public let usage: [String]
  public let detail: String
  /// Whole statements.
  public let examples: [String]
  /// Other words for it, by which help finds it.
  public let terms: [String]

  public static func named(_ name: String) -> LanguageWord? { all.first { $0.name == name } }

  /// Every word that begins a statement or stands in an expression.
  public static let all: [LanguageWord] = [
    LanguageWord(
      name: "let", summary: "Gives a value a name", usage: ["let NAME = EXPRESSION", "let NAME = COMMAND … | …"],
      detail: "The name is used as $NAME, and $NAME.COLUMN is a column of a table. It lives as long as the shell runs.",
      examples: ["let scores = eval twin on sim/gaborium | sort r\nprint ${mean($scores.r)}"],
      terms: ["variable", "assign", "set", "name", "keep"]),
    LanguageWord(
      name: "param", summary: "Declares a parameter of a recipe",
      usage: ["param NAME: string|int|float|bool|path = DEFAULT \"HELP\""],
      detail:
        "`vcsh -f RECIPE --NAME VALUE` gives it a value; without a default it must be given. It is used as $NAME.",
      examples: ["param cid: int = 3 \"the cell\"\nprint $cid"],
      terms: ["parameter", "argument", "recipe", "option"]),
    LanguageWord(
      name: "if", summary: "Runs a block where a condition holds",
      usage: ["if CONDITION { … }", "if CONDITION { … } else if CONDITION { … } else { … }"],
      detail: "A condition is true or false; a null does not hold.",
      examples: ["let n = 3\nif $n > 2 { print many } else { print few }"], terms: ["condition", "branch", "when"]),
    LanguageWord(
      name: "else", summary: "Runs a block where the condition of `if` does not hold",
      usage: ["if CONDITION { … } else { … }"], detail: "It stands on the line of the closing brace.",
      examples: ["if 1 > 2 { print yes } else { print no }"], terms: ["otherwise", "branch"]),
    LanguageWord(
      name: "for", summary: "Runs a block for every element", usage: ["for NAME in LIST { … }"],
      detail: "Over a list, a column, or a table, whose rows are records: $NAME.COLUMN.",
      examples: ["for s in [gaborium, fixrsvp] { print $s }"], terms: ["loop", "each", "repeat", "while"]),
    LanguageWord(
      name: "def", summary: "Defines a command of your own",
      usage: ["def NAME(ARGUMENT, ARGUMENT: TYPE, ARGUMENT = DEFAULT) { … }"],
      detail:
        "It is called as a command, arguments with a default as --ARGUMENT VALUE, or in an expression as NAME(a, b). $_ is what is piped in; the last statement is what it yields.",
      examples: ["def best(n: int = 3) { $_ | sort r --reverse | head $n }"],
      terms: ["function", "define", "macro", "procedure", "alias"]),
    LanguageWord(
      name: "source", summary: "Runs a file's statements here", usage: ["source FILE"],
      detail: "The file is read and checked before anything runs; its definitions and variables stay.",
      examples: [], terms: ["include", "import", "load", "file"]),
    LanguageWord(
      name: "assert", summary: "Fails with a message where a condition does not hold",
      usage: ["assert CONDITION \"MESSAGE\""], detail: "In batch the exit status is 3.",
      examples: ["assert 2 > 1 \"numbers are in order\""], terms: ["check", "test", "expect", "require"]),
    LanguageWord(
      name: "and", summary: "Both conditions hold", usage: ["CONDITION and CONDITION"],
      detail: "The right side is looked at where the left one holds.",
      examples: ["let t = eval twin on sim/gaborium\n$t | where r > 0.2 and rate_hz > 5 Hz"], terms: ["both", "&&"]),
    LanguageWord(
      name: "or", summary: "At least one condition holds", usage: ["CONDITION or CONDITION"],
      detail: "The right side is looked at where the left one does not hold.",
      examples: ["let t = eval twin on sim/gaborium\n$t | where r > 0.2 or reason != null"], terms: ["either", "||"]),
    LanguageWord(
      name: "not", summary: "The condition does not hold", usage: ["not CONDITION"], detail: "",
      examples: ["print ${not (1 > 2)}"], terms: ["negate", "!"]),
  ]
}
