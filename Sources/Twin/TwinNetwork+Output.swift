import Base
import Layers

/// What follows a readout: the output activation, value by value.
public struct OutputActivation: Sendable {
  /// Its type in the configuration: `softplus`; `none` where the output is the logarithm of the rate.
  public let typeName: String
  private let layer: any SampleLayer

  init(_ layers: TwinLayers, typeName: String) {
    self.typeName = typeName
    layer = layers.outputActivation
  }

  /// Whether the output is the logarithm of the rate.
  public var isLogRate: Bool { typeName == "none" }

  /// Values and derivatives of the activation; that of a log rate is the identity.
  public func traced(_ values: [Float]) -> (values: [Float], derivatives: [Float]) {
    let shape = FeatureShape(channels: 1, time: 1, height: 1, width: values.count)
    let ones = Features(shape, [Float](repeating: 1, count: values.count))
    let traced = layer.traced(Features(shape, values), Pass(mode: .eval, trained: []))
    return (traced.output.values, (try? traced.pullback(ones))?.values ?? ones.values)
  }
}

extension TwinNetwork {
  public var outputActivation: OutputActivation {
    OutputActivation(layers, typeName: architecture.configuration["output_activation"]?.stringValue ?? "none")
  }

  /// What a head's baseline adds to each cell's output; nil where it has none.
  ///
  /// - Throws: `missing` for a head that is not there.
  public func baseline(head: Int) throws -> [Float]? { try layers.head(head).baseline.map { baseline(of: $0.values) } }

  /// What a baseline with these values adds to each cell's output.
  public func baseline(of values: [Float]) -> [Float] {
    let shape = FeatureShape(channels: values.count, time: 1, height: 1, width: 1)
    return layers.baselineActivation?.forward(Features(shape, values)).values ?? values
  }

  /// Where VisionCore starts a baseline; nil for a twin without.
  public var baselineStart: Double? {
    guard layers.baselineActivation != nil else { return nil }
    return architecture.configuration["baseline"]?["init_value"]?.doubleValue ?? 0.001
  }

  /// What a head's spike history adds to each cell's readout; nil where it has none.
  ///
  /// - Shapes: history `[sample, lag, cell]` -> `[sample, cell]`
  /// - Throws: `missing` for a head that is not there.
  public func historyOutput(_ history: Tensor, head: Int) throws -> Tensor? {
    let own = try layers.head(head)
    guard let encoder = own.history else { return nil }
    let values = (0..<history.shape[0]).flatMap { encoder.perceptron(history[row: $0].values) }
    return Tensor(shape: [history.shape[0], own.readout.cellCount], values: values)
  }
}
