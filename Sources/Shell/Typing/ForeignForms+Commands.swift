import Base
import Functions
import Language

/// Numbers, flags and commands as other shells and languages write them.
extension ForeignForms {
  // MARK: Numbers

  static var numbers: [Habit] {
    [
      .line(/\bin\s*\(?\s*((?:[\w.¤'"-]+\s*,\s*)+[\w.¤'"-]+)\s*\)?/) { match in
        .init("write a list in square brackets: `in [\(match.1)]`")
      }.only { $0.failure.message.hasPrefix("unexpected") },
      .line(/[<>=]\s*(\d+),(\d+)\b/) { match in
        match.2.count == 3
          ? nil : .init("write a decimal point: `\(match.1).\(match.2)`", saying: "numbers have no commas")
      }.only { $0.failure.message.hasPrefix("unexpected") },
      Habit { item in
        guard
          let match = item.line.firstMatch(
            of: /(?:^|[\s(\[=<>+*\/,-])\d+(?:\.\d+)?\s*([A-Za-z°µ]+(?:\/[A-Za-z]+)?)(?:$|[\s)|,\]])/)
        else { return nil }
        let written = String(match.1)
        let known = item.commands.units
        guard !known.contains(written), let unit = unit(for: written, among: known) else { return nil }
        return .init("write the unit as `\(unit)`", saying: "`\(written)` is not a unit")
      },
      // A flag may take a time: `--time 1:00:00` is well written, whatever else is wrong with it.
      Habit { item in
        guard item.failure.message.contains("unexpected"),
          let match = item.line.firstMatch(of: /\d{1,2}:\d{2}(?::\d{2})?/)
        else { return nil }
        return .init("write times in quotes: '\(match.output)'")
      },
      Habit { item in
        guard item.failure.message.contains("unexpected"),
          let match = item.line.firstMatch(of: /\b\d{1,4}[.\/-]\d{1,2}[.\/-]\d{2,4}\b/)
        else { return nil }
        return .init("write dates in quotes: '\(match.output)'")
      },
      .line(/\b\d+_\d/) { _ in .init("write the number without `_`: 1000") },
      Habit { item in
        guard item.failure.message.contains("unexpected `,"), let match = item.line.firstMatch(of: /\d,(\d+)/) else {
          return nil
        }
        let hint = match.1.count == 3 ? "write the number without commas: 1000" : "write a decimal point: 0.5"
        return .init(hint, saying: "numbers have no commas")
      },
      .line(/\b\d+(?:\.\d+)?\s*%/) { _ in
        .init("write a share as a number: 0.5 for 50 %", saying: "numbers have no `%`")
      },
      .line(/(?:^|[^\w.])\.(\d+)/) { match in
        .init("write `0.\(match.1)`", saying: "a number begins with a digit: `.\(match.1)`")
      },
      .line(/(?:^|[^\w.])(\d+)\.(?:[^\w.]|$)/) { match in
        .init("write `\(match.1).0`", saying: "a decimal point has digits after it: `\(match.1).`")
      },
      .line(/\b0[xXbBoO][\da-fA-F]+\b/) { _ in .init("write the number in decimal digits") },
    ]
  }

  private static func unit(for written: String, among known: Set<String>) -> String? {
    let words = [
      "msec": "ms", "msecs": "ms", "millisecond": "ms", "milliseconds": "ms", "sec": "s", "secs": "s", "second": "s",
      "seconds": "s", "minute": "min", "minutes": "min", "mins": "min", "hour": "h", "hours": "h", "hr": "h",
      "hrs": "h",
      "hertz": "Hz", "kilohertz": "kHz", "pixel": "px", "pixels": "px", "degree": "deg", "degrees": "deg",
      "degs": "deg",
      "°": "deg", "radians": "rad", "radian": "rad", "µs": "us", "usec": "us", "microseconds": "us", "bin": "bins",
      "sp/s": "Hz", "spikes/s": "Hz", "spk/s": "Hz", "spikes/sec": "Hz",
    ]
    return known.sorted().first { $0.lowercased() == written.lowercased() } ?? words[written.lowercased()]
  }

  // MARK: Flags

  static var flags: [Habit] {
    [
      .stage(/^sort\s+.*(?:^|\s)(?:-r|-d|-n?r|-rn|desc|DESC|descending|reverse|reversed|ascending=False)(?:\s|$)/) {
        _ in
        .init("`sort COLUMN --reverse` puts the largest first", saying: "`sort` has no such order")
      },
      .stage(/^sort\s+.*(?:^|\s)(?:-n|-k|-g|asc|ASC|ascending|up)(?:\s|$)/) { _ in
        .init("`sort COLUMN` puts the smallest first", saying: "`sort` has no such order")
      },
      .stage(/^sort\s+-(\w\w+)\s*$/) { match in
        .init("write `sort \(match.1) --reverse` to put the largest first")
      },
      .stage(/^select\s+\*/) { _ in .init("leave `select` out: a table has all its columns") },
      .stage(/--metrics\s+([a-z_]\w*(?:\s+[a-z_]\w*)+)\s*$/) { match in
        .init("write `--metrics \(match.1.split(separator: " ").joined(separator: ","))`")
      },
      .stage(/--(\w[\w-]*)\s+\[([^\]]*)\]/) { match in
        .init("write `--\(match.1) \(match.2.filter { !$0.isWhitespace && !"'\"".contains($0) })`")
      }.only { $0.failure.message.contains("takes one value, not a list") },
      .stage(/^(sort|group|unique)\s+by\s+(\w+)/) { match in .init("write `\(match.1) \(match.2)`, without `by`") },
      .stage(/^(head|tail)\s+(?:-n\s*=?\s*|-)(\d+)/) { match in .init("write `… | \(match.1) \(match.2)`") },
      .stage(/^(head|tail)\s+(?!\d)([\w.\/-]+)\s*$/) { match in
        .init("write `… | \(match.1) 10` after a table; `show \(match.2)` shows an object")
      },
      .stage(/^ls\s+-\w+/) { _ in .init("`ls` alone shows kind, cells and detail; `ls recording` lists one kind") },
      .stage(/^(\w[\w-]*)\s.*(?:^|\s)-n\s*(\d+)/) { match in .init("`help \(match.1)` lists its flags") },
      Habit { item in
        guard let match = item.stage.firstMatch(of: /\s-([A-Za-z][\w-]*)(?:[\s=]|$)/),
          let signature = item.commands[item.word]
        else { return nil }
        let name = String(match.1)
        guard item.failure.message.contains("-\(name)") else { return nil }
        let fitting = signature.flagNames.filter { name.count == 1 ? $0.hasPrefix(name) : $0 == name }
        return .init(
          fitting.first.map { "did you mean `--\($0)`?" } ?? "`help \(item.word)` lists its flags",
          saying: "flags begin with two hyphens: `-\(name)` is none of `\(item.word)`")
      },
    ]
  }

  // MARK: Commands

  static var commands: [Habit] {
    [
      .line(/(?i)^\s*(select\s+.+\s+from\s+\w+.*|insert\s+into\s.*|delete\s+from\s.*|with\s+\w+\s+as\s*\(.*)$/) {
        match in
        .init(
          "`sql \"\(match.1.lowercased().hasPrefix("select") ? "SELECT … FROM VIEW" : "SELECT …")\"` asks the catalogue; it only reads"
        )
      },
      .stage(/^(?:to_csv|to_json|to_excel|to_parquet|savefig|write_csv)\s*\(\s*(?:['"](¤*)['"])?/) { _ in
        .init("write `… | save FILE.csv`")
      },
      // `… | mean(r)`
      Habit { item in
        guard let match = item.stage.firstMatch(of: /^(\w+)\s*\(\s*(\w*)/),
          FunctionTable.names.contains(String(match.1)), item.line.contains("|")
        else { return nil }
        let column = match.2.isEmpty ? "COLUMN" : String(match.2)
        return .init(
          "write `… | summarize \(match.1)(\(column))`", saying: "`\(match.1)` is a function, not a command")
      },
      // `eval(twin, sim)`
      Habit { item in
        guard let match = item.stage.firstMatch(of: /^([\w-]+)\s*\((.*)\)\s*$/),
          let signature = item.commands[String(match.1)],
          item.failure.message.hasPrefix("there is no function") || item.failure.message.contains("is not a value here")
        else { return nil }
        return .init(
          "write arguments without brackets and commas: `\(short(signature))`",
          saying: "`\(match.1)` is a command, not a function")
      },
      // A missing `on`, or `on REC STIM`
      Habit { item in
        guard let signature = item.commands[item.word], item.failure.message.hasPrefix("unexpected argument"),
          let keyword = signature.arguments.first(where: { $0.type == .stimulus })?.keyword
        else { return nil }
        let hasKeyword = item.stage.contains(" \(keyword) ")
        if hasKeyword, let match = item.stage.firstMatch(of: /\son\s+([\w-]+)\s+([\w-]+)/) {
          return .init("join recording and stimulus by a slash: `\(keyword) \(match.1)/\(match.2)`")
        }
        guard !hasKeyword else { return nil }
        if let match = item.stage.firstMatch(of: /^([^\/]*)\s([\w.-]+\/[\w.-]+)/) {
          // Another command's keyword stands in the place of this one's.
          var before = match.1
          if let space = before.lastIndex(of: " "),
            MistakenWord.keywords.contains(String(before[before.index(after: space)...]))
          {
            before = before[..<space]
          }
          return .init("did you mean `\(before) \(keyword) \(match.2)`?")
        }
        guard let match = item.stage.firstMatch(of: /^(.*)\s([A-Za-z_][\w-]*)\s+(\w[\w-]*)$/) else { return nil }
        return .init("did you mean `\(match.1) \(keyword) \(match.2)/\(match.3)`?")
      },
      // A stimulus where an object is expected: `compare a b REC/STIM`, `eval REC/STIM`
      Habit { item in
        guard let signature = item.commands[item.word],
          let keyword = signature.arguments.first(where: { $0.type == .stimulus })?.keyword,
          let match = item.failure.message.firstMatch(of: /^no \S+ named `([\w.-]+\/[\w.-]+)`$/),
          !item.stage.contains(" \(keyword) "), let place = item.stage.firstRange(of: " \(match.1)")
        else { return nil }
        var before = String(item.stage[..<place.lowerBound])
        if before == item.word, let subject = signature.arguments.first(where: { $0.keyword == nil }) {
          before += " \(subject.placeholder)"
        }
        return .init("did you mean `\(before) \(keyword) \(match.1)`?")
      },
      // A command that takes the stimulus without a keyword: `saccades on REC/STIM`
      Habit { item in
        guard item.failure.message.hasSuffix(" named `on`"), item.stage.contains(" on ") else { return nil }
        return .init("did you mean `\(item.stage.replacing(" on ", with: " ", maxReplacements: 1))`?")
      },
      Habit { item in
        guard item.failure.message.contains(" needs on REC/STIM"),
          let match = item.stage.firstMatch(of: /\s([\w.-]+\/[\w.-]+)/)
        else { return nil }
        return .init("write `on \(match.1)`")
      },
    ]
  }

  /// The arguments that a command needs, without its flags.
  private static func short(_ signature: Signature) -> String {
    ([signature.name] + signature.arguments.map(\.placeholder).prefix(2)).joined(separator: " ")
  }
}
