/// Nothing: a part of the network that the configuration leaves out.
///
/// - Shapes: any -> same
package struct Identity: SampleLayer {
  package let name: String
  package let outputChannels: Int

  package init(name: String, outputChannels: Int) {
    self.name = name
    self.outputChannels = outputChannels
  }

  package var detail: String { "none" }

  package var reach: Reach { .frame }

  package var quietStart: QuietStart { QuietStart(passing: .all, isNonNegative: nil) }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape { input }

  package func forward(_ input: Features) -> Features { input }
  package func traced(_ input: Features, _ pass: Pass) -> TracedFeatures { (input, { $0 }) }
}
