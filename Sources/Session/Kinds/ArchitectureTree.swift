import Base
import Twin

/// A twin's layers as text: name, what comes out, values, what it is.
package enum ArchitectureTree {
  package static func section(of twin: LoadedTwin, input: InputSize, depth: Int? = nil) throws -> Report.Section {
    var text = lines(try twin.architecture.tree(input: input.sizes), depth: depth)
    if input.origin == .shortest {
      text.append(
        "the checkpoint does not say its input: shown for the shortest window that works; --input TxHxW sets it")
    }
    return .init("architecture, for input \(input.text) (channel, time, height, width)", .lines(text))
  }

  /// The tree with its branches drawn; what lies deeper than `depth` is only counted.
  private static func lines(_ root: ArchitectureNode, depth: Int? = nil) -> [String] {
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
      let line = "\(pad(row.name, name))  \(pad(row.shape, shape))  \(padLeft(row.count, count))  \(row.detail)"
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// Tensors and values of each part, and how many of the values are trained, fixed and dead.
  package static func parts(of twin: LoadedTwin) -> Table {
    let uses = twin.architecture.tensorUses
    let parts = Part.allCases.filter { part in uses.contains { $0.parameter.part == part } }
    func values(_ part: Part, _ status: TensorUse.Status?) -> Int? {
      uses.reduce(0) { sum, use in
        use.parameter.part == part && (status == nil || use.status == status) ? sum + use.parameter.count : sum
      }
    }
    return Table([
      Column("part", parts.map { Optional($0.rawValue) }),
      Column(
        "heads",
        parts.map { part in
          let heads = Set(uses.compactMap { $0.parameter.part == part ? $0.parameter.head : nil })
          return heads.isEmpty ? nil : heads.count
        }),
      Column("tensors", parts.map { part in Optional(uses.count { $0.parameter.part == part }) }),
      Column("values", parts.map { values($0, nil) }),
      Column("used", parts.map { values($0, .used) }),
      Column("fixed", parts.map { values($0, .fixed) }),
      Column("dead", parts.map { values($0, .dead) }),
    ])
  }
}
