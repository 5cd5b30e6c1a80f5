import Base
import Foundation
import Language
import Workspace

/// What may stand at the cursor. Reads the catalogue and the file system's names, never arrays.
public struct Completer {
  let session: Session

  public init(session: Session) { self.session = session }

  public struct Answer: Sendable, Equatable {
    /// Characters of the line from here to the cursor are replaced.
    public var start: Int
    public var candidates: [String]
    public var appendSpace: Bool
  }

  public func complete(_ line: String, cursor: Int) -> Answer {
    let tables = session.interpreter.variables.compactMapValues { value -> [String]? in
      if case .table(let table) = value { table.names } else { nil }
    }
    let context = CursorContext.at(
      line, cursor: cursor, signatures: session.interpreter.signatures, variableColumns: tables)
    let before = line.prefix(context.replacing.lowerBound).last { !$0.isWhitespace }
    let words =
      (before == "|" && context.expectation == .command
      ? pipeCommands : candidates(for: context.expectation, prefix: context.prefix)).filter {
        $0.hasPrefix(context.prefix)
      }
    let isOpen = words.allSatisfy { $0.hasSuffix("/") || $0.hasSuffix("=") }
    return Answer(start: context.replacing.lowerBound, candidates: words, appendSpace: !isOpen)
  }

  private func candidates(for expectation: CursorContext.Expectation, prefix: String) -> [String] {
    switch expectation {
    case .command:
      return session.interpreter.signatures.names.sorted() + Parser.keywords
    case .flag(let signature, let used):
      let names = signature.flags.map(\.name) + signature.arguments.compactMap(\.keyword)
      return names.filter { !used.contains($0) }.map { "--" + $0 }
    case .value(let type, _, _):
      return values(of: type, prefix)
    case .keyword(let words, _):
      return words
    case .variable:
      return (session.interpreter.variables.keys.sorted() + ["_"]).map { prefix.hasPrefix("$") ? "$" + $0 : $0 }
    case .column(_, let columns, let inExpression):
      return (columns ?? []) + (inExpression ? FunctionTable.names : [])
    case .nothing:
      return []
    }
  }

  /// Commands that take something from a pipe.
  private var pipeCommands: [String] { AllCommands.signatures.all.filter { $0.input != .nothing }.map(\.name).sorted() }

  private func values(of type: ArgumentType, _ prefix: String) -> [String] {
    switch type {
    case .choice(let choices): choices
    case .bool: ["true", "false"]
    case .object(let kinds): names(kinds)
    case .value: names([])
    case .stimulus: stimuli()
    case .cell: cids()
    case .path: paths(prefix)
    case .word("command"): AllCommands.signatures.names.sorted()
    case .word("part"): FrozenParameters.partNames
    case .word("head"): heads()
    case .word("snapshot"): ((try? session.workspace.snapshots()) ?? []).map(\.name)
    default: []
    }
  }

  private func names(_ kinds: [String]) -> [String] {
    let wanted = Set(kinds.compactMap(Payload.Kind.init))
    return ((try? session.workspace.names(kinds: wanted.isEmpty ? nil : wanted)) ?? []).map(\.name)
  }

  private func stimuli() -> [String] {
    ((try? session.workspace.names(kinds: [.recording])) ?? []).flatMap { item -> [String] in
      guard case .recording(let payload) = item.version.payload else { return [] }
      return payload.stimuli.map { "\(item.name)/\($0.name)" }
    }
  }

  private func cids() -> [String] {
    let ids = ((try? session.workspace.names(kinds: [.recording, .predictions])) ?? []).flatMap { item -> [Int] in
      switch item.version.payload {
      case .recording(let payload): payload.cids
      case .predictions(let payload): payload.cids
      default: []
      }
    }
    return Set(ids).sorted().map(String.init)
  }

  private func heads() -> [String] {
    let sessions = ((try? session.workspace.names(kinds: [.twin])) ?? []).flatMap { item -> [String] in
      guard case .twin(let payload) = item.version.payload else { return [] }
      return payload.heads.compactMap(\.session)
    }
    return Set(sessions).sorted()
  }

  private func paths(_ prefix: String) -> [String] {
    let slash = prefix.lastIndex(of: "/").map { prefix.index(after: $0) } ?? prefix.startIndex
    let folder = String(prefix[..<slash])
    let rest = prefix[slash...]
    let directory = session.absolute(folder.isEmpty ? "." : folder)
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    return names.filter { $0.hasPrefix(rest) && (rest.hasPrefix(".") || !$0.hasPrefix(".")) }.map { name in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: directory + "/" + name, isDirectory: &isFolder)
      return folder + name + (exists && isFolder.boolValue ? "/" : "")
    }
  }
}
