import Base

extension Statement {
  /// The statement as text, with known variables replaced by their values.
  ///
  /// - Returns: nil for statements that contain others.
  public func filled(_ known: [String: Value]) -> String? {
    let filled: Kind
    switch kind {
    case .assign(let name, let value): filled = .assign(name: name, value: value.filled(known))
    case .value(let value): filled = .value(value.filled(known))
    case .assert(let condition, let message):
      filled = .assert(condition.filled(known), message: message?.filled(known))
    case .parameter, .define, .source, .branch, .loop: return nil
    }
    let program = Program(statements: [Statement(filled, at: span, text: "")])
    return String(Printer.print(program).dropLast())
  }
}

extension Expression {
  /// Whether it can be evaluated without running a command or reading these variables.
  public func isKnown(without unknown: Set<String>) -> Bool {
    switch kind {
    case .pipeline, .column: return false
    case .variable(let name): return !unknown.contains(name)
    default: return children.allSatisfy { $0.isKnown(without: unknown) }
    }
  }

  func filled(_ known: [String: Value]) -> Expression {
    func filled(_ expression: Expression) -> Expression { expression.filled(known) }
    switch kind {
    case .null, .bool, .int, .double, .column: return self
    case .variable(let name): return known[name].flatMap(Self.literal).map { Expression($0, at: span) } ?? self
    case .quantity(let number, let unit): return Expression(.quantity(filled(number), unit: unit), at: span)
    case .text(let parts): return Expression(.text(Self.filled(parts, known)), at: span)
    case .word(let parts):
      let parts = Self.filled(parts, known)
      // Values that a bareword can't express are quoted.
      if parts.count == 1, case .text(let text)? = parts.first, !text.isBareword {
        return Expression(.text(parts), at: span)
      }
      return Expression(.word(parts), at: span)
    case .list(let elements): return Expression(.list(elements.map(filled)), at: span)
    case .record(let fields): return Expression(.record(fields.map { Field($0.name, filled($0.value)) }), at: span)
    case .field(let base, let name): return Expression(.field(filled(base), name), at: span)
    case .index(let base, let index): return Expression(.index(filled(base), filled(index)), at: span)
    case .unary(let operation, let operand): return Expression(.unary(operation, filled(operand)), at: span)
    case .binary(let operation, let left, let right):
      return Expression(.binary(operation, filled(left), filled(right)), at: span)
    case .call(let name, let arguments): return Expression(.call(name, arguments.map(filled)), at: span)
    case .pipeline(let pipeline):
      let stages = pipeline.stages.map { stage in
        CommandSyntax(
          stage.name,
          stage.arguments.map { argument in
            ArgumentSyntax(flag: argument.flag, value: argument.value?.filledArgument(known), at: argument.span)
          }, at: stage.span)
      }
      return Expression(
        .pipeline(
          Pipeline(
            source: pipeline.source.map(filled), stages: stages, file: pipeline.file?.filledArgument(known), at: span)),
        at: span)
    }
  }

  /// As an argument of a command, a text or number is written as a bareword where possible.
  private func filledArgument(_ known: [String: Value]) -> Expression {
    guard case .variable(let name) = kind, let value = known[name] else { return filled(known) }
    switch value {
    case .string(let text) where text.isBareword: return Expression(.word([.text(text)]), at: span)
    case .int, .double, .bool: return Expression(.word([.text(value.plainText)]), at: span)
    default: return filled(known)
    }
  }

  private static func literal(_ value: Value) -> Kind? {
    switch value {
    case .bool(let value): .bool(value)
    case .int(let value) where value >= 0: .int(value)
    case .double(let value) where value.isFinite && value >= 0: .double(value)
    case .string(let text): .text(text.isEmpty ? [] : [.text(text)])
    default: nil
    }
  }

  private static func filled(_ parts: [TextPart], _ known: [String: Value]) -> [TextPart] {
    var out: [TextPart] = []
    for part in parts {
      var next = part
      if case .value(let value) = part {
        let value = value.filled(known)
        next = .value(value)
        switch value.kind {
        case .text(let inner) where inner.count <= 1:
          if let text = inner.first { next = text } else { continue }
        case .int, .double, .bool: next = .text(Printer.print(value))
        default: break
        }
      }
      if case .text(let text) = next, case .text(let before)? = out.last {
        out[out.count - 1] = .text(before + text)
      } else {
        out.append(next)
      }
    }
    return out
  }
}

extension String {
  fileprivate var isBareword: Bool { first?.startsWord == true && allSatisfy(\.continuesWord) && !hasPrefix("--") }
}
