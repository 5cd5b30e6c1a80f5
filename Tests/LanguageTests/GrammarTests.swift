import Base
import Foundation
import Language
import Testing

/// Whatever the grammar in `docs/language.md` allows, the parser reads, and the printer gives back.
@Suite struct GrammarTests {
  static let grammar: Grammar? = {
    let note = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/language.md")
    let text = (try? String(contentsOf: note, encoding: .utf8)) ?? ""
    return text.components(separatedBy: "```ebnf\n").dropFirst().first.map {
      Grammar($0.components(separatedBy: "\n```")[0])
    }
  }()

  @Test("Every rule of the grammar is used and defined")
  func everyRuleIsUsedAndDefined() throws {
    let grammar = try #require(Self.grammar)
    #expect(grammar.rules["program"] != nil)
    let used = Set(grammar.rules.values.flatMap(\.names))
    #expect(used.filter { $0.first?.isLowercase == true && grammar.rules[$0] == nil } == [])
    #expect(grammar.rules.keys.filter { $0 != "program" && !used.contains($0) } == [])
    #expect(used.filter { $0.first?.isUppercase == true && SentenceMaker.tokens[$0] == nil && $0 != "NAME" } == [])
  }

  @Test("The parser accepts what the grammar allows", arguments: 0..<500)
  func theParserReadsWhatTheGrammarAllows(_ seed: Int) throws {
    var maker = SentenceMaker(grammar: try #require(Self.grammar), seed: UInt32(seed))
    let text = maker.sentence()
    let signatures = FakeHost().signatures
    func parse(_ text: String) throws -> Program {
      let files = SourceFiles(["a.vc": "let a = 1", "lib/b.vc": ""])
      return try Parser.parse(SourceText(text, name: "made"), signatures: signatures, files: files)
    }
    do {
      let program = try parse(text)
      let isSame = try parse(Printer.print(program)) == program
      #expect(isSame, "\(text)")
    } catch {
      Issue.record("\(error)\n\(text)")
    }
  }
}

/// A grammar as the note writes it.
struct Grammar: Sendable {
  indirect enum Node: Sendable {
    case text(String)
    case name(String)
    /// No blank between this and what follows.
    case joint
    case sequence([Node])
    case choice([Node])
    case optional(Node)
    case repeated(Node)
  }

  var rules: [String: Node] = [:]

  init(_ text: String) {
    var bodies: [(String, String)] = []
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(of: /^([a-z]+) *= (.*)$/) {
        bodies.append((String(match.1), String(match.2)))
      } else if let last = bodies.indices.last {
        bodies[last].1 += " " + line
      }
    }
    for (name, body) in bodies {
      var tokens = body.matches(of: /"[^"]*"|'[^']*'|[A-Za-z]+|[\[\]{}()|~]/).map { String($0.0) }[...]
      rules[name] = Self.choice(&tokens)
    }
  }

  private static func choice(_ tokens: inout ArraySlice<String>) -> Node {
    var choices = [sequence(&tokens)]
    while tokens.first == "|" {
      tokens.removeFirst()
      choices.append(sequence(&tokens))
    }
    return choices.count == 1 ? choices[0] : .choice(choices)
  }

  private static func sequence(_ tokens: inout ArraySlice<String>) -> Node {
    var nodes: [Node] = []
    while let token = tokens.first, !["|", ")", "]", "}"].contains(token) {
      tokens.removeFirst()
      switch token {
      case "~": nodes.append(.joint)
      case "(": nodes.append(bracketed(&tokens))
      case "[": nodes.append(.optional(bracketed(&tokens)))
      case "{": nodes.append(.repeated(bracketed(&tokens)))
      case _ where token.first == "\"" || token.first == "'": nodes.append(.text(String(token.dropFirst().dropLast())))
      default: nodes.append(.name(token))
      }
    }
    return .sequence(nodes)
  }

  private static func bracketed(_ tokens: inout ArraySlice<String>) -> Node {
    let node = choice(&tokens)
    _ = tokens.popFirst()
    return node
  }
}

extension Grammar.Node {
  var names: [String] {
    switch self {
    case .name(let name): [name]
    case .text, .joint: []
    case .sequence(let nodes), .choice(let nodes): nodes.flatMap(\.names)
    case .optional(let node), .repeated(let node): node.names
    }
  }
}

