import Base
import Formats
import Kernels

/// Name and shape of a tensor that a layer uses.
package struct StoredTensor: Sendable, Equatable {
  package var name: String
  package var shape: [Int]
  /// Statistics, filters and other values that training does not move by gradient.
  package var isBuffer = false
  /// Why nothing depends on its values; nil where something does.
  package var dead: String?
  /// Why no gradient reaches it in training although outputs depend on it.
  package var fixed: String?
  /// Taps of each of its kernels that can't act.
  package var silentTaps: SilentTaps?
  /// The window over its kernels, along each of their axes; nil where there is none.
  package var window: [[Float]]?
  /// Name of its gradient, where training knows it by another name than evaluation.
  package var gradientName: String?

  package init(
    name: String, shape: [Int], isBuffer: Bool = false, dead: String? = nil, fixed: String? = nil,
    silentTaps: SilentTaps? = nil, gradientName: String? = nil
  ) {
    self.name = name
    self.shape = shape
    self.isBuffer = isBuffer
    self.dead = dead
    self.fixed = fixed
    self.silentTaps = silentTaps
    self.gradientName = gradientName
  }

  package var count: Int { shape.reduce(1, *) }
}

/// Taps of a kernel that never change an output.
public struct SilentTaps: Sendable, Equatable {
  public var count: Int
  /// Taps a kernel has.
  public var of: Int
  public var why: String

  public init(count: Int, of: Int, why: String) {
    self.count = count
    self.of = of
    self.why = why
  }
}

/// A tensor of the checkpoint as a layer sees it; without values while only the architecture is built.
package struct Parameter: Sendable {
  package var stored: StoredTensor
  package var values: [Float]

  package var shape: [Int] { stored.shape }
}

/// The tensors under one prefix of a checkpoint.
package struct Weights: Sendable {
  package let source: any ArraySource
  package private(set) var prefix: String
  package let purpose: Purpose
  /// Where convolutions run.
  package var backend: any Backend = Backends.standard
  /// Cells of the head that is being built, where its tensors are not there yet.
  package var cellCount: Int?
  /// Other names under which tensors of this prefix are stored.
  package var storedNames: [String: String] = [:]

  /// What layers are built for.
  package enum Purpose: Sendable {
    /// Names and shapes alone; no value is read.
    case shapes
    /// Predictions.
    case inference
    /// Gradients: what effective weights are made of is kept beside them.
    case training
  }

  /// The tensors of a checkpoint whose names begin with `prefix`.
  package init(
    source: any ArraySource, prefix: String = "", purpose: Purpose, backend: any Backend = Backends.standard
  ) {
    self.source = source
    self.prefix = prefix
    self.purpose = purpose
    self.backend = backend
  }

  /// Whether values are read.
  package var loads: Bool { purpose != .shapes }

  package func scope(_ name: String) -> Weights {
    var part = self
    part.prefix = full(name)
    part.storedNames = [:]
    return part
  }

  package func full(_ name: String) -> String {
    let name = storedNames[name] ?? name
    return prefix.isEmpty ? name : name.isEmpty ? prefix : prefix + "." + name
  }

  /// Whether the checkpoint has a tensor; a twin that is not trained yet has all that the configuration allows.
  package func has(_ name: String) -> Bool {
    (source as? Blueprint)?.has(full(name)) ?? (source.info(full(name)) != nil)
  }

  /// Names a tensor of a twin that is not trained yet, beside those that layers read.
  package func declare(_ name: String, _ shape: [Int], start: Start) throws {
    try (source as? Blueprint)?.declare(full(name), shape, start, isCounter: false)
  }

  /// Stored shape of a tensor, nil where there is none.
  package func shape(_ name: String) -> [Int]? { source.info(full(name))?.shape }

  /// One value a channel: `[channel]`, or with axes of length 1 around it. Where both are new, as `isBroad` says.
  package func channelParameter(_ name: String, _ channels: Int, start: Start, isBroad: Bool = false) throws
    -> Parameter
  {
    let (flat, broad) = ([channels], [1, channels, 1, 1, 1])
    let (preferred, other) = isBroad ? (broad, flat) : (flat, broad)
    return try parameter(name, shape(name) == other ? other : preferred, start: start)
  }

  /// How to have a weight that torch stored in parts; nil where there are none.
  private static func reparametrised(_ name: String, in source: any ArraySource) -> String? {
    let (owner, own) =
      name.lastIndex(of: ".").map { dot in
        (String(name[...dot]), String(name[name.index(after: dot)...]))
      } ?? ("", name)
    func has(_ names: String...) -> Bool { names.allSatisfy { source.info(owner + $0) != nil } }
    let remedy: String
    if has(own + "_g", own + "_v") {
      remedy = "`torch.nn.utils.remove_weight_norm(layer)`"
    } else if has(own + "_orig", own + "_mask") {
      remedy = "`torch.nn.utils.prune.remove(layer, \"\(own)\")`"
    } else if has("parametrizations.\(own).original") || has("parametrizations.\(own).original0") {
      remedy = "`torch.nn.utils.parametrize.remove_parametrizations(layer, \"\(own)\")`"
    } else {
      return nil
    }
    return "torch stored it in parts; in Python, before saving: \(remedy)"
  }

  /// A tensor that the configuration asks for; nil in `shape` accepts any size.
  ///
  /// - Parameters:
  ///   - start: its values in a twin that is not trained yet.
  ///   - isCounter: it counts: an integer in the checkpoint.
  /// - Throws: `missing` where the checkpoint has none, `mismatch` for another shape.
  package func parameter(
    _ name: String, _ shape: [Int?], start: Start, isBuffer: Bool = false, isRead: Bool = true, isCounter: Bool = false
  ) throws -> Parameter {
    let full = full(name)
    if let blueprint = source as? Blueprint {
      let sizes = shape.compactMap { $0 ?? cellCount }
      precondition(sizes.count == shape.count, "\(full): only a head's cells have no size in the configuration")
      try blueprint.declare(full, sizes, start, isCounter: isCounter)
      return Parameter(stored: StoredTensor(name: full, shape: sizes, isBuffer: isBuffer), values: [])
    }
    guard let info = source.info(full) else {
      throw source.obstacle(full)
        ?? Failure(
          .missing, "\(source.origin): no tensor `\(full)`, which the configuration asks for",
          hint: Self.reparametrised(full, in: source) ?? Suggestion.hint(for: full, among: source.arrayNames))
    }
    guard info.shape.count == shape.count, zip(info.shape, shape).allSatisfy({ $1 == nil || $0 == $1 }) else {
      let wanted = "[" + shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ") + "]"
      throw Failure(.mismatch, "\(source.origin): `\(full)` is \(info.shape), the configuration asks for \(wanted)")
    }
    let values = loads && isRead ? try source.tensor(full).values : []
    if loads, isRead, values.count != info.count {
      throw Failure(.format, "\(source.origin): `\(full)` has \(values.count) values for shape \(info.shape)")
    }
    return Parameter(stored: StoredTensor(name: full, shape: info.shape, isBuffer: isBuffer), values: values)
  }
}
