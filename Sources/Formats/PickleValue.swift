/// A value that a pickle describes. Classes and functions in it are only names; nothing is called.
public struct PickleValue: Sendable {
  public enum Kind: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    /// Decimal digits of an integer that `Int` can't hold.
    case bigInteger(String)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    case list([PickleValue])
    case tuple([PickleValue])
    case set([PickleValue])
    /// In file order. Where a key is set twice, its last value counts.
    case dict([(key: PickleValue, value: PickleValue)])
    /// A torch tensor or a numeric numpy array.
    case tensor(TensorReference)
    /// A class or function, by name.
    case global(module: String, name: String)
    /// The result of a call that vcsh does not know and does not make.
    case object(module: String, name: String, arguments: [PickleValue], state: PickleValue?)
    /// A bare torch storage.
    case storage(key: String, count: Int)
  }

  package let graph: PickleGraph
  package let node: PickleGraph.Node

  package init(graph: PickleGraph, node: PickleGraph.Node) {
    self.graph = graph
    self.node = node
  }

  package var content: PickleGraph.Content { graph.contents[Int(node)] }

  public var kind: Kind {
    switch content {
    case .null: return .null
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .bigInteger(let digits): return .bigInteger(digits)
    case .double(let value): return .double(value)
    case .string(let value): return .string(value)
    case .bytes(let value): return .bytes(value)
    case .list(let nodes): return .list(values(nodes))
    case .tuple(let nodes): return .tuple(values(nodes))
    case .set(let nodes): return .set(values(nodes))
    case .dict: return .dict(entries ?? [])
    case .tensor(let index): return .tensor(graph.tensors[Int(index)])
    case .global(let index):
      let global = graph.globals[Int(index)]
      return .global(module: global.module, name: global.name)
    case .object(let index): return object(graph.records[Int(index)])
    case .storage(let index):
      let storage = graph.storages[Int(index)]
      if case .entry(let key) = storage.storage { return .storage(key: key, count: storage.count) }
      return .storage(key: "", count: storage.count)
    }
  }

  /// The entries of a dict in file order; nil for anything else.
  public var entries: [(key: PickleValue, value: PickleValue)]? {
    guard case .dict(let nodes) = content else { return nil }
    return stride(from: 0, to: nodes.count - 1, by: 2).map {
      (PickleValue(graph: graph, node: nodes[$0]), PickleValue(graph: graph, node: nodes[$0 + 1]))
    }
  }

  /// The value under a text key of a dict.
  public subscript(key: String) -> PickleValue? {
    guard case .dict(let nodes) = content else { return nil }
    for position in stride(from: nodes.count - 2, through: 0, by: -2) {
      if case .string(key) = graph.contents[Int(nodes[position])] {
        return PickleValue(graph: graph, node: nodes[position + 1])
      }
    }
    return nil
  }

  /// Elements of a list, tuple or set.
  public var items: [PickleValue]? {
    switch content {
    case .list(let nodes), .tuple(let nodes), .set(let nodes): values(nodes)
    default: nil
    }
  }

  public var stringValue: String? { if case .string(let value) = content { value } else { nil } }
  public var intValue: Int? { if case .int(let value) = content { value } else { nil } }
  public var tensorReference: TensorReference? {
    if case .tensor(let index) = content { graph.tensors[Int(index)] } else { nil }
  }

  /// The name of torch's class of a storage, `QInt8Storage`; nil for anything else.
  var storageType: String? {
    if case .storage(let index) = content { graph.storages[Int(index)].typeName } else { nil }
  }

  public var doubleValue: Double? {
    switch content {
    case .double(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }

  /// The word for messages: "a dict", "an object of module.name".
  public var kindName: String {
    switch kind {
    case .null: "None"
    case .bool: "a truth value"
    case .int, .bigInteger: "an integer"
    case .double: "a number"
    case .string: "text"
    case .bytes: "bytes"
    case .list: "a list"
    case .tuple: "a tuple"
    case .set: "a set"
    case .dict: "a dict"
    case .tensor: "a tensor"
    case .global(let module, let name): "the class or function \(module).\(name)"
    case .object(let module, let name, _, _): "an object of \(module).\(name)"
    case .storage: "a storage"
    }
  }

  private func values(_ nodes: [PickleGraph.Node]) -> [PickleValue] {
    nodes.map { PickleValue(graph: graph, node: $0) }
  }

  private func object(_ record: PickleGraph.Record) -> Kind {
    var arguments: [PickleValue] = []
    if case .tuple(let nodes) = graph.contents[Int(record.arguments)] { arguments = values(nodes) }
    arguments += values(record.items)
    let state = record.state.map { PickleValue(graph: graph, node: $0) }
    // The callable may itself be an object (a bound method, a nested class): then the name of its own callable is
    // shown.
    var callable = record.callable
    for _ in 0..<16 {
      switch graph.contents[Int(callable)] {
      case .global(let index):
        let global = graph.globals[Int(index)]
        return .object(module: global.module, name: global.name, arguments: arguments, state: state)
      case .object(let index): callable = graph.records[Int(index)].callable
      default: return .object(module: "", name: "?", arguments: arguments, state: state)
      }
    }
    return .object(module: "", name: "?", arguments: arguments, state: state)
  }
}
