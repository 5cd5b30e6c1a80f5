import Base
import Functions
import Language

/// Forms of other shells and languages that vcsh does not have, with what leads on. The first that fits explains a failure.
///
/// To add one, add a row. Its pattern is matched with the line, or with the command that failed; quoted text is masked.
enum ForeignForms {
  // Regular expressions can't be shared between threads, and failures are rare: the table is made when it is needed.
  static var all: [Habit] {
    // A file that is missing has no operators and no numbers.
    let text = (characters + blocks + numbers).map { $0.only { $0.failure.kind == .usage } }
    // A failure that knows its own remedy, and is not one of how the line is written, keeps it.
    let words = shell.map { $0.only { $0.failure.kind == .usage || $0.failure.hint == nil } }
    return files + words + text + flags + commands
  }

  // MARK: Files

  static var files: [Habit] {
    [
      .line(/\b(https?|ftp|s3|gs|hf|ssh|file|wandb|doi):\/\/\S*/) { match in
        let remedy =
          switch match.1 {
          case "http", "https", "ftp": "download it in another terminal (`curl -LO URL`), then `open FILE`"
          case "s3": "copy it in another terminal (`aws s3 cp URL .`), then `open FILE`"
          case "gs": "copy it in another terminal (`gsutil cp URL .`), then `open FILE`"
          case "file": "give the path alone: `open /PATH/TO/FILE`"
          default: "copy it to this machine in another terminal, then `open FILE`"
          }
        return .init(remedy, saying: "vcsh reads files on this machine, not `\(match.1)://` addresses")
      },
      .stage(/^(open|show|check|eval|source|run)\s+\S*[*?]\S*/) { match in
        let hint =
          match.1 == "open"
          ? "open a recording by its folder: `open FOLDER as NAME`; open several files one after the other"
          : "give one name; `for x in [a, b] { … }` runs a command for several"
        return .init(hint, saying: "vcsh does not expand `*` and `?` in paths")
      },
      .stage(/\s([A-Za-z]):\\\S*/) { match in
        .init(
          "write it with `/`, as this machine sees it: /mnt/\(match.1.lowercased())/…",
          saying: "paths have no `\(match.1):\\` here")
      },
      .stage(/^(?:run|source)\s+([A-Za-z][\w-]*)\s*$/) { match in
        .init("`run` takes a recipe's file; `\(match.1)` is a command: type it without `run`")
      }.only { item in item.commands[String(item.stage.split(separator: " ").last ?? "")] != nil },
      .stage(/\bas\s+(\w+)\s+(?!--)([\w-]+)\s*$/) { match in
        .init("names have no blanks: write `as \(match.1)-\(match.2)`")
      },
      .line(/\$(HOME|PATH|PWD|USER|TMPDIR|SHELL|OLDPWD|HOSTNAME|SCRATCH|SLURM_\w+|CUDA_\w+)\b/) { match in
        .init(
          "write the path itself; `~` is your home folder",
          saying: "`$\(match.1)` is a variable of the system, which vcsh does not read")
      },
    ]
  }

  // MARK: The system's shell

