import Base
import Foundation
import Functions
import Help
import Language
import Metrics
import Session
import Workspace

/// What may stand at the cursor. Reads names from the catalogue and from one folder, never arrays.
public struct Completer {
  package let session: Session

  public init(session: Session) { self.session = session }

  public struct Answer: Sendable, Equatable {
    /// Characters of the text from here to the cursor are replaced.
    public var start: Int
    public var candidates: [String]
    /// Whether a lone candidate is followed by a blank.
    public var appendSpace: Bool
  }

  /// - Parameters:
  ///   - text: the entry so far, on as many lines as it has.
  ///   - cursor: a place in it, in characters. What follows it stays and is not looked at.
  public func complete(_ text: String, cursor: Int) -> Answer {
    let before = text.prefix(max(0, cursor))
    if let query = SQLCandidates(before: before) {
      return Answer(start: before.count - query.typed, candidates: query.words, appendSpace: false)
    }
    if let values = ValueCandidates(before: before, in: session) {
      let isWhole = values.words.count == 1
      return Answer(start: before.count - values.typed, candidates: values.words, appendSpace: isWhole)
    }
    session.recall(mentionedIn: [String(before)])
    let context = CursorContext.at(
      text, cursor: cursor, signatures: session.interpreter.signatures, in: Surroundings(session.interpreter))
    var start = context.replacing.lowerBound
    var prefix = context.plainPrefix
    // Metrics may be listed with commas between them.
    if case .value(.word("metrics"), _, _) = context.expectation, let comma = prefix.lastIndex(of: ",") {
      let done = prefix[...comma]
      start += done.count
      prefix.removeFirst(done.count)
    }
    var words = matching(candidates(for: context, prefix), prefix)
    switch context.expectation {
    case .value(.value, _, _): break
    case .value, .column(_, inExpression: false): words = context.written(words)
    default: break
    }
    if words.isEmpty || isRowExpression(context) { words += matching(context.others, prefix) }
    let isOpen = words.allSatisfy { word in word.last.map { "/=(".contains($0) } ?? false }
    return Answer(start: start, candidates: words, appendSpace: !isOpen && context.quote == nil || closes(words))
  }

  private func isRowExpression(_ context: CursorContext) -> Bool {
    if case .column(_, inExpression: true) = context.expectation { true } else { false }
  }

  private func closes(_ words: [String]) -> Bool {
    words.count == 1 && (words[0].hasSuffix("'") || words[0].hasSuffix("\""))
  }

  /// Those that begin with what is written; where none does, those that do in other letters.
  private func matching(_ words: [String], _ prefix: String) -> [String] {
    let exact = words.filter { $0.hasPrefix(prefix) }
    if !exact.isEmpty || prefix.isEmpty { return exact }
    let folded = prefix.lowercased()
    return words.filter { $0.lowercased().hasPrefix(folded) }
  }

