import Base
import Layers
import Twin

/// A twin's layers as text: name, shape of the output, number of values, kind of layer.
package enum ArchitectureTree {
  /// The tree with its branches drawn; layers deeper than `depth` are counted, not shown.
  package static func lines(_ root: ArchitectureNode, depth: Int? = nil) -> [String] {
    var rows: [(name: String, shape: String, count: String, detail: String)] = []
    func visit(_ node: ArchitectureNode, _ first: String, _ rest: String, _ level: Int) {
      let isCut = depth.map { level >= $0 } ?? false && !node.children.isEmpty
      rows.append(
        (
          first + node.name, node.outputShape.map { $0.map(String.init).joined(separator: "x") } ?? "",
          node.parameterCount > 0 ? "\(node.parameterCount)" : "",
          node.detail + (isCut ? " (\(node.children.count) more below)" : "")
        ))
      if isCut { return }
      for (index, child) in node.children.enumerated() {
        let isLast = index == node.children.count - 1
        visit(child, rest + (isLast ? "└ " : "├ "), rest + (isLast ? "  " : "│ "), level + 1)
      }
    }
    visit(root, "", "", 0)
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
      var line = "\(pad(row.name, name))  \(pad(row.shape, shape))  \(padLeft(row.count, count))  \(row.detail)"
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      return line
    }
  }

  /// A part of a twin, and the uses of its tensors.
  private struct PartRow {
    var part: Part
    var uses: [TensorUse]

    func values(_ status: TensorUse.Status? = nil) -> Int {
      uses.reduce(0) { status == nil || $1.status == status ? $0 + $1.parameter.count : $0 }
    }
  }

  private static let partColumns = TableShape<PartRow>([
    .string("part") { $0.part.rawValue },
    .int("heads") { row in
      let heads = Set(row.uses.compactMap(\.parameter.head))
      return heads.isEmpty ? nil : heads.count
    },
    .int("tensors") { $0.uses.count },
    .int("values") { $0.values() },
    .int("used") { $0.values(.used) },
    .int("fixed") { $0.values(.fixed) },
    .int("dead") { $0.values(.dead) },
  ])

  /// Tensors and values of each part, and how many of the values are used, fixed and dead.
  package static func parts(of architecture: TwinArchitecture) -> Table {
    let uses = Dictionary(grouping: architecture.tensorUses, by: \.parameter.part)
    return partColumns.table(Part.allCases.compactMap { part in uses[part].map { PartRow(part: part, uses: $0) } })
  }
}
