/// Nothing: a part of the network that the configuration leaves out.
///
/// - Shapes: any -> same
struct Identity: Layer {
  let name: String
  let outputChannels: Int

  var detail: String { "none" }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features { input }
}
