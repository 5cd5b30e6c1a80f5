import Base
import Formats

/// Lists the values of a pickle with their places: a walk over its flat list of nodes, without recursion.
struct PickleInspection {
  typealias Node = PickleGraph.Node

  private let graph: PickleGraph
  /// Containers that were listed, with their first place.
  private var places: [Node: String] = [:]
  private var listedTensors: Set<Int32> = []

  /// Deeper values are listed without their place.
  private static let depthLimit = 32
  /// Pickles within values of pickles.
  private static let nestingLimit = 4
  /// Bytes of values that are read again as pickles.
  private static let nestedByteLimit = 64 << 20

  /// The parts of a container, without a copy of them: a list may hold millions.
  private struct Parts {
    var nodes: [Node]
    /// Whether `nodes` are keys and values in turn.
    var isPairs = false
    /// Before the number of a part that has no key.
    var word = ""

    var count: Int { isPairs ? nodes.count / 2 : nodes.count }
    func node(_ index: Int) -> Node { isPairs ? nodes[2 * index + 1] : nodes[index] }
  }

  private struct Frame {
    let path: String
    let parts: [Parts]
    var part = 0
    var next = 0
  }

  private init(_ graph: PickleGraph) { self.graph = graph }

  /// All pickles of a file or an entry.
  ///
  /// - Parameter isRoot: whether the values are those of the file itself; of other pickles only the callables are listed.
  static func read(_ pickles: [PickleValue], isRoot: (Int) -> Bool, into listing: inout Listing) {
    for (position, pickle) in pickles.enumerated() {
      callables(pickle.graph, into: &listing)
      guard isRoot(position) else { continue }
      var inspection = PickleInspection(pickle.graph)
      inspection.walk(from: pickle.node, into: &listing)
      inspection.remainingTensors(into: &listing)
    }
    nested(pickles, into: &listing)
  }

  // MARK: Callables

  private static func callables(_ graph: PickleGraph, into listing: inout Listing) {
    for (global, calls) in zip(graph.globals, graph.calls) {
      // Not a name in the file: what the reader makes of a persistent id that is none of torch's.
      if global.module == "pickle", global.name == "persistent_load" {
        listing.note("the pickle holds persistent ids that torch does not write", .unknownRecords)
        continue
      }
      listing.callable(global.module, global.name, calls: calls)
    }
    if graph.callsResults {
      listing.note("the pickle calls the result of a call: the file does not name what Python would run", .executesCode)
    }
  }

  /// The callables of pickles that lie as bytes in other pickles.
  private static func nested(_ pickles: [PickleValue], into listing: inout Listing) {
    var open = pickles.map { (graph: $0.graph, depth: 0) }
    var budget = nestedByteLimit
    var seen: Set<[UInt8]> = []
    while let (graph, depth) = open.popLast() {
      for content in graph.contents {
        guard case .bytes(let bytes) = content, bytes.count > 2 else { continue }
        // Repeated bytes are one value for every place that refers to them.
        guard bytes.count > 4096 || seen.insert(bytes).inserted else { continue }
        budget -= bytes.count
        guard budget >= 0 else {
          listing.note("more than \(nestedByteLimit) bytes of values were not searched for pickles", .unknownRecords)
          return
        }
        let found = PickleSequence.embedded(bytes)
        if found.isEmpty { continue }
        guard depth < nestingLimit else {
          listing.note("pickles lie more than \(nestingLimit) deep within pickles: not read further", .executesCode)
          continue
        }
        for pickle in found {
          callables(pickle.graph, into: &listing)
          open.append((pickle.graph, depth + 1))
        }
      }
    }
  }

  // MARK: Values

  private mutating func walk(from root: Node, into listing: inout Listing) {
    var stack: [Frame] = []
    visit(root, "", depth: 0, &stack, &listing)
    while var frame = stack.popLast() {
      guard frame.part < frame.parts.count else { continue }
      let parts = frame.parts[frame.part]
      let index = frame.next
      guard index < parts.count else {
        frame.part += 1
        frame.next = 0
        stack.append(frame)
        continue
      }
      frame.next += 1
      stack.append(frame)
      let name = parts.isPairs ? key(parts.nodes[2 * index]) : "\(parts.word)[\(index)]"
      let path = frame.path.isEmpty || name.hasPrefix("[") ? frame.path + name : "\(frame.path).\(name)"
      visit(parts.node(index), path, depth: stack.count, &stack, &listing)
    }
  }

  private mutating func visit(
    _ node: Node, _ path: String, depth: Int, _ stack: inout [Frame], _ listing: inout Listing
  ) {
    let content = graph.contents[Int(node)]
    if case .tensor(let index) = content {
      tensor(index, path, into: &listing)
      return
    }
    guard let parts = parts(of: content) else {
      listing.add(scalar(content, path))
      return
    }
    if let place = places[node] {
      listing.add(
        InspectedPart(kind: .setting, name: path, type: typeName(content), detail: "the same value as \(placed(place))")
      )
      return
    }
    places[node] = path
    if case .object(let index) = content {
      listing.add(
        InspectedPart(
          kind: .object, name: path, type: callableName(graph.records[Int(index)]), detail: "kept as a record"))
    } else if let line = line(content) {
      listing.add(InspectedPart(kind: .setting, name: path, type: typeName(content), detail: line))
      return
    }
    guard depth < Self.depthLimit else {
      listing.add(
        InspectedPart(
          kind: .setting, name: path, type: typeName(content),
          detail: "nests deeper than \(Self.depthLimit): not listed"))
      return
    }
    stack.append(Frame(path: path, parts: parts))
  }

