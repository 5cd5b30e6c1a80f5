/// A word of the language that is not a command, with its help text.
public struct LanguageWord: Sendable, Equatable {
  public let name: String
  public let summary: String
  /// The forms in which it is written, one per line.
  public let usage: [String]
  public let detail: String
  /// Complete statements.
  public let examples: [String]
  /// Other words under which help finds it.
  public let terms: [String]

  public static func named(_ name: String) -> LanguageWord? { all.first { $0.name == name } }

  /// Every word that begins a statement or is part of an expression.
  public static let all: [LanguageWord] = [
    LanguageWord(
      name: "let", summary: "Gives a value a name", usage: ["let NAME = EXPRESSION", "let NAME = COMMAND … | …"],
      detail:
        "Use the variable as $NAME, and a column of a table as $NAME.COLUMN. At the prompt and after `-c` the workspace keeps it for later shells; `ls variable` lists variables, `drop NAME` takes one away.",
      examples: ["let scores = eval twin on sim/gaborium | sort r\nprint ${mean($scores.r)}"],
      terms: ["variable", "assign", "set", "name", "keep"]),
    LanguageWord(
      name: "param", summary: "Declares a parameter of a recipe",
      usage: ["param NAME: string|int|float|bool|path = DEFAULT \"HELP\"", "param NAME: [TYPE] = [A, B] \"HELP\""],
      detail:
        "`vcsh RECIPE.vc --NAME VALUE`, and `run RECIPE.vc --NAME VALUE` at the prompt, set its value; a parameter without a default must be set. A list is given as `--NAME A,B`. Use it as $NAME. It can't have the name of an option of vcsh, such as `file` or `output`.",
      examples: [
        "param cid: int = 3 \"the cell\"\nprint $cid",
        "param l2s: [float] = [0.001, 0.01]\nfor l2 in $l2s { print $l2 }",
      ],
      terms: ["parameter", "argument", "recipe", "option"]),
    LanguageWord(
      name: "if", summary: "Runs a block if a condition is true",
      usage: ["if CONDITION { … }", "if CONDITION { … } else if CONDITION { … } else { … }"],
      detail: "A condition must be true or false; null counts as false.",
      examples: ["let n = 3\nif $n > 2 { print many } else { print few }"], terms: ["condition", "branch", "when"]),
    LanguageWord(
      name: "else", summary: "Runs a block if the condition of `if` is false",
      usage: ["if CONDITION { … } else { … }"], detail: "Write it on the line of the closing brace.",
      examples: ["if 1 > 2 { print yes } else { print no }"], terms: ["otherwise", "branch"]),
    LanguageWord(
      name: "for", summary: "Runs a block for every element of a list or table", usage: ["for NAME in LIST { … }"],
      detail: "It goes through a list, a column, or the rows of a table; a row's values are $NAME.COLUMN.",
      examples: ["for s in [gaborium, fixrsvp] { print $s }"], terms: ["loop", "each", "repeat", "while"]),
    LanguageWord(
      name: "def", summary: "Defines a command of your own",
      usage: ["def NAME(ARGUMENT, ARGUMENT: TYPE, ARGUMENT = DEFAULT) { … }"],
      detail:
        "Call it as a command, with --ARGUMENT VALUE for arguments that have a default, or in an expression as NAME(a, b). Inside, $_ is the piped input. The result is that of the last statement.",
      examples: ["def topmost(n: int = 3) { $_ | sort r --reverse | head $n }"],
      terms: ["function", "define", "macro", "procedure", "alias"]),
    LanguageWord(
      name: "source", summary: "Runs a file's statements here", usage: ["source FILE"],
      detail: "The file is read and checked before anything runs. Its definitions and variables are kept.",
      examples: [], terms: ["include", "import", "load", "file"]),
    LanguageWord(
      name: "run", summary: "Runs a recipe with its parameters", usage: ["run RECIPE.vc [--NAME VALUE …]"],
      detail:
        "The recipe is read and checked before anything runs. `run RECIPE.vc --help` lists its parameters. Its variables and definitions are kept.",
      examples: [], terms: ["recipe", "execute", "script", "parameter"]),
    LanguageWord(
      name: "assert", summary: "Fails with a message if a condition is false",
      usage: ["assert CONDITION \"MESSAGE\""], detail: "A batch run then ends with exit status 3.",
      examples: ["assert 2 > 1 \"numbers are in order\""], terms: ["check", "test", "expect", "require"]),
    LanguageWord(
      name: "and", summary: "True if both conditions are true", usage: ["CONDITION and CONDITION"],
      detail: "The right side is only evaluated if the left side is true.",
      examples: ["let t = eval twin on sim/gaborium\n$t | where r > 0.2 and rate_hz > 5 Hz"], terms: ["both", "&&"]),
    LanguageWord(
      name: "or", summary: "True if at least one condition is true", usage: ["CONDITION or CONDITION"],
      detail: "The right side is only evaluated if the left side is false.",
      examples: ["let t = eval twin on sim/gaborium\n$t | where r > 0.2 or reason != null"], terms: ["either", "||"]),
    LanguageWord(
      name: "not", summary: "True if the condition is false", usage: ["not CONDITION"], detail: "",
      examples: ["print ${not (1 > 2)}"], terms: ["negate", "!"]),
  ]
}
