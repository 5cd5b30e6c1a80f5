import Base
import Foundation
import Language
import Recordings
import Twin
import Workspace

/// What `show TWIN` tells.
enum TwinReport {
  static func make(_ twin: LoadedTwin, input given: String?, session: Session, call: Call) throws -> Report {
    var sections = [Report.Section("checkpoint", .fields(checkpoint(twin)))]
    sections.append(.init("heads", .table(heads(twin))))
    let known = try given.map { try parse($0, call: call) } ?? inputShape(of: twin, session: session)
    if let input = known ?? shortestInput(of: twin) {
      let tree = try twin.architecture.tree(input: input)
      let shape = input.map(String.init).joined(separator: "x")
      var text = lines(tree)
      if known == nil {
        text.append(
          "the checkpoint does not say its input: shown for the shortest window that works; --input TxHxW sets it")
      }
      sections.append(.init("architecture, for input \(shape) (channel, time, height, width)", .lines(text)))
    } else {
      sections.append(.init("parameters", .table(parameters(twin))))
    }
    return Report(twin.name, sections)
  }

  private static func checkpoint(_ twin: LoadedTwin) -> Record {
    let file = twin.checkpoint
    let parameters = twin.architecture.parameters
    func count(_ list: [ParameterInfo]) -> Int { list.reduce(0) { $0 + $1.count } }
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    var record = Record([
      ("file", .string(twin.payload.checkpoint.path)), ("bytes", .int(file.byteCount)),
      ("fingerprint", .string(String(file.fingerprint.prefix(16)))),
    ])
    if let note = twin.payload.note { record["change"] = .string(note) }
    if let epoch = file.epoch { record["epoch"] = .int(epoch) }
    if let step = file.globalStep { record["step"] = .int(step) }
    if let monitor = file.monitor { record["monitor"] = .string(monitor) }
    if let score = file.score { record["score"] = .double(score) }
    if let version = file.lightningVersion { record["lightning"] = .string(version) }
    record["output"] = .string(twin.architecture.configuration["output_activation"]?.stringValue ?? "none (log rate)")
    record["values"] = .int(count(parameters))
    record["core_values"] = .int(count(parameters.filter(\.part.isCore)))
    record["frozen"] = .string(
      frozen.patterns.isEmpty
        ? "nothing"
        : "\(frozen.patterns.joined(separator: ", ")) (\(count(frozen.parameters(of: twin.architecture))) values)")
    return record
  }

  private static func heads(_ twin: LoadedTwin) -> Table {
    let heads = twin.architecture.heads
    let named = heads.indices.map {
      twin.payload.heads.indices.contains($0) ? twin.payload.heads[$0] : .init(session: nil, cids: nil)
    }
    return Table([
      Column("head", heads.map { Optional($0.index) }),
      Column("session", named.map(\.session)),
      Column("cells", heads.map { Optional($0.cellCount) }),
      Column("cids", named.map { $0.cids.map(ranges) }),
    ])
  }

  /// `0-11, 14` for a list of ids.
  static func ranges(_ cids: [Int]) -> String {
    var parts: [String] = []
    var start = 0
    for index in cids.indices where index + 1 == cids.count || cids[index + 1] != cids[index] &+ 1 {
      parts.append(start == index ? "\(cids[start])" : "\(cids[start])-\(cids[index])")
      start = index + 1
    }
    return parts.count > 8 ? parts.prefix(8).joined(separator: ", ") + ", …" : parts.joined(separator: ", ")
  }

  private static func parameters(_ twin: LoadedTwin) -> Table {
    let list = twin.architecture.parameters
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    return Table([
      Column("name", list.map(\.name)),
      Column("shape", list.map { $0.shape.map(String.init).joined(separator: "x") }),
      Column("frozen", list.map { Optional(frozen.contains($0)) }),
    ])
  }

  /// The tree with its branches drawn; columns: name, shape, values, what it is.
  private static func lines(_ root: ArchitectureNode) -> [String] {
    var rows: [(name: String, shape: String, count: String, detail: String)] = []
    func visit(_ node: ArchitectureNode, _ first: String, _ rest: String) {
      rows.append(
        (
          first + node.name, node.outputShape.map { $0.map(String.init).joined(separator: "x") } ?? "",
          node.parameterCount > 0 ? "\(node.parameterCount)" : "", node.detail
        ))
      for (index, child) in node.children.enumerated() {
        let isLast = index == node.children.count - 1
        visit(child, rest + (isLast ? "└ " : "├ "), rest + (isLast ? "  " : "│ "))
      }
    }
    visit(root, "", "")
    func width(_ value: (Int) -> String) -> Int { rows.indices.map { value($0).count }.max() ?? 0 }
    let name = width { rows[$0].name }
    let shape = width { rows[$0].shape }
    let count = width { rows[$0].count }
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    func padLeft(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return rows.map { row in
      let line = "\(pad(row.name, name))  \(pad(row.shape, shape))  \(padLeft(row.count, count))  \(row.detail)"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private static func parse(_ text: String, call: Call) throws -> [Int] {
    let parts = text.split(separator: "x").map { Int($0) }
    let sizes = parts.compactMap(\.self)
    guard sizes.count == parts.count, sizes.count == 3, sizes.allSatisfy({ (1...4096).contains($0) }) else {
      throw Failure(
        .usage, "`\(text)` is no input size", hint: "write TxHxW, e.g. 25x51x51", span: call.span(of: "input"))
    }
    return [1] + sizes
  }

  /// The adapter's grid, and the fewest lags that give every layer something to work on.
  private static func shortestInput(of twin: LoadedTwin) -> [Int]? {
    let grid = twin.architecture.configuration.at("adapter.params.grid_size")?.intValue ?? 51
    return (1...64).lazy.map { [1, $0, grid, grid] }.first { (try? twin.architecture.tree(input: $0)) != nil }
  }

  /// The input of a recording of one of the twin's sessions.
  private static func inputShape(of twin: LoadedTwin, session: Session) throws -> [Int]? {
    let sessions = twin.payload.heads.map(\.session)
    let recordings = try session.workspace.names(kinds: [.recording])
    let ordered = recordings.filter { item in
      if case .recording(let payload) = item.version.payload { return sessions.contains(payload.session) }
      return false
    }
    for item in ordered {
      guard case .recording(let payload) = item.version.payload, let stimulus = payload.stimuli.first,
        let loaded = try? session.loadStimulus("\(item.name)/\(stimulus.name)"), let lags = loaded.stimulus.lags
      else { continue }
      return [1, lags.count, loaded.stimulus.height, loaded.stimulus.width]
    }
    return nil
  }
}
