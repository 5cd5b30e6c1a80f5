import Base

/// Matches a command's arguments, as they were written, with its signature.
struct Binder {
  /// An argument as written, now known by name.
  struct Bound {
    let type: ArgumentType
    /// How a message names it.
    let label: String
    /// Nil for a toggle that stands alone.
    let value: Expression?
    let span: SourceSpan
  }

  let signature: Signature
  private(set) var bound: [String: [Bound]] = [:]
  /// All that does not fit.
  private(set) var failures: [Failure] = []
  /// The argument whose value seems to stand without its keyword; reported where the value stands.
  private var misplaced: String?

  init(_ command: CommandSyntax, to signature: Signature) {
    self.signature = signature
    var positional: [ArgumentSyntax] = []
    var index = 0
    while index < command.arguments.count {
      let argument = command.arguments[index]
      index += 1
      if let flag = argument.flag {
        bind(flag: flag, argument)
      } else if let keyword = argument.value?.plainWord, let target = signature.argument(keyword: keyword) {
        bind(keyword: target, at: argument.span, command.arguments, &index)
      } else {
        positional.append(argument)
      }
    }
    bind(positional, at: command.span)
    for argument in signature.arguments where !argument.isOptional && bound[argument.name] == nil {
      if argument.name == misplaced { continue }
      failures.append(
        Failure(
          .usage, "\(signature.name) needs \(argument.placeholder)", hint: "usage: \(signature.usage)",
          span: command.span))
    }
  }

  private mutating func bind(flag name: String, _ argument: ArgumentSyntax) {
    if let target = signature.argument(flag: name) {
      guard let value = argument.value else { return fail(argument.span, "--\(name) needs \(target.placeholder)") }
      add(
        target.name, Bound(type: target.type, label: label(target), value: value, span: value.span), target.isRepeating)
      return
    }
    guard let flag = signature.flag(named: name) else {
      let names = signature.flagNames
      failures.append(
        Failure(
          .usage, "\(signature.name) has no flag --\(name)",
          hint: Suggestion.best(for: name, among: names).map { "did you mean `--\($0)`?" }
            ?? "usage: \(signature.usage)", span: argument.span))
      return
    }
    if argument.value == nil, flag.type != .toggle {
      return fail(argument.span, "--\(name) needs a value: \(flag.type.name)")
    }
    let span = argument.value?.span ?? argument.span
    add(name, Bound(type: flag.type, label: "--\(name)", value: argument.value, span: span), flag.type == .column)
  }

  /// `on VALUE`; for a repeating argument all values up to the next keyword or flag.
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
    let open = signature.arguments.first { $0.keyword != nil && bound[$0.name] == nil && !$0.isOptional }
    misplaced = open?.name
    failures.append(
      Failure(
        .usage, "\(signature.name) does not know what to do with `\(text)`",
        hint: open.map { "did you mean `… \($0.keyword ?? "") \(text)`?" } ?? "usage: \(signature.usage)",
        span: surplus.span))
  }

  private mutating func add(_ name: String, _ argument: Bound, _ mayRepeat: Bool) {
    if !mayRepeat, bound[name] != nil { return fail(argument.span, "\(argument.label) is given twice") }
    bound[name, default: []].append(argument)
  }

  private mutating func fail(_ span: SourceSpan, _ message: String) {
    failures.append(Failure(.usage, message, hint: "usage: \(signature.usage)", span: span))
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