  private func candidates(for context: CursorContext, _ prefix: String) -> [String] {
    switch context.expectation {
    case .command(let place): return commands(at: place, context.signatures, prefix)
    case .flag(let signature, let used):
      return signature.flagNames.filter { !used.contains($0) }.map { "--" + $0 }
    case .value(let type, let signature, let argument): return values(of: type, signature, argument, context, prefix)
    case .word(let words): return words
    case .variable(let names): return Set(names + session.variableNames).sorted()
    case .column(let columns, let inExpression):
      guard inExpression else { return columns ?? [] }
      let usable = (columns ?? []).filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }
      return usable + functions(context.signatures) + (prefix.isEmpty ? [] : Self.operators)
    case .nothing: return []
    }
  }

  private static let operators = ["and", "or", "not", "in", "null", "true", "false"]

  private func functions(_ signatures: SignatureTable) -> [String] {
    let defined = signatures.all.filter { session.commands[$0.name] == nil }.map(\.name)
    return (FunctionTable.names + defined.filter { $0.allSatisfy { $0 != "-" } }).map { $0 + "(" }
  }

  private func commands(
    at place: CursorContext.CommandPlace, _ signatures: SignatureTable, _ prefix: String
  ) -> [String] {
    switch place {
    case .statement: signatures.names.sorted() + Parser.keywords
    case .pipe: signatures.all.filter { $0.input != .nothing }.map(\.name).sorted()
    case .expression: signatures.names.sorted() + (prefix.isEmpty ? [] : functions(signatures))
    }
  }

  // MARK: Values

  private func values(
    of type: ArgumentType, _ signature: Signature, _ argument: String, _ context: CursorContext, _ prefix: String
  ) -> [String] {
    switch type {
    case .choice(let choices): return choices
    case .bool: return ["true", "false"]
    case .object(let kinds): return names(kinds)
    case .value:
      let variables = Set(context.variables + session.variableNames).sorted().map { "$" + $0 }
      guard argument == "subject" else { return variables }
      return (signature.name == "export" ? ["session"] : [])
        + names(AllKinds.types.filter { $0.isExported }.map { $0.kind.rawValue }) + variables
    case .stimulus: return stimuli(prefix)
    case .cell: return cids(context.given)
    case .path: return PathCandidates(session: session).matching(prefix)
    case .int where argument == "entry":
      return ((try? session.workspace.latestEntries(limit: 30)) ?? []).map(String.init)
    case .word(let label): return words(label, context)
    default: return signature.flags.first { $0.name == argument }?.fallback.map { [$0.plainText] } ?? []
    }
  }

  private func words(_ label: String, _ context: CursorContext) -> [String] {
    switch label {
    case "command": session.commands.signatures.names.sorted()
    case "topic": HelpTopic.names(context.signatures).sorted()
    case "metric": AllMetrics.types.map { $0.name }
    case "metrics": ["all"] + AllMetrics.types.map { $0.name }
    case "part": FrozenParameters.partNames
    case "frozen": twins(context.given).flatMap(\.frozen)
    case "head": twins(context.given).flatMap(\.heads).compactMap(\.session)
    case "snapshot": (try? session.workspace.snapshotNames()) ?? []
    default: []
    }
  }

  private func names(_ kinds: [String]) -> [String] {
    let wanted = Set(kinds.map(KindName.init))
    return (try? session.workspace.objectNames(kinds: wanted.isEmpty ? nil : wanted)) ?? []
  }

  private func object(_ name: String) -> (any ObjectKind)? { try? session.workspace.lookup(name)?.object }

  /// Recordings, or the stimuli of the one that is written or alone fits.
  private func stimuli(_ prefix: String) -> [String] {
    let slash = prefix.firstIndex(of: "/")
    let named = slash.map { String(prefix[..<$0]) }
    let fitting = matching(names(["recording"]), named ?? prefix)
    guard let whole = named.flatMap({ fitting.contains($0) ? $0 : nil }) ?? (fitting.count == 1 ? fitting[0] : nil)
    else {
      return fitting.map { $0 + "/" }
    }
    guard let recording = object(whole) as? RecordingPayload else { return [] }
    return recording.stimuli.map { "\(whole)/\($0.name)" }
  }

  /// Twins that the command names before the cursor.
  private func twins(_ given: [CursorContext.Given]) -> [TwinPayload] {
    given.compactMap { argument in
      guard case .object = argument.type else { return nil }
      return object(argument.text) as? TwinPayload
    }
  }

  /// Cells of what the command names before the cursor: of the recording where there is one.
  private func cids(_ given: [CursorContext.Given]) -> [String] {
    var found: [Int] = []
    for argument in given {
      switch argument.type {
      case .stimulus:
        guard let recording = object(String(argument.text.prefix { $0 != "/" })) as? RecordingPayload else { continue }
        return recording.cids.map(String.init)
      case .object: found += object(argument.text)?.cids ?? []
      default: continue
      }
    }
    return Set(found).sorted().map(String.init)
  }
}
