/// Nothing: a part of the network that the configuration leaves out.
///
/// - Shapes: any -> same
struct Identity: SampleLayer {
  let name: String
  let outputChannels: Int

  var detail: String { "none" }

  var reach: Reach { .frame }

  func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  func forward(_ input: Features) -> Features { input }
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures { (input, { $0 }) }
}