  static var shell: [Habit] {
    [
      // `… | where r > 0.2 > m.csv`, `… | summarize mean(r) > m.csv`
      Habit { item in
        guard item.commands[item.word]?.arguments.contains(where: { $0.type == .rowExpression }) == true,
          let match = item.stage.firstMatch(of: />\s*([\w.\/~-]*\.[A-Za-z]\w*|[~.]*\/[\w.\/-]+)\s*$/)
        else { return nil }
        return .init(
          "write `… | save \(match.1)`", saying: "after `\(item.word)` a `>` compares: `> \(match.1)` is no file")
      },
      .stage(/^summari[sz]e\s+(?:.*\s)?(\w+)\s*=\s*(\w+)\((\w+)\)/) { match in
        .init(
          "write `summarize \(match.2)(\(match.3)) | rename \(match.2)_\(match.3) \(match.1)`",
          saying: "`summarize` gives its columns their names: `=` does not")
      }.only { $0.failure.message == "`=` does not compare" },
      .stage(/^(\$[\w.]+)\s*>\s*([\w.\/~-]*\.[A-Za-z]\w*|[~.]*\/[\w.\/-]+)\s*$/) { match in
        .init("write `\(match.1) | save \(match.2)`", saying: "after a value `>` compares: `> \(match.2)` is no file")
      },
      .line(/(\w+)\s+(?i:is)\s+(?i:(not)\s+)?(?i:null|none|na|nan)\b/) { match in
        .init("write `\(match.1) \(match.2 == nil ? "==" : "!=") null`")
      },
      .line(/(\w+)\s+(?i:not\s+)?(?i:like|rlike|ilike|contains|matches|regexp|glob)\s+(['"]¤*['"])/) { match in
        .init("write `\(match.1) =~ \(match.2)`, a regular expression")
      }.only { $0.failure.message.hasPrefix("a condition") || $0.failure.message.hasPrefix("unexpected") },
      .line(/^\s*!(!|\d+|\$|-\d+)\s*$/) { _ in .init("`history` lists entries, and `rerun N` runs one again") },
      Habit { item in
        guard let match = item.line.firstMatch(of: /^\s*!\s*([\w.\/~-]+)/), !item.line.contains("!=") else {
          return nil
        }
        let word = String(match.1)
        let own = item.commands[word] == nil ? "" : "; `\(word)` without `!` is a command of vcsh"
        return .init("run `\(word)` in another terminal\(own)", saying: "vcsh does not run programs of the system")
      },
      .line(/^\s*:(q|q!|wq|x|w|qa)\s*$/) { _ in .init("`exit` leaves vcsh; the workspace is saved already") },
      .line(/^\s*%%?\w+/) { _ in
        .init("type commands of vcsh; `help` lists them", saying: "vcsh has no `%` commands of notebooks")
      },
      .line(/&&/) { _ in
        .init(
          "put `;` or a new line between commands; in a condition write `and`", saying: "`&&` does not join commands")
      },
      .line(/\|\|/) { _ in
        .init(
          "put `;` or a new line between commands; in a condition write `or`", saying: "`||` does not join commands")
      },
      .line(/\w\s*&\s*[\w(]/) { _ in .init("in a condition write `and`", saying: "`&` is not an operator") }
        .only { $0.failure.message.contains("`&`") },
      .line(/^\s*((?:\.{0,2}\/|~\/)?[\w.\/-]+\.vc)(?:\s|$)/) { match in
        .init("`run \(match.1)` runs a recipe")
      },
      .line(/\d?>&\d?|&>|\d>\s/) { _ in
        .init(
          "`COMMAND … > FILE` writes the result; errors go to the screen",
          saying: "only results can be written to a file")
      },
      .line(/>>/) { _ in
        .init("`> FILE` writes a new file", saying: "`>>` is not possible: vcsh adds nothing to a file")
      },
      .line(/\s<\s*[\w.\/~]+\s*$/) { _ in .init("`open FILE as NAME` reads a file, `source FILE` runs commands") }
        .only { !$0.failure.message.hasSuffix("after a comparison") },
      .line(/&\s*$/) { _ in
        .init(
          "start a second vcsh in another terminal: both may use the workspace",
          saying: "commands do not run in the background")
      },
      .line(/`[^`]*`|\$\(/) { _ in
        .init("put a command in brackets to use its result: `print (ls | count)`")
      },
      .line(/\\\s*$/) { _ in
        .init("leave `\\` out: a line goes on after an open bracket or a `|` at its end")
      },
      .line(/^\s*(export|set|setenv)\s+(\w+)\s*=?\s*(\S+)?\s*$/) { match in
        match.1 == "export" && !match.0.contains("=")
          ? nil : .init("set a variable with `let \(match.2) = \(match.3.map(String.init) ?? "VALUE")`")
      },
      .line(/^\s*[(\[]?\w*[)\]]?\s*[$%#]\s+(\w.*)$/) { match in .init("type the command alone: `\(match.1)`") },
      .line(/^\s*(?:>>>|In \[\d+\]:)\s*(.*)$/) { match in
        .init("type the command alone; this is the prompt of Python: `\(match.1)`")
      },
    ]
  }

  // MARK: Characters

  static var characters: [Habit] {
    [
      .line(/[“”„‟«»‘’‚‛]/) { match in
        .init(
          "write straight quotes: \" or '",
          saying: "`\(match.output)` is a typographic quote, which does not begin or end text")
      },
      .line(/(?:^|\s)[–—―−‐‑]{1,2}([A-Za-z][\w-]*)/) { match in
        .init("write it with two hyphens: `--\(match.1)`", saying: "a flag begins with `--`, not with a dash")
      },
      .line(/[–—−‐‑]/) { _ in .init("write a hyphen: `-`", saying: "a dash is not a minus sign") },
      Habit { item in
        guard let match = item.line.firstMatch(of: /µ\w*/) else { return nil }
        return .init(
          match.output == "µs"
            ? "write the unit as `us`" : "units are \(item.commands.units.sorted().joined(separator: ", "))",
          saying: "`\(match.output)` is not a unit")
      },
      .line(/[×·÷≤≥≠≈∧∨¬∈²³√…→←∞]/) { match in
        let sign = String(match.output)
        let own = [
          "×": "*", "·": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "∧": "and", "∨": "or", "¬": "not", "∈": "in",
          "²": "** 2", "³": "** 3", "√": "sqrt(…)",
        ]
        return .init(own[sign].map { "write `\($0)`" } ?? "leave it out", saying: "`\(sign)` is not an operator")
      },
      .line(/[\u{00a0}\u{2007}\u{202f}\u{200b}\u{feff}]/) { _ in
        .init("type the line instead of pasting it", saying: "the line has a blank that is not a space")
      },
    ]
  }

  // MARK: Blocks, calls and operators

  static var blocks: [Habit] {
    [
      .line(/^\s*(for|if|while|else|elif|def|with|try)\b[^{]*:\s*(\w.*)?$/) { match in
        let form =
          switch match.1 {
          case "if", "elif": "if CONDITION { … }"
          case "else": "} else {"
          case "def": "def NAME(a, b = 3) { … }"
          default: "for x in LIST { … }"
          }
        return .init("write blocks in braces: `\(form)`", saying: "a block does not begin with `:`")
      },
      .line(/^\s*(then|do|done|fi|esac|end)\s*$|;\s*(then|do|done|fi)\b/) { _ in
        .init("write blocks in braces: `for x in LIST { … }`, `if CONDITION { … }`")
      },
      .line(/\^/) { _ in .init("write a power as `2 ** 3`", saying: "`^` is not an operator") },
      .line(/===|!==/) { _ in .init("write `==` and `!=`", saying: "`===` is not an operator") },
      .line(/<>/) { _ in .init("write `!=`", saying: "`<>` is not an operator") },
      .line(/\/\//) { _ in .init("write `floor(a / b)`", saying: "`//` is not an operator") },
      .line(/\$?(\w+)\s*(\+\+|--\s*$|\+=|-=|\*=|\/=)/) { match in
        let sign = match.2.first.map(String.init) ?? "+"
        return .init(
          "write `let \(match.1) = $\(match.1) \(sign) 1`", saying: "`\(match.2.trimming)` is not an operator")
      },
      .line(/^\s*\$?(\w+)\s*(:=|<-|<<-)\s*(.*)$/) { match in
        .init("set a variable with `let \(match.1) = \(match.3.isEmpty ? "VALUE" : match.3)`")
      },
      .line(/^\s*let\s+(\d\w*)/) { match in .init("names begin with a letter: `let x\(match.1) = …`") },
      .line(/^\s*let\s+(\w+-[\w-]+)\s*=/) { match in
        .init("write `_` for `-` in the names of variables: `let \(match.1.replacing("-", with: "_")) = …`")
      },
      .line(/\?[^?:|]*:/) { _ in
        .init("write `if CONDITION { … } else { … }`", saying: "`a ? b : c` is not part of the language")
      },
      .line(/\bf["']/) { _ in .init("write the text without `f`, and variables as $name: \"cell $cid\"") },
      .line(/(?:=>|->|\blambda\b[^=:]*:)/) { _ in .init("define a command with `def NAME(a) { … }`") },
      .line(/\.\.\.?\d|\d\.\.\.?/) { _ in .init("write `range(1, 10)` for the numbers from 1 to 9") },
      .line(/\[\s*-?\w*\s*:\s*-?\w*\s*(?::[^\]]*)?\]/) { _ in
        .init("write `… | head N`, `… | tail N`, or one element as `$x[0]`", saying: "lists have no slices `[a:b]`")
      },
      .line(/\bOut\[(\d+)\]|\b_(\d+)\b/) { match in
        .init("`out \((match.1 ?? match.2).map(String.init) ?? "N")` is the result of that entry")
      },
      .line(/\b(np|numpy|torch|pd|plt|math|scipy|stats|F|sns)\.(\w+)/) { match in
        let name = String(match.2)
        let own =
          FunctionTable.names.contains(name)
          ? "write `\(name)(…)`, without `\(match.1).`" : "`help --search \(name)` looks for it"
        return .init(
          match.1 == "plt" || match.1 == "sns" ? "`… | plot COLUMN …` draws; `help plot` lists the kinds" : own,
          saying: "vcsh has no Python modules: `\(match.output)`")
      },
      .line(/^\s*\$?(\w+)\.(\w+)\((.*)\)\s*$/) { match in
        .init(
          "write `$\(match.1) | \(match.2) …` for a table, or `\(match.2) \(match.1) …` for an object",
          saying: "vcsh has no methods: `.\(match.2)(…)`")
      },
      .line(/\b(True|False|None|NULL|NaN)\b/) { match in
        let own = match.1 == "True" ? "true" : match.1 == "False" ? "false" : "null"
        return .init("write `\(own)`", saying: "`\(match.1)` is not a value here")
      },
      .line(/(?:^|[\s(])!\s*[\w($]/) { _ in .init("write `not`", saying: "`!` is not an operator") },
    ]
  }
}
