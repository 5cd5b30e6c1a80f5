import Base

/// Every layer that a configuration can name: one line each.
package enum AllLayers {
  /// Names of the registered types, to be compared with the folder.
  package static var registered: [String] {
    let layers: [Any.Type] =
      adapters + frontends + networks + norms + activations + pools + modulators + recurrents + readouts
    return layers.map { String(describing: $0) }.sorted()
  }

  package static let adapters: [any NamedLayer.Type] = [AffineAdapter.self]

  package static let frontends: [any NamedLayer.Type] = [
    ConvolutionalFrontend.self,
    DynamicAdaptation.self,
    LearnableTemporal.self,
    TemporalBasis.self,
  ]

  package static let networks: [any NamedLayer.Type] = [ConvolutionalNetwork.self]

  package static let norms: [any NamedLayer.Type] = [
    BatchNorm.self,
    GlobalResponseNorm.self,
    GroupNorm.self,
    HybridNorm.self,
    LayerNorm.self,
    LocalResponseNorm.self,
    MixtureNorm.self,
    RMSNorm.self,
    StimulusConditionedNorm.self,
    TemporalContextNorm.self,
  ]

  package static let activations: [any NamedLayer.Type] = [
    BoundedSoftplus.self,
    ParametricReLU.self,
    PointwiseActivation.self,
    SplitReLU.self,
  ]

  package static let pools: [any NamedLayer.Type] = [
    AdaptivePool.self,
    LocalAttention.self,
    SqueezePool.self,
    WindowPool.self,
  ]

  package static let modulators: [any Modulator.Type] = [
    ConcatModulator.self,
    ConvGRUModulator.self,
    FiLMModulator.self,
  ]

  package static let recurrents: [any NamedLayer.Type] = [ConvGRU.self]

  package static let readouts: [any Readout.Type] = [
    GaussianReadout.self,
    LinearReadout.self,
  ]

  private static func layers(_ family: LayerFamily) -> [any NamedLayer.Type] {
    switch family {
    case .adapter: adapters
    case .frontend: frontends
    case .network: networks
    case .norm: norms
    case .activation: activations
    case .pool: pools
    case .recurrent: recurrents
    }
  }

  /// The layer that `site.type` names; `path` is where the configuration does.
  ///
  /// - Throws: `unsupported` naming the path and the type where no layer has that name.
  package static func build(_ family: LayerFamily, _ site: inout Site, named path: String) throws -> any Layer {
    let type = site.type
    // VisionCore reads its own names in any case; classes of torch.nn have capitals and go by their exact name.
    let found =
      layers(family).first { $0.isNamed(type) }
      ?? layers(family).first { $0.isNamed(type.lowercased()) }
    guard let layer = found else {
      throw unknown(family.rawValue, type, path, layers(family).flatMap { $0.typeNames }, family.unusable[type])
    }
    if !layer.isNamed(type) { site.type = type.lowercased() }
    return try layer.init(&site)
  }

  package static func modulator(_ site: inout Site, named path: String) throws -> any Modulator {
    let type = site.type
    guard let layer = modulators.first(where: { $0.typeNames.contains(type) }) else {
      let why = ["stn", "pc", "polar"].contains(type) ? "it does not exist in VisionCore's code" : nil
      throw unknown("modulator", type, path, modulators.flatMap { $0.typeNames }, why)
    }
    return try layer.init(&site)
  }

  package static func readout(_ site: inout Site, named path: String) throws -> any Readout {
    let type = site.type
    guard let layer = readouts.first(where: { $0.typeNames.contains(type) }) else {
      throw unknown("readout", type, path, readouts.flatMap { $0.typeNames }, nil)
    }
    return try layer.init(&site)
  }

  private static func unknown(_ kind: String, _ type: String, _ path: String, _ known: [String], _ why: String?)
    -> Failure
  {
    let others = ["none"] + known.filter { $0 != "none" }
    return Failure(
      .unsupported, "\(path): \(why == nil ? "unknown" : "unsupported") \(kind) `\(type)`",
      hint: why ?? Suggestion.hint(for: type, among: known) ?? "known: \(others.joined(separator: ", "))")
  }
}

/// The factory of all registered layers: composite layers get their parts from it.
package struct RegisteredLayers: LayerFactory {
  package init() {}

  package func build(_ family: LayerFamily, _ site: inout Site, named path: String) throws -> any Layer {
    try AllLayers.build(family, &site, named: path)
  }
}
