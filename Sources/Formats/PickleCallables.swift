import Base

/// Classes and functions whose calls are understood as values.
enum PickleCallables {
  /// Classes whose instances are dicts with items.
  static let dictLike: Set<String> = ["OrderedDict", "defaultdict", "Counter", "AttributeDict"]
  /// Classes whose attributes are their content.
  static let namespaces: Set<String> = ["Namespace", "SimpleNamespace"]
  static let paths: Set<String> = ["PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath", "Path", "PurePath"]
}

extension PickleBuilder {
  /// The value that a call of `callable` would give in Python. Nil where vcsh does not know the callable.
  mutating func understood(_ callable: PickleGraph.Global, _ arguments: [Node]) throws -> Node? {
    let module = callable.module
    let name = callable.name
    switch module {
    case "collections": return try collection(name, arguments)
    case "builtins", "__builtin__": return try builtin(name, arguments)
    case "argparse" where PickleCallables.namespaces.contains(name),
      "types" where PickleCallables.namespaces.contains(name):
      return try namespace()
    case "copyreg", "copy_reg":
      guard name == "_reconstructor", let first = arguments.first, case .global(let index) = contents[Int(first)] else {
        return nil
      }
      let made = globals[Int(index)].name
      if PickleCallables.namespaces.contains(made) { return try namespace() }
      return PickleCallables.dictLike.contains(made) ? try reconstructedDict(arguments) : nil
    case "_codecs": return name == "encode" ? try encoded(arguments) : nil
    case "pathlib", "pathlib._local":
      return PickleCallables.paths.contains(name) ? try path(arguments, isWindows: name.contains("Windows")) : nil
    case "torch":
      if name == "Size" { return try copy(arguments.first) { .tuple($0) } }
      return name == "device" ? try device(arguments) : nil
    case "torch.serialization":
      guard name == "_get_layout", let first = arguments.first, case .string = contents[Int(first)] else { return nil }
      return first
    case "torch._utils", "torch._tensor", "torch.tensor", "torch.nn.parameter":
      return try tensor(name, arguments)
    case "torch.storage":
      return name == "_load_from_bytes" ? try embeddedStorage(arguments) : nil
    case "numpy.core.multiarray", "numpy._core.multiarray":
      return name == "scalar" ? try numpyScalar(arguments) : nil
    case "numpy.core.numeric", "numpy._core.numeric":
      guard name == "_frombuffer" else { return nil }
      guard let array = try numpyBuffer(arguments) else { return try numpyTextBuffer(arguments).map { try add($0) } }
      try spend(Cost.tensor)
      tensors.append(array)
      return try add(.tensor(Int32(tensors.count - 1)))
    default: return PickleCallables.dictLike.contains(name) && arguments.isEmpty ? try add(.dict([])) : nil
    }
  }

  private mutating func namespace() throws -> Node {
    let node = try add(.dict([]))
    namespaces.insert(node)
    return node
  }

  private mutating func collection(_ name: String, _ arguments: [Node]) throws -> Node? {
    switch name {
    case "OrderedDict", "Counter":
      guard let first = arguments.first else { return try add(.dict([])) }
      if case .dict(let entries) = contents[Int(first)] { return try add(.dict(entries)) }
      return try pairs(first)
    case "defaultdict": return try add(.dict([]))
    case "deque": return try copy(arguments.first) { .list($0) } ?? add(.list([]))
    default: return nil
    }
  }

  /// A dict from a list of two-element lists, as protocols 0 and 1 write an OrderedDict.
  private mutating func pairs(_ node: Node) throws -> Node? {
    guard case .list(let items) = contents[Int(node)] else { return nil }
    var entries: [Node] = []
    for item in items {
      switch contents[Int(item)] {
      case .list(let pair) where pair.count == 2, .tuple(let pair) where pair.count == 2: entries += pair
      default: return nil
      }
    }
    return try add(.dict(entries))
  }

  /// `_reconstructor(class, dict, state)`: the state is the dict.
  private mutating func reconstructedDict(_ arguments: [Node]) throws -> Node {
    if arguments.count == 3, case .dict(let entries) = contents[Int(arguments[2])] { return try add(.dict(entries)) }
    return try add(.dict([]))
  }

  private mutating func builtin(_ name: String, _ arguments: [Node]) throws -> Node? {
    switch name {
    case "set", "frozenset": return try copy(arguments.first) { .set($0) } ?? (arguments.isEmpty ? add(.set([])) : nil)
    case "list": return try copy(arguments.first) { .list($0) } ?? (arguments.isEmpty ? add(.list([])) : nil)
    case "tuple": return try copy(arguments.first) { .tuple($0) }
    case "dict": return arguments.isEmpty ? try add(.dict([])) : nil
    case "bytes", "bytearray":
      guard let first = arguments.first else { return try add(.bytes([])) }
      if case .bytes(let bytes) = contents[Int(first)] { return try add(.bytes(bytes)) }
      return try encoded(arguments)
    default: return nil
    }
  }

  /// A new collection of the same elements.
  private mutating func copy(_ node: Node?, as kind: ([Node]) -> Content) throws -> Node? {
    guard let node else { return nil }
    switch contents[Int(node)] {
    case .list(let items), .tuple(let items), .set(let items): return try add(kind(items))
    default: return nil
    }
  }

  /// Bytes that protocols below 3 write as text of code points 0 to 255.
  private mutating func encoded(_ arguments: [Node]) throws -> Node? {
    guard arguments.count == 2, case .string(let text) = contents[Int(arguments[0])],
      case .string(let encoding) = contents[Int(arguments[1])]
    else { return nil }
    guard ["latin1", "latin-1", "iso-8859-1"].contains(encoding) else { return nil }
    try spend(text.utf8.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return try add(.bytes(bytes))
  }

  private mutating func path(_ arguments: [Node], isWindows: Bool) throws -> Node? {
    let separator = isWindows ? "\\" : "/"
    var path = ""
    for argument in arguments {
      guard case .string(let part) = contents[Int(argument)] else { return nil }
      try spend(part.utf8.count)
      if !path.isEmpty, !path.hasSuffix(separator) { path += separator }
      path += part
    }
    return try add(.string(path.isEmpty ? "." : path))
  }

  private mutating func device(_ arguments: [Node]) throws -> Node? {
    guard let first = arguments.first, case .string(let kind) = contents[Int(first)] else { return nil }
    if arguments.count > 1, case .int(let index) = contents[Int(arguments[1])] {
      return try add(.string("\(kind):\(index)"))
    }
    return first
  }
}
