import Base

/// What a trainer saved beside the weights: hyper-parameters and the model's configuration.
struct CheckpointSettings {
  let hyperParameters: ConfigNode
  let configuration: Result<ConfigNode?, Failure>

  /// Entries that hold no settings.
  private static let passedOver = ["optim", "sched", "loops", "callbacks", "rng", "scaler", "averaging_state"]

  /// - Parameter weights: the file's entries that hold weights.
  /// - Throws: `format` where the hyper-parameters nest too deeply, refer to themselves or would grow without bound.
  init(_ archive: TorchArchive, weights: Set<Substring>) throws {
    let root = archive.root
    func node(_ value: PickleValue, _ name: String) throws -> ConfigNode {
      let node = try value.configuration(origin: "\(archive.path): \(name)") { archive.numbers($0) }
      return ConfigReferences.resolved(node)
    }
    var own = try root["hyper_parameters"].map { try node($0, "hyper_parameters") }
    if case .string(let text)? = own { own = ModelConfiguration.parsed(text) ?? own }
    var others: [ConfigNode] = []
    for (key, value) in root.entries ?? [] {
      guard let name = key.stringValue, name != "hyper_parameters", !weights.contains(Substring(name)),
        !Self.passedOver.contains(where: name.lowercased().contains), !StoredWeight.isTensor(value)
      else { continue }
      // Only what has names or text can hold settings; what can't be converted holds none that can be read.
      switch value.content {
      case .dict, .string, .bytes, .object:
        if let found = try? node(value, name) { others.append(.map([.init(name, found)])) }
      default: continue
      }
    }
    hyperParameters = own ?? others.lazy.compactMap { $0["hparams"] }.first ?? .map([])
    configuration = Self.configuration(hyperParameters, others, origin: archive.path)
  }

  static func configuration(_ own: ConfigNode, _ others: [ConfigNode], origin: String) -> Result<ConfigNode?, Failure> {
    do {
      return .success(try ModelConfiguration.find(hyperParameters: own, others: others, origin: origin))
    } catch {
      return .failure(error as? Failure ?? Failure(.format, "\(origin): its configuration can't be read"))
    }
  }
}

extension TorchArchive {
  /// Numbers of settings: a single number, or small arrays as nested lists. Nil for larger arrays.
  func numbers(_ reference: TensorReference) -> ConfigNode? {
    guard reference.shape.count <= 4, reference.info.count <= 65_536 else { return nil }
    let nodes: [ConfigNode]?
    if reference.scalar.isFloatingPoint {
      nodes = (try? doubles(reference))?.map { .double($0) }
    } else if reference.scalar == .bool {
      nodes = (try? integers(reference))?.map { .bool($0 != 0) }
    } else {
      nodes = (try? integers(reference))?.map { .int($0) }
    }
    guard var nodes else { return nil }
    for size in reference.shape.dropFirst().reversed() where size > 0 {
      nodes = stride(from: 0, to: nodes.count, by: size).map { .list(Array(nodes[$0..<min($0 + size, nodes.count)])) }
    }
    return reference.shape.isEmpty ? nodes.first : .list(nodes)
  }
}

extension PickleValue {
  /// A number, also one that is kept as a tensor with one element.
  package func number(in archive: TorchArchive) -> Double? {
    if let doubleValue { return doubleValue }
    guard let reference = tensorReference, reference.info.count == 1 else { return nil }
    return try? archive.doubles(reference).first
  }
}
