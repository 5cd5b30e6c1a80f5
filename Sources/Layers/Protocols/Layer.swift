import Base

/// One step of the network.
///
/// A layer is built from its options and the names and shapes of its tensors; where the builder loads (see
/// `Weights`), it holds their values too and `forward` may be called. `traced` does what training does in a forward pass,
/// and gives the way back.
package protocol Layer: Sendable {
  /// Prefix of its tensors: `convnet.layers.0.main_block.components.conv`.
  var name: String { get }
  /// What it is, in a few words: `3x9x9 conv, weight norm, hann window`.
  var detail: String { get }
  /// Its own tensors, without those of its children.
  var tensors: [StoredTensor] { get }
  var children: [any Layer] { get }
  var outputChannels: Int { get }

  /// - Throws: `mismatch` naming the layer and the shapes where this input can't work.
  func outputShape(for input: FeatureShape) throws -> FeatureShape
  /// Several samples; what they share is done once.
  ///
  /// - Precondition: the layer is loaded and `outputShape` accepts the input.
  /// - Throws: `interrupted`.
  func forward(_ batch: FeatureBatch) throws -> FeatureBatch
  /// The output, and the pullback from its gradient to the input's.
  ///
  /// - Precondition: as for `forward`, and the layer was built for training.
  /// - Throws: `interrupted`.
  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch
  func node(for input: FeatureShape) throws -> ArchitectureNode
  /// Visits the tensors that have an axis of input channels, and gives the parts of the output.
  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts
  /// How it can start in a block that is put into a trained network.
  var quietStart: QuietStart { get }
}

extension Layer {
  package var tensors: [StoredTensor] { [] }
  package var children: [any Layer] { [] }
  package var quietStart: QuietStart { QuietStart() }
  /// A layer without parts.
  package func node(for input: FeatureShape) throws -> ArchitectureNode {
    ArchitectureNode(self, output: try outputShape(for: input), children: [])
  }

  /// Whether this layer, or one inside it, is of a kind.
  package func hasPart(_ isOfKind: (any Layer) -> Bool) -> Bool {
    isOfKind(self) || children.contains { $0.hasPart(isOfKind) }
  }

  /// The failure of an input that does not fit.
  package func misfit(_ why: String, _ input: FeatureShape) -> Failure {
    Failure(.mismatch, "\(name): \(why) (input \(input): channel, time, height, width)")
  }

  /// `output`, if there is something in it and not too much.
  package func checked(_ output: FeatureShape, for input: FeatureShape) throws -> FeatureShape {
    guard output.isReasonable else { throw misfit("would give \(output), more than 2^28 values a sample", input) }
    return output
  }

  package func checkChannels(_ input: FeatureShape, _ expected: Int) throws {
    guard input.channels == expected else {
      throw misfit("made for \(expected) channels, gets \(input.channels)", input)
    }
  }
}

/// A layer that works on one sample at a time, or on less.
package protocol SampleLayer: Layer {
  var reach: Reach { get }
  /// One sample.
  ///
  /// - Precondition: as for a batch.
  func forward(_ input: Features) -> Features
  /// One sample, and the pullback from its gradient to the input's.
  func traced(_ input: Features, _ pass: Pass) -> TracedFeatures
}

/// What an output frame of a layer depends on.
package enum Reach {
  /// One input frame: frames of any samples can be given together.
  case frame
  /// Some input frames, the same in every sample that shows them.
  case steps
  /// All of the sample.
  case sample
}

extension SampleLayer {
  package var reach: Reach { .sample }

  package func forward(_ batch: FeatureBatch) throws -> FeatureBatch {
    try batch.cancellation.check()
    return reach == .frame ? batch.mappingFrames(forward) : try batch.mappingSamples { forward($1) }
  }

  package func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    try batch.cancellation.check()
    guard reach == .frame else { return try batch.tracedSamples { traced($1, pass) } }
    let (frames, pullback) = traced(batch.frames, pass)
    return (batch.mappingFrames { _ in frames }, pullback)
  }
}

/// A kind of layer that a configuration asks for by type name.
package protocol NamedLayer: Layer {
  /// Names in configurations.
  static var typeNames: [String] { get }
  /// Whether a configuration means this layer by a name; there may be more than `typeNames` lists.
  static func isNamed(_ type: String) -> Bool
  init(_ site: inout Site) throws
}

extension NamedLayer {
  package static func isNamed(_ type: String) -> Bool { typeNames.contains(type) }
}

/// Where a layer is built: its options, its tensors, and what it will be given.
package struct Site {
  /// Type name that the configuration used.
  package var type: String
  package var options: Section
  package var weights: Weights
  package var inputChannels: Int
  package var context: Context

  /// What all layers of a twin share.
  package struct Context: Sendable {
    /// Where composite layers get their parts from.
    package var factory: any LayerFactory
    /// Stimulus frames a second, for filters given in milliseconds.
    package var samplingRate: Double
    /// The convolution before this layer has one time step: VisionCore builds 2-D norms and pools there.
    package var isFlat = false

    package init(factory: any LayerFactory, samplingRate: Double = 240) {
      self.factory = factory
      self.samplingRate = samplingRate
    }
  }

  package init(type: String, options: Section, weights: Weights, inputChannels: Int, context: Context) {
    self.type = type
    self.options = options
    self.weights = weights
    self.inputChannels = inputChannels
    self.context = context
  }
}
