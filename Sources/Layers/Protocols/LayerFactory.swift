import Base

/// The places in which a configuration names a layer.
package enum LayerFamily: String {
  case adapter, frontend, network, norm, activation, pool, recurrent

  /// Known types that no usable checkpoint can hold, and why.
  package var unusable: [String: String] {
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

/// Builds the layers that a configuration names. Composite layers ask it for their parts, so that no layer names the list
/// of all layers.
package protocol LayerFactory: Sendable {
  /// The layer that `site.type` names; `path` is its place in the configuration.
  ///
  /// - Throws: `unsupported` naming the path and the type where no layer has that name.
  func build(_ family: LayerFamily, _ site: inout Site, named path: String) throws -> any Layer
}

extension LayerFactory {
  /// As `build`, for layers that also take single samples: norms and activations.
  package func sampleLayer(_ family: LayerFamily, _ site: inout Site, named path: String) throws -> any SampleLayer {
    guard let layer = try build(family, &site, named: path) as? any SampleLayer else {
      throw Failure(.unsupported, "\(path): `\(site.type)` does not work here")
    }
    return layer
  }
}
