import Base

/// Matches a command's arguments, as they are written, with its signature.
struct Binder {
  /// A written argument, matched with its name.
  struct Bound {
    let type: ArgumentType
    /// The argument's name in messages.
    let label: String
    /// Nil for a flag without a value.
    let value: Expression?
    let span: SourceSpan
  }

  let signature: Signature
  private(set) var bound: [String: [Bound]] = [:]
  /// All arguments that do not fit.
  private(set) var failures: [Failure] = []
  /// The argument whose keyword seems to be missing; it is reported at its value.
  private var misplaced: String?
  /// Flags in the order in which they are written.
  private var given: [String] = []

  init(_ command: CommandSyntax, to signature: Signature) {
    self.signature = signature
    var positional: [ArgumentSyntax] = []
    var index = 0
    while index < command.arguments.count {
      let argument = command.arguments[index]
      index += 1
      if let flag = argument.flag {
        let isKnown = bind(flag: flag, argument)
        // The value of a misspelt flag is not an argument of its own.
        if !isKnown, argument.value == nil, index < command.arguments.count, command.arguments[index].flag == nil,
          takesValue(nearest: flag)
        {
          index += 1
        }
        if argument.value != nil, let target = signature.argument(keyword: flag), target.isRepeating,
          positional.count >= signature.positional.count(where: { !$0.isOptional })
        {
          bindFollowing(target, command.arguments, &index)
        }
      } else if let keyword = argument.value?.plainWord, let target = signature.argument(keyword: keyword) {
        bind(keyword: target, at: argument.span, command.arguments, &index)
      } else if let word = argument.value?.plainWord, let flag = signature.short[word], index < command.arguments.count,
        command.arguments[index].flag == nil
      {
        _ = bind(flag: flag, ArgumentSyntax(flag: flag, value: command.arguments[index].value, at: argument.span))
        index += 1
      } else {
        positional.append(argument)
      }
    }
    bind(positional, at: command.span)
    for argument in signature.arguments where !argument.isOptional && bound[argument.name] == nil {
      if argument.name == misplaced { continue }
      failures.append(
        Failure(
          .usage, "\(signature.name) needs \(argument.placeholder)", hint: signature.usageHint(),
          span: command.span))
    }
  }

  /// Whether the flag that a misspelt one probably stands for takes a value.
  private func takesValue(nearest name: String) -> Bool {
    guard let near = Suggestion.best(for: name, among: signature.flagNames) else { return false }
    return signature.flag(named: near)?.type != .toggle
  }

  /// - Returns: whether the flag exists.
  private mutating func bind(flag name: String, _ argument: ArgumentSyntax) -> Bool {
    if let target = signature.argument(flag: name) {
      guard let value = argument.value else {
        fail(argument.span, "--\(name) needs \(target.placeholder)")
        return true
      }
      add(
        target.name, Bound(type: target.type, label: label(target), value: value, span: value.span), target.isRepeating)
      return true
    }
    guard let flag = signature.flag(written: name, behind: given) else {
      let names = signature.flagNames
      failures.append(
        Failure(
          .usage, "\(signature.name) has no flag --\(name)",
          hint: name == "help"
            ? "see `help \(signature.name)`"
            : signature.advice[name] ?? Suggestion.best(for: name, among: names).map { "did you mean `--\($0)`?" }
              ?? signature.usageHint(), span: argument.span))
      return false
    }
    if argument.value == nil, flag.type != .toggle {
      fail(argument.span, "--\(name) needs a value: \(flag.type.name)")
      return true
    }
    let span = argument.value?.span ?? argument.span
    given.append(flag.name)
    add(flag.name, Bound(type: flag.type, label: "--\(name)", value: argument.value, span: span), flag.type == .column)
    return true
  }

  /// Binds what follows `--set VALUE`, up to the next keyword or flag; only where all arguments without a keyword are there.
  private mutating func bindFollowing(
    _ target: Signature.Argument, _ arguments: [ArgumentSyntax], _ index: inout Int
  ) {
    while index < arguments.count, arguments[index].flag == nil, let value = arguments[index].value {
      if let word = value.plainWord, signature.argument(keyword: word) != nil { return }
      add(target.name, Bound(type: target.type, label: label(target), value: value, span: value.span), true)
      index += 1
    }
  }

  /// Binds `on VALUE`; for a repeating argument, all values up to the next keyword or flag.
  private mutating func bind(
    keyword target: Signature.Argument, at span: SourceSpan, _ arguments: [ArgumentSyntax], _ index: inout Int
  ) {
    var count = 0
    while index < arguments.count, arguments[index].flag == nil, count == 0 || target.isRepeating {
      guard let value = arguments[index].value else { break }
      if count > 0, let word = value.plainWord, signature.argument(keyword: word) != nil { break }
      add(
        target.name, Bound(type: target.type, label: label(target), value: value, span: value.span), target.isRepeating)
      index += 1
      count += 1
    }
    if count == 0 { fail(span, "`\(target.keyword ?? target.name)` needs a value: \(target.type.name)") }
  }

