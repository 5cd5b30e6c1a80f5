import Base
import Formats
import Layers
import Twin

/// Options in which the configurations of two twins differ.
package struct ConfigurationComparison {
  package struct Row: Equatable, Sendable {
    package var part: String
    package var path: String
    /// Nil where the configuration does not have the option.
    package var a: String?
    package var b: String?
  }

  package let rows: [Row]

  package init(_ a: TwinArchitecture, _ b: TwinArchitecture) {
    self.init(Self.leaves(of: a), Self.leaves(of: b))
  }

  private init(_ a: [(path: String, text: String)], _ b: [(path: String, text: String)]) {
    let left = Dictionary(a.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
    let right = Dictionary(b.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
    let paths = a.map(\.path) + b.map(\.path).filter { left[$0] == nil }
    rows = paths.filter { left[$0] != right[$0] }.map {
      Row(part: Self.part($0), path: $0, a: left[$0], b: right[$0])
    }
  }

  package static let columns = TableShape<Row>([
    .string("part", "Part of the twin, `heads`, or `training`") { $0.part },
    .string("path", "Path of the option in the configuration") { $0.path },
    .string("a", "Its value in the first twin; null where it is not written") { $0.a },
    .string("b", "Its value in the second twin; null where it is not written") { $0.b },
  ])

  package var table: Table { Self.columns.table(rows, note: rows.isEmpty ? "the configurations agree" : nil) }

  /// The checkpoint's configuration, and each head's cells and options.
  private static func leaves(of architecture: TwinArchitecture) -> [(path: String, text: String)] {
    var found: [(path: String, text: String)] = []
    add(architecture.configuration, "", &found)
    for head in architecture.heads {
      let path = "heads.\(head.session ?? "\(head.index)")"
      found.append(("\(path).cells", "\(head.cellCount)"))
      if let cids = head.cids { found.append(("\(path).cids", cids.map(String.init).joined(separator: ", "))) }
      if architecture.headConfigurations.indices.contains(head.index) {
        let own = architecture.headConfigurations[head.index]
        if let adapter = own.adapter { add(adapter, "\(path).adapter", &found) }
        if let readout = own.readout { add(readout, "\(path).readout", &found) }
      }
    }
    return found
  }

  private static func add(_ node: ConfigNode, _ path: String, _ found: inout [(path: String, text: String)]) {
    func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    switch node {
    case .map(let entries) where !entries.isEmpty:
      for entry in entries { add(entry.value, below(entry.key), &found) }
    case .list(let items) where items.contains { $0.mapValue != nil }:
      for (index, item) in items.enumerated() { add(item, below("\(index)"), &found) }
    default: found.append((path, text(node)))
    }
  }

  private static func text(_ node: ConfigNode) -> String {
    switch node {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .string(let value): value
    case .list(let items): "[" + items.map(text).joined(separator: ", ") + "]"
    case .map(let entries): "{" + entries.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
    }
  }

  private static func part(_ path: String) -> String {
    switch path.prefix(while: { $0 != "." }) {
    case "history_encoder": Part.history.rawValue
    case "output_activation", "output_calibration": Part.readout.rawValue
    case "heads": "heads"
    case "regularization", "loss_type", "loss", "optimizer", "scheduler", "training", "lambda_activity", "seed":
      "training"
    case let first: Part(rawValue: String(first))?.rawValue ?? Part.other.rawValue
    }
  }
}
