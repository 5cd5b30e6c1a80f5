import Base

/// Every layer that a configuration can name: one line each.
package enum AllLayers {
  /// Names of the registered types, to be compared with the folder.
  package static var registered: [String] {
    let layers: [Any.Type] =
      adapters + frontends + networks + norms + activations + pools + modulators + recurrents + readouts
    return layers.map { String(describing: $0) }.sorted()
  }

  static let adapters: [any NamedLayer.Type] = [AffineAdapter.self]

  static let frontends: [any NamedLayer.Type] = [
    ConvolutionalFrontend.self,
    DynamicAdaptation.self,
    LearnableTemporal.self,
    TemporalBasis.self,
  ]

  static let networks: [any NamedLayer.Type] = [ConvolutionalNetwork.self]

  static let norms: [any NamedLayer.Type] = [
    BatchNorm.self,
    GlobalResponseNorm.self,
    GroupNorm.self,
    LayerNorm.self,
    RMSNorm.self,
  ]

  static let activations: [any NamedLayer.Type] = [
    BoundedSoftplus.self,
    ParametricReLU.self,
    PointwiseActivation.self,
    SplitReLU.self,
  ]

  static let pools: [any NamedLayer.Type] = [
    AdaptivePool.self,
    LocalAttention.self,
    SqueezePool.self,
    WindowPool.self,
  ]

  static let modulators: [any Modulator.Type] = [
    ConcatModulator.self,
    ConvGRUModulator.self,
    FiLMModulator.self,
  ]

  static let recurrents: [any NamedLayer.Type] = [ConvGRU.self]

  static let readouts: [any Readout.Type] = [
    GaussianReadout.self,
    LinearReadout.self,
  ]

  /// The places in which a configuration names a layer.
  enum Family: String {
    case adapter, frontend, network, norm, activation, pool, recurrent

    var layers: [any NamedLayer.Type] {
      switch self {
      case .adapter: adapters
      case .frontend: frontends
      case .network: networks
      case .norm: norms
      case .activation: activations
      case .pool: pools
      case .recurrent: recurrents
      }
    }

    /// Known types that no usable checkpoint can hold, and why.
    var unusable: [String: String] {
      switch self {
      case .pool: ["learned": "VisionCore can't build it"]
      case .activation: ["square": "VisionCore can't build it", "prelu": "VisionCore can't build it; `PReLU` it can"]
      case .recurrent:
        [
          "gru": "VisionCore creates its weights too late to save them",
          "lstm": "VisionCore creates its weights too late to save them",
        ]
      default: [:]
      }
    }
  }

  /// The layer that `site.type` names; `path` is where the configuration does.
  ///
  /// - Throws: `unsupported` naming the path and the type where no layer has that name.
  static func build(_ family: Family, _ site: inout Site, named path: String) throws -> any Layer {
    let type = site.type
    // VisionCore reads its own names in any case; classes of torch.nn have capitals and go by their exact name.
    let found =
      family.layers.first { $0.typeNames.contains(type) }
      ?? family.layers.first { $0.typeNames.contains(type.lowercased()) }
    guard let layer = found else {
      throw unknown(family.rawValue, type, path, family.layers.flatMap { $0.typeNames }, family.unusable[type])
    }
    if !layer.typeNames.contains(type) { site.type = type.lowercased() }
    return try layer.init(&site)
  }

  /// As `build`, for layers that also take single samples: norms and activations.
  static func sampleLayer(_ family: Family, _ site: inout Site, named path: String) throws -> any SampleLayer {
    guard let layer = try build(family, &site, named: path) as? any SampleLayer else {
      throw Failure(.unsupported, "\(path): `\(site.type)` does not work here")
    }
    return layer
  }

  static func modulator(_ site: inout Site, named path: String) throws -> any Modulator {
    let type = site.type
    guard let layer = modulators.first(where: { $0.typeNames.contains(type) }) else {
      let why = ["stn", "pc", "polar"].contains(type) ? "it does not exist in VisionCore's code" : nil
      throw unknown("modulator", type, path, modulators.flatMap { $0.typeNames }, why)
    }
    return try layer.init(&site)
  }

  static func readout(_ site: inout Site, named path: String) throws -> any Readout {
    let type = site.type
    guard let layer = readouts.first(where: { $0.typeNames.contains(type) }) else {
      throw unknown("readout", type, path, readouts.flatMap { $0.typeNames }, nil)
    }
    return try layer.init(&site)
  }

  private static func unknown(_ kind: String, _ type: String, _ path: String, _ known: [String], _ why: String?)
    -> Failure
  {
    Failure(
      .unsupported, "\(path): \(why == nil ? "unknown" : "unsupported") \(kind) `\(type)`",
      hint: why ?? Suggestion.hint(for: type, among: known) ?? "known: \((["none"] + known).joined(separator: ", "))")
  }
}
