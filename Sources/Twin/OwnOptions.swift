import Formats
import Layers

/// What a configuration asks for that is vcsh's own, and what is known about it.
extension TwinArchitecture {
  package static let ownOptionPaths = [
    "frontend.params.lag_mask", "frontend.params.tap_mask", "frontend.params.zero_sum",
    "frontend.params.delay", "frontend.params.dilation", "frontend.params.temporal_pool",
  ]

  /// Options in the configuration that VisionCore does not know.
  package var ownOptions: [String] {
    Self.ownOptionPaths.filter { path in
      configuration.at(path).map {
        !$0.isNull && $0 != .int(0) && $0 != .bool(false) && !($0 == .int(1) && path.hasSuffix("dilation"))
      } ?? false
    }
      + (hasOutputCalibration ? ["output_calibration"] : [])
      + norms.filter { norm in !Self.visionCoreNorms.contains(norm.type.lowercased()) }.map(\.path)
  }

  package static let visionCoreNorms = ["none", "batch", "instance", "group", "layer", "rms", "grn"]

  /// Blocks whose hybrid norm has a second part that does almost nothing, and why.
  package var normAdvice: [String] {
    norms.compactMap { norm in
      let given = norm.options?["norms"]?.listValue?.compactMap(\.stringValue)
      guard let parts = HybridNorm.parts(of: norm.type.lowercased()) ?? (norm.type == "hybrid" ? given : nil) else {
        return nil
      }
      return HybridNorm.degeneracy(parts).map { "\(norm.path): \($0)" }
    }
  }

  /// Types of norms, with their places.
  private var norms: [(path: String, type: String, options: ConfigNode?)] {
    var found: [(path: String, type: String, options: ConfigNode?)] = []
    func add(_ node: ConfigNode?, _ path: String) {
      guard let node, let type = node["norm_type"]?.stringValue else { return }
      found.append(("\(path).norm_type", type, node["norm_params"]))
    }
    add(configuration.at("frontend.params"), "frontend.params")
    add(configuration.at("convnet.params.stem_config"), "convnet.params.stem_config")
    for (index, block) in (configuration.at("convnet.params.block_configs")?.listValue ?? []).enumerated() {
      add(block, "convnet.params.block_configs.\(index)")
    }
    return found
  }
}

extension TwinArchitecture {
  /// Weight of the pull of an output calibration to the identity; nil without one.
  package var calibrationPull: Double? { layers.calibration?.pull }
  /// Pieces of the names of the parameters that it pulls to 0.
  package static let pulledNames = ["calibration/gain", "calibration/offset"]
}
