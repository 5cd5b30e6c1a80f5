import Base
import Kernels

/// Norms one after the other: `hybrid_rms_grn`, or `hybrid` with `norms: [rms, grn]`.
///
/// - Shapes: `[batch, channel, time, height, width]` -> same
/// - Source: TRAINING 11; the second norm sees what the first one gives. Tensors of the rms are `rms_g` and `rms_b`, those of
///   the grn `gamma` and `beta`.
package struct HybridNorm: NamedLayer, SampleLayer {
  package static let typeNames = ["hybrid", "hybrid_rms_grn", "hybrid_instance_grn", "hybrid_grn_instance"]
  package static func isNamed(_ type: String) -> Bool { type == "hybrid" || parts(of: type) != nil }

  package let name: String
  package let outputChannels: Int
  package let tensors: [StoredTensor]
  private let types: [String]
  private let parts: [any SampleLayer]

  package init(_ site: inout Site) throws {
    name = site.weights.prefix
    outputChannels = site.inputChannels
    let path = site.options.path("norms")
    let given = try site.options.strings("norms")
    let own = Self.parts(of: site.type)
    if let own, let given, own != given {
      throw Failure(.unsupported, "\(path): \(given.joined(separator: ", ")), but the norm's type is `\(site.type)`")
    }
    types = try site.options.required("norms", own ?? given)
    guard types.count >= 2 else {
      throw Failure(.unsupported, "\(path): a hybrid norm has at least two parts", hint: "norms: [rms, grn]")
    }
    parts = try NormParts(types, &site, at: path).layers
    try site.options.finish()
    tensors = parts.flatMap(\.tensors)
  }

  /// The two parts that a type's name gives.
  package static func parts(of type: String) -> [String]? {
    for first in NormParts.types where type.hasPrefix("hybrid_\(first)_") {
      let second = String(type.dropFirst("hybrid_\(first)_".count))
      if NormParts.types.contains(second) { return [first, second] }
    }
    return nil
  }

  /// Why the second of two norms does almost nothing after the first; nil where it acts.
  package static func degeneracy(_ types: [String]) -> String? {
    for (first, second) in zip(types, types.dropFirst()) where first == "instance" && second == "grn" {
      return
        "after an instance norm all channels have the same energy: grn's factor is 1 within a few per cent, so that it only scales and shifts; rms or temporal before grn leaves energies unequal"
    }
    for (first, second) in zip(types, types.dropFirst()) where first == "grn" && second == "instance" {
      return
        "an instance norm after grn takes off grn's scale and shift again: no gradient reaches its beta; rms or temporal before grn keeps both"
    }
    return nil
  }

  package var detail: String { "hybrid norm: " + parts.map(\.detail).joined(separator: ", then ") }

  package var reach: Reach { parts.contains { $0.reach != .frame } ? .sample : .frame }

  package var quietStart: QuietStart {
    QuietStart(
      parts.reduce(.smallInput) { silence, part in
        if case .smallInput = part.quietStart.silence { silence } else { part.quietStart.silence }
      })
  }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try parts.reduce(input) { try $1.outputShape(for: $0) }
  }

  package func forward(_ input: Features) -> Features { parts.reduce(input) { $1.forward($0) } }

  package func traced(_ input: Features, _ pass: Pass) -> TracedFeatures {
    var features = input
    var pullbacks: [Pullback] = []
    for part in parts {
      let traced = part.traced(features, pass)
      features = traced.output
      pullbacks.append(traced.pullback)
    }
    return (features, chained(pullbacks))
  }
}
