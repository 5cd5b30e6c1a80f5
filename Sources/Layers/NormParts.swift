import Base

/// Norms that are parts of another one: each by its type, with options of its own and tensors under names that tell them
/// apart.
struct NormParts: Sendable {
  let layers: [any SampleLayer]

  /// Types that can be a part; each of them once.
  static let types = ["none", "instance", "group", "layer", "rms", "grn", "lrn_channel", "lrn_spatial"] + temporal
  private static let temporal = ["temporal"] + TemporalContextNorm.typeNames.filter { $0 != "temporal" }

  /// - Parameters:
  ///   - site: of the whole norm; the options of a part stand in it under the part's type.
  ///   - path: where the configuration names the parts.
  /// - Throws: `unsupported` naming a part that is unknown or there twice.
  init(_ types: [String], _ site: inout Site, at path: String) throws {
    var layers: [any SampleLayer] = []
    guard Set(types.map(Self.family)).count == types.count else {
      throw Failure(
        .unsupported, "\(path): a norm is listed twice (\(types.joined(separator: ", ")))",
        hint: "the tensors of both would have the same names")
    }
    for type in types {
      guard Self.types.contains(type) else {
        throw Failure(
          .unsupported, "\(path): `\(type.shortened)` can't be a part of another norm",
          hint: Suggestion.hint(for: type, among: Self.types) ?? "known: \(Self.types.joined(separator: ", "))")
      }
      let options = try site.options.section(type)
      if type == "none" {
        try options.finish()
        layers.append(Identity(name: site.weights.prefix, outputChannels: site.inputChannels))
        continue
      }
      var part = Site(
        type: type, options: options, weights: site.weights, inputChannels: site.inputChannels, context: site.context)
      // These names are vcsh's own: no 2-D layer is built.
      part.context.isFlat = false
      if type == "rms" { part.weights.storedNames = ["gamma": "rms_g", "beta": "rms_b"] }
      if type == "group" { part.weights.storedNames = ["weight": "group_g", "bias": "group_b"] }
      if type == "instance" { part.weights.storedNames = ["weight": "instance_g", "bias": "instance_b"] }
      layers.append(try site.context.factory.sampleLayer(.norm, &part, named: path))
    }
    self.layers = layers
  }

  /// Types whose tensors have the same names.
  private static func family(_ type: String) -> String { temporal.contains(type) ? "temporal" : type }
}
