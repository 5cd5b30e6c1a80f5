import Base
import Language

/// Programs at random, of every kind of node, such as the parser may yield.
struct ProgramMaker {
  /// The files that programs may source.
  static let files = [
    "lib.vc": "let lib = 1\ndef sourced(a) { $a }\n", "my lib.vc": "cells | head 2",
    "p.vc": "param p = 1\nparam q: [float] = [0.1, 2]\n$p",
  ]

  private var random: MersenneTwister
  private var sourced: Set<String> = []
  private let place = SourceSpan(source: "made", line: 1, column: 1)

  init(seed: UInt32) { random = MersenneTwister(seed: seed) }

  mutating func program() -> Program {
    Program(version: chance(4) ? 1 : nil, statements: statements(depth: 2, atTop: true))
  }

  private mutating func below(_ limit: Int) -> Int { Int(random.nextWord()) % limit }
  private mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
  private mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }
  private mutating func name() -> String { pick(["a", "rec", "x1", "_t", "größe", "twin", "in_", "nota"]) }

  private mutating func many<T>(_ limit: Int, _ make: (inout ProgramMaker) -> T) -> [T] {
    (0..<below(limit + 1)).map { _ in make(&self) }
  }

  private mutating func statements(depth: Int, atTop: Bool = false) -> [Statement] {
    many(4) { $0.statement(depth: depth, atTop: atTop) }
  }

  private mutating func statement(depth: Int, atTop: Bool) -> Statement {
    let kind: Statement.Kind
    if atTop, chance(6) {
      return Statement(chance(3) ? source() : .define(definition()), at: place, text: "")
    }
    switch below(depth > 0 ? 8 : 5) {
    case 0: kind = .assign(name: name(), value: value(3))
    case 1 where atTop: kind = .parameter(parameter())
    case 2: kind = .assert(expression(3), message: chance(2) ? text(1) : nil)
    case 5:
      let branches =
        [Statement.Branch(value(2), statements(depth: depth - 1))]
        + many(2) { Statement.Branch($0.value(2), $0.statements(depth: depth - 1)) }
      kind = .branch(branches, otherwise: chance(2) ? statements(depth: depth - 1) : nil)
    case 6: kind = .loop(name: name(), sequence: value(2), body: statements(depth: depth - 1))
    case 3: kind = .value(chance(2) ? written() : value(3))
    default: kind = .value(value(3))
    }
    return Statement(kind, at: place, text: "")
  }

  private mutating func definition() -> Definition {
    let names = ["a", "n", "größe", "x_1"].shuffled(using: &random).prefix(below(5))
    let needed = below(names.count + 1)
    let arguments = names.enumerated().map { index, name in
      let kind = pick(Definition.ArgumentKind.allCases)
      return Definition.Argument(name, kind, fallback: index < needed ? nil : element(2, false), at: place)
    }
    return Definition(pick(["best", "twice"]), arguments, body: statements(depth: 1), at: place)
  }

  private mutating func source() -> Statement.Kind {
    let path = pick(Self.files.keys.sorted())
    let runs = chance(3)
    guard sourced.insert(path).inserted || runs else { return .source(path: path, nil) }
    let text = SourceText(Self.files[path] ?? "", name: path)
    let program = try? Parser.parse(text, signatures: FakeHost().signatures)
    guard runs else { return .source(path: path, program) }
    let names = program?.parameters.map(\.name) ?? []
    return .source(
      path: path, program,
      given: names.filter { _ in chance(2) }.map { ArgumentSyntax(flag: $0, value: word(1), at: place) })
  }

  private mutating func parameter() -> ParameterDeclaration {
    let type = pick(ParameterDeclaration.ParameterType.allCases)
    let fallback = chance(3) ? nil : chance(2) ? word(1) : text(1)
    return ParameterDeclaration(
      name(), type: type, fallback: fallback, help: chance(2) ? nil : "it's \"$x\"", at: place)
  }

  /// An expression or a pipeline.
  private mutating func value(_ depth: Int) -> Expression { chance(2) ? pipeline(depth) : expression(depth) }

  private mutating func node(_ kind: Expression.Kind) -> Expression { Expression(kind, at: place) }

  private mutating func expression(_ depth: Int, columns: Bool = false) -> Expression {
    guard depth > 0 else { return leaf(columns) }
    switch below(10) {
    case 8:
      return node(
        .call("ci", [node(.word([.text(pick(["mean", "corr"]))])), expression(depth - 1, columns: columns)]))
    case 0: return node(.list(many(3) { $0.element(depth - 1, columns) }))
    case 1: return node(.record(many(2) { .init($0.pick(["a", "b c", "in"]), $0.element(depth - 1, columns)) }))
    case 2: return node(.unary(pick(UnaryOperator.allCases), expression(depth - 1, columns: columns)))
    case 3, 4:
      return node(
        .binary(
          pick(BinaryOperator.allCases), expression(depth - 1, columns: columns),
          expression(depth - 1, columns: columns)
        ))
    case 5: return node(.call(pick(["mean", "max", "count"]), many(2) { $0.expression(depth - 1, columns: columns) }))
    case 6: return node(.field(base(depth - 1, columns), name()))
    case 7: return node(.index(base(depth - 1, columns), expression(depth - 1, columns: columns)))
    default: return columns ? leaf(true) : pipeline(depth - 1)
    }
  }

  private mutating func leaf(_ columns: Bool) -> Expression {
    switch below(columns ? 10 : 8) {
    case 7:
      node(.quantity(node(chance(2) ? .int(below(100)) : .double(0.25)), unit: pick(["Hz", "ms", "bits/spike", "h"])))
    case 0: node(.null)
    case 1: node(.bool(chance(2)))
    case 2: node(.int(below(1000)))
    case 3: node(.double(pick([0.5, 1e-7, 2e20, 3.25, 100])))
    case 4: text(0)
    case 5, 6: node(.variable(name()))
    default: node(.column(pick(["bits", "cid", "größe"])))
    }
  }

  /// What `.name` may follow.
  private mutating func base(_ depth: Int, _ columns: Bool) -> Expression {
    chance(2) ? node(.variable(name())) : expression(depth, columns: columns)
  }

  private mutating func element(_ depth: Int, _ columns: Bool) -> Expression {
    chance(3)
      ? node(.word([.text(pick(["gaborium", "a/b.c", "/tmp/x", "~/y", "nota", "in"]))]))
      : expression(depth, columns: columns)
  }

  private mutating func word(_ depth: Int) -> Expression {
    if depth == 0 || chance(2) {
      return node(
        .word([.text(pick(["twin", "sim1/gaborium", "17", "-3.5", "a,b", "x=y", "*.npz", "a#b", "--", "true"]))]))
    }
    let variable = node(.variable(name()))
    switch below(4) {
    case 0: return node(.word([.value(variable), .text("/gaborium")]))
    case 1: return node(.word([.text("a."), .value(variable), .text("b.c")]))
    case 2: return node(.word([.value(node(.field(variable, name()))), .text(".npz")]))
    default: return node(.word([.text("x"), .value(expression(depth - 1)), .value(variable)]))
    }
  }

  private mutating func text(_ depth: Int) -> Expression {
    let plain = Expression.TextPart.text(pick(["a b", "it's", "\"q\" \\ $", "\n\t", "_", ".c"]))
    guard depth > 0 else { return node(.text(chance(5) ? [] : [plain])) }
    return node(.text([.value(value(depth - 1)), plain, .value(node(.variable(name())))]))
  }

  private mutating func pipeline(_ depth: Int) -> Expression {
    let source = chance(3) ? expression(max(0, depth - 1)) : nil
    let stages = [command(depth)] + many(2) { $0.command(depth) }
    return node(.pipeline(Pipeline(source: source, stages: stages, at: place)))
  }

  /// A command line whose result goes to a file; after an expression over columns `>` compares.
  private mutating func written() -> Expression {
    let source = chance(3) ? expression(2) : nil
    let words = many(2) { maker in maker.argument(maker.word(1)) }
    let stages = (chance(2) ? [command(2)] : []) + [CommandSyntax(pick(["eval", "cells", "echo"]), words, at: place)]
    return node(.pipeline(Pipeline(source: source, stages: stages, file: chance(2) ? word(1) : text(1), at: place)))
  }

  private mutating func command(_ depth: Int) -> CommandSyntax {
    switch below(4) {
    case 0:
      return CommandSyntax("where", [argument(expression(depth, columns: true))], at: place)
    case 1:
      let arguments = (0...below(3)).map { _ in argument(expression(depth, columns: true)) }
      return CommandSyntax("summarize", arguments + (chance(2) ? [argument(flag: "by", word(0))] : []), at: place)
    default:
      let positional = many(3) { maker in
        maker.argument(maker.chance(2) ? maker.word(1) : maker.expression(max(0, depth - 1)))
      }
      let flags = many(2) { maker in maker.argument(flag: "split", maker.chance(3) ? nil : maker.word(1)) }
      return CommandSyntax(pick(["eval", "echo", "un-known", "cells", "best", "twice"]), positional + flags, at: place)
    }
  }

  private mutating func argument(flag: String? = nil, _ value: Expression?) -> ArgumentSyntax {
    ArgumentSyntax(flag: flag, value: value, at: place)
  }
}