  private func placed(_ place: String) -> String { place.isEmpty ? "the whole" : "`\(place)`" }

  /// Nil for what has no parts.
  private func parts(of content: PickleGraph.Content) -> [Parts]? {
    switch content {
    case .list(let nodes), .tuple(let nodes), .set(let nodes): return [Parts(nodes: nodes)]
    case .dict(let nodes): return [Parts(nodes: nodes, isPairs: true)]
    case .object(let index):
      let record = graph.records[Int(index)]
      var parts: [Parts] = []
      if case .tuple(let arguments) = graph.contents[Int(record.arguments)] { parts.append(Parts(nodes: arguments)) }
      if let state = record.state {
        if case .dict(let nodes) = graph.contents[Int(state)] {
          parts.append(Parts(nodes: nodes, isPairs: true))
        } else {
          parts.append(Parts(nodes: [state], word: "state"))
        }
      }
      return parts + [Parts(nodes: record.items, isPairs: record.isMapping, word: "item")]
    default: return nil
    }
  }

  private func key(_ node: Node) -> String {
    switch graph.contents[Int(node)] {
    case .string(let text): text.shortened
    case .int(let number): String(number)
    case .tuple(let nodes): "(" + nodes.prefix(8).map { text($0) }.joined(separator: ", ") + ")"
    default: text(node)
    }
  }

  private mutating func tensor(_ index: Int32, _ path: String, into listing: inout Listing) {
    let reference = graph.tensors[Int(index)]
    listedTensors.insert(index)
    var detail: String?
    if case .entry(let key) = reference.storage { detail = "storage \(key.shortened)" }
    listing.add(
      InspectedPart(
        kind: .tensor, name: path, type: reference.scalar.rawValue, shape: reference.shape,
        byteCount: reference.info.count * reference.scalar.byteCount, detail: detail))
  }

  /// Tensors that no listed value leads to: too deep, or made and thrown away.
  private mutating func remainingTensors(into listing: inout Listing) {
    for index in graph.tensors.indices where !listedTensors.contains(Int32(index)) {
      tensor(Int32(index), "tensor \(index)", into: &listing)
    }
  }

  private func scalar(_ content: PickleGraph.Content, _ path: String) -> InspectedPart {
    switch content {
    case .storage(let index):
      let storage = graph.storages[Int(index)]
      return InspectedPart(
        kind: .tensor, name: path, type: storage.scalar?.rawValue ?? storage.typeName, shape: [storage.count],
        byteCount: storage.elementSize.map { storage.count.multipliedReportingOverflow(by: $0).partialValue },
        detail: "a storage of its own")
    case .global(let index):
      return InspectedPart(
        kind: .object, name: path, type: graph.globals[Int(index)].text.shortened,
        detail: "a class or function, by name")
    case .bytes(let bytes):
      return InspectedPart(kind: .setting, name: path, type: "bytes", byteCount: bytes.count)
    default: return InspectedPart(kind: .setting, name: path, type: typeName(content), detail: text(content))
    }
  }

  // MARK: Words

  private func isScalar(_ node: Node) -> Bool {
    switch graph.contents[Int(node)] {
    case .null, .bool, .int, .bigInteger, .double, .string: true
    default: false
    }
  }

  /// A collection of plain values as one line: all of a short one, the ends of a long one. Nil for any other.
  private func line(_ content: PickleGraph.Content) -> String? {
    switch content {
    case .dict(let nodes): return nodes.isEmpty ? "empty" : nil
    case .list(let nodes), .tuple(let nodes), .set(let nodes):
      guard let first = nodes.first, let last = nodes.last else { return "empty" }
      guard nodes.allSatisfy(isScalar) else { return nil }
      if nodes.count > 16 { return "\(nodes.count) values, \(text(first)) to \(text(last))" }
      return "[" + nodes.map { text($0) }.joined(separator: ", ") + "]"
    default: return nil
    }
  }

  private func text(_ node: Node) -> String { text(graph.contents[Int(node)]) }

  private func text(_ content: PickleGraph.Content) -> String {
    switch content {
    case .null: "None"
    case .bool(let value): value ? "True" : "False"
    case .int(let value): String(value)
    case .bigInteger(let digits): digits.shortened
    case .double(let value): NumberText.exact(value)
    case .string(let value): value.shortened
    default: typeName(content)
    }
  }

  private func typeName(_ content: PickleGraph.Content) -> String {
    switch content {
    case .null: "None"
    case .bool: "bool"
    case .int, .bigInteger: "int"
    case .double: "float"
    case .string: "text"
    case .bytes: "bytes"
    case .list: "list"
    case .tuple: "tuple"
    case .set: "set"
    case .dict: "dict"
    case .global: "class or function"
    case .object: "object"
    case .tensor: "tensor"
    case .storage: "storage"
    }
  }

  private func callableName(_ record: PickleGraph.Record) -> String {
    if case .global(let index) = graph.contents[Int(record.callable)] {
      return graph.globals[Int(index)].text.shortened
    }
    return "the result of a call"
  }
}
