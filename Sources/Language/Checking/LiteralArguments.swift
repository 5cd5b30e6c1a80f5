import Base

/// A literal text or number among a command's arguments, which a recipe could take as a parameter instead.
public struct LiteralArgument: Sendable {
  public let command: Signature
  /// The argument's or flag's name.
  public let name: String
  public let isFlag: Bool
  public let type: ArgumentType
  public let help: String
  /// The text without quotes.
  public let text: String
  /// Where it is written, with its quotes.
  public let span: SourceSpan
  /// The name that the same command gives to its result, where it is a literal.
  public let newName: String?
}

extension Statement {
  /// The literal arguments of this statement's commands, in the order of the text. Definitions and expressions over columns are
  /// not searched.
  public func literalArguments(_ signatures: SignatureTable) -> [LiteralArgument] {
    commands.flatMap { stage -> [LiteralArgument] in
      guard let signature = signatures[stage.name] else { return [] }
      let binder = Binder(stage, to: signature)
      let newName = signature.arguments.first { $0.type == .newName }
        .flatMap { binder.bound[$0.name]?.first?.value?.plainText }
      return binder.bound.flatMap { name, bound in
        bound.compactMap { bound -> LiteralArgument? in
          guard let value = bound.value, let text = value.plainText, bound.type != .rowExpression else { return nil }
          let flag = signature.flag(named: name)
          return LiteralArgument(
            command: signature, name: name, isFlag: flag != nil, type: bound.type,
            help: flag?.help ?? signature.argument(named: name)?.help ?? "", text: text, span: value.span,
            newName: newName)
        }
      }.sorted { ($0.span.line, $0.span.column) < ($1.span.line, $1.span.column) }
    }
  }

  /// The commands of this statement and of its blocks, without those of definitions and sourced files.
  public var commands: [CommandSyntax] {
    func within(_ expression: Expression) -> [CommandSyntax] {
      var found = expression.children.flatMap(within)
      if case .pipeline(let pipeline) = expression.kind { found = pipeline.stages + found }
      return found
    }
    switch kind {
    case .assign(_, let value), .value(let value): return within(value)
    case .assert(let condition, let message): return within(condition) + (message.map(within) ?? [])
    case .branch(let branches, let otherwise):
      return branches.flatMap { within($0.condition) + $0.body.flatMap(\.commands) }
        + (otherwise ?? []).flatMap(\.commands)
    case .loop(_, let sequence, let body): return within(sequence) + body.flatMap(\.commands)
    case .parameter, .define, .source: return []
    }
  }

  /// The file after `>`, where its name is a literal.
  public var writtenFile: (text: String, span: SourceSpan)? {
    guard case .value(let expression) = kind, case .pipeline(let pipeline) = expression.kind, let file = pipeline.file,
      let text = file.plainText
    else { return nil }
    return (text, file.span)
  }
}

extension Expression {
  /// The text of a bareword or quoted string without interpolation; nil for any other expression.
  public var literalText: String? { plainText }
}