/// Sentences of a grammar at random.
struct SentenceMaker {
  /// What stands for a word in capitals.
  static let tokens: [String: [String]] = [
    "EOL": ["\n", ";", " # note\n", "\r\n"], "FILE": ["a.vc", "lib/b.vc", "'a.vc'"], "KEY": ["'b c'", "\"in\""],
    "TEXT": ["'a b'", "\"c\\n$\"", "''"],
    "WORD": ["twin", "sim1/gaborium", "17", "-3.5", "a#b", "x=y", "$a/b", "${n}.npz"],
    "PLAINWORD": ["nova", "a/b.c", "/tmp/x", "~/y"], "PLAIN": ["", "x ", "it's "],
    "PARAMTYPE": ["string", "path"], "TYPE": ["int", "table", "any"], "FLAG": ["--split", "--un-known"],
    "COMMAND": ["cells", "eval", "un-known", "out"], "VARIABLE": ["$a", "$größe", "$_"],
    "NUMBER": ["3", "0.25", "1e-3"],
    "UNIT": ["Hz", "ms", "bits/spike"], "FUNCTION": ["mean", "max", "own"], "COLUMN": ["bits", "cid", "größe"],
  ]

  private let grammar: Grammar
  private var random: MersenneTwister
  private var out = ""
  private var joins = true
  private var names = 0
  private var depth = 0
  private var inRows = false
  private var inHead = false

  init(grammar: Grammar, seed: UInt32) {
    self.grammar = grammar
    random = MersenneTwister(seed: seed)
  }

  mutating func sentence() -> String {
    make(.name("program"))
    return out
  }

  private mutating func chance(_ one: Int) -> Bool { Int(random.nextWord()) % one == 0 }
  private mutating func pick<T>(_ choices: [T]) -> T { choices[Int(random.nextWord()) % choices.count] }

  private mutating func write(_ text: String) {
    if !joins, !out.isEmpty { out += " " }
    joins = false
    out += text
  }

  private mutating func make(_ node: Grammar.Node) {
    switch node {
    case .text(let text): write(text)
    case .joint: joins = true
    case .name(let name): make(named: name)
    case .sequence(let nodes): for node in nodes { make(node) }
    case .choice(let choices): make(pick(allowed(choices)))
    case .optional(let node): if depth < 40, chance(2) { make(node) }
    case .repeated(let node): while depth < 40, chance(3) { make(node) }
    }
  }

  /// Choices that stand here; deep down only those that end soon.
  private mutating func allowed(_ choices: [Grammar.Node]) -> [Grammar.Node] {
    func begins(_ node: Grammar.Node, _ name: String) -> Bool {
      if case .sequence(let nodes) = node, case .name(name)? = nodes.first { return true }
      return false
    }
    var left = choices.filter { inRows || !begins($0, "COLUMN") }
    // Its `{` would begin the block.
    if inHead {
      left = left.compactMap { node in
        if begins(node, "record") { return nil }
        guard case .sequence(let nodes) = node, case .choice(let inner)? = nodes.first else { return node }
        return .sequence([.choice(inner.filter { !begins($0, "record") })] + nodes.dropFirst())
      }
    }
    // A bracket among columns holds no pipeline.
    if inRows { left = left.filter { !begins($0, "pipeline") } }
    guard depth >= 25 else { return left }
    let short = left.filter { $0.names.allSatisfy { $0.first?.isUppercase == true } }
    return short.isEmpty ? left : short
  }

  private mutating func make(named name: String) {
    if name == "NAME" {
      names += 1
      return write("n\(names)")
    }
    if let tokens = Self.tokens[name] { return write(pick(tokens)) }
    guard let rule = grammar.rules[name] else { return write("?\(name)?") }
    let outer = (inRows, inHead)
    depth += 1
    defer {
      depth -= 1
      (inRows, inHead) = outer
    }
    switch name {
    case "rows": inRows = true
    case "head": inHead = true
    case "command", "argument": inRows = false
    case "block", "quoted": (inRows, inHead) = (false, false)
    // A bare name is text among elements.
    case "list", "record": (inRows, inHead) = (false, false)
    case "call", "bracket", "group": inHead = false
    default: break
    }
    if inRows, name == "value" { return make(.name("expression")) }
    make(rule)
  }
}