  private mutating func bind(_ values: [ArgumentSyntax], at span: SourceSpan) {
    let targets = signature.positional.filter { bound[$0.name] == nil }
    var index = 0
    for (position, target) in targets.enumerated() {
      let neededLater = targets[(position + 1)...].count { !$0.isOptional }
      let available = values.count - index
      let take = target.isRepeating ? max(0, available - neededLater) : min(1, available)
      for _ in 0..<take {
        let argument = values[index]
        index += 1
        add(
          target.name, Bound(type: target.type, label: label(target), value: argument.value, span: argument.span),
          target.isRepeating)
      }
    }
    guard index < values.count else { return }
    let surplus = values[index]
    let text = surplus.value.map(Printer.print) ?? ""
    let missing = signature.arguments.filter { $0.keyword != nil && bound[$0.name] == nil }
    // What has a slash is a stimulus, even where the command could do without one.
    let open = missing.first { !$0.isOptional } ?? missing.first { $0.type == .stimulus && text.contains("/") }
    misplaced = open?.name
    let near = nearWord(text)
    let next = values.dropFirst(index + 1).first?.value.map(Printer.print)
    failures.append(
      Failure(
        .usage, "unexpected argument `\(text)`",
        hint: near.map { "did you mean `\($0)`?" }
          ?? foreignKeyword(in: values[..<index]).map { "leave `\($0)` out: `\(signature.name) \(text)`" }
          ?? keywordHint(for: text, next: next, open ?? (missing.count == 1 ? missing.first : nil))
          ?? signature.usageHint(),
        span: surplus.span))
  }

  /// `… on VALUE`, for a value whose keyword is missing, is another one, or is joined to it by `=`.
  private func keywordHint(for text: String, next: String?, _ open: Signature.Argument?) -> String? {
    let given = text.split(separator: "=", maxSplits: 1).map(String.init)
    if given.count == 2, signature.argument(keyword: given[0]) != nil { return "write `\(given[0]) \(given[1])`" }
    guard let open, let keyword = open.keyword else { return nil }
    // A new name has no slash and no ending: this is a second file.
    if open.type == .newName, text.contains("/") || text.contains(".") {
      return "`\(signature.name)` takes one at a time: `\(signature.name) \(text)` on a line of its own"
    }
    var value = text
    if MistakenWord.keywords.contains(text) {
      guard let next else { return nil }
      value = next
    }
    // A recording's stimulus, where the recording is asked for.
    if open.type == .object(kinds: ["recording"]) { value = String(value.prefix { $0 != "/" }) }
    return "did you mean `… \(keyword) \(value)`?"
  }

  /// A keyword of other commands that stands where this one takes a value.
  private func foreignKeyword(in values: ArraySlice<ArgumentSyntax>) -> String? {
    values.lazy.compactMap { $0.value?.plainWord }.first(where: MistakenWord.keywords.contains)
  }

  /// A keyword that was probably meant, or the unit of a number in an expression.
  private func nearWord(_ word: String) -> String? {
    let keywords = signature.arguments.filter { bound[$0.name] == nil }.compactMap(\.keyword)
    // Keywords are too short for the usual measure of misspelling: any order of the same letters counts.
    if let keyword = keywords.first(where: { Set($0) == Set(word) || Suggestion.best(for: word, among: [$0]) != nil }) {
      return keyword
    }
    guard word.first?.isLetter == true, signature.positional.contains(where: { $0.type == .rowExpression }) else {
      return nil
    }
    return Suggestion.best(for: word, among: Unit.known)
  }

  private mutating func add(_ name: String, _ argument: Bound, _ mayRepeat: Bool) {
    if !mayRepeat, bound[name] != nil { return fail(argument.span, "\(argument.label) is given twice") }
    bound[name, default: []].append(argument)
  }

  private mutating func fail(_ span: SourceSpan, _ message: String) {
    failures.append(Failure(.usage, message, hint: signature.usageHint(), span: span))
  }

  private func label(_ argument: Signature.Argument) -> String { argument.name.uppercased() }
}

extension Expression {
  /// The text of a bareword without interpolation.
  var plainWord: String? {
    guard case .word(let parts) = kind, parts.count == 1, case .text(let text)? = parts.first else { return nil }
    return text
  }

  /// The text of a bareword or quoted string without interpolation.
  var plainText: String? {
    switch kind {
    case .word: return plainWord
    case .text(let parts):
      if parts.isEmpty { return "" }
      guard parts.count == 1, case .text(let text)? = parts.first else { return nil }
      return text
    default: return nil
    }
  }
}
