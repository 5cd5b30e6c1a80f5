import Base
import Formats

/// A frontend whose outputs are averaged over time.
///
/// - Shapes: `[batch, channel, time, height, width]` -> `[batch, out channel, time', height', width']`
package struct PooledFrontend: Layer {
  package let frontend: any Layer
  private let pooling: TemporalPooling

  package init(_ frontend: any Layer, _ pooling: TemporalPooling) {
    self.frontend = frontend
    self.pooling = pooling
  }

  package var name: String { frontend.name }
  package var detail: String { "temporal pooling after the frontend" }
  package var children: [any Layer] { [frontend, pooling] }
  package var outputChannels: Int { pooling.outputChannels }

  package func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try pooling.outputShape(for: frontend.outputShape(for: input))
  }

  package func forward(_ batch: FeatureBatch) throws -> FeatureBatch { try pooling.forward(frontend.forward(batch)) }

  package func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    let first = try frontend.traced(batch, pass)
    let second = try pooling.traced(first.output, pass)
    return (second.output, chained([first.pullback, second.pullback]))
  }

  package func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    children.reduce(input) { $1.visitParts(of: $0, visit) }
  }

  package func node(for input: FeatureShape) throws -> ArchitectureNode {
    let inner = try frontend.outputShape(for: input)
    return ArchitectureNode(
      self, output: try pooling.outputShape(for: inner),
      children: [try frontend.node(for: input), try pooling.node(for: inner)])
  }
}

extension PooledFrontend: TemporalFilters {
  /// The frontend's kernels, each with the pooling of its channel.
  package func temporalKernels(from source: any ArraySource) throws -> [TemporalKernel] {
    let kernels = try (frontend as? any TemporalFilters)?.temporalKernels(from: source) ?? []
    let share = max(1, kernels.count / outputChannels)
    let pooling = try pooling.loaded(from: source)
    return kernels.enumerated().map { index, kernel in
      pooled(kernel, pooling, channel: min(index / share, outputChannels - 1))
    }
  }

  private func pooled(_ kernel: TemporalKernel, _ pooling: TemporalPooling, channel: Int) -> TemporalKernel {
    // Older frames count as positive.
    let places = kernel.lags.map { kernel.side == .newer ? -$0 : $0 }
    let lags = Set(places.flatMap { place in (0..<pooling.frames).map { place + $0 } }).sorted()
    var out = kernel
    out.weights = kernel.weights.map { row in
      var sums = [Int: Double]()
      for (place, weight) in zip(places, row) {
        for frame in 0..<pooling.frames {
          sums[place + frame, default: 0] += Double(weight) * Double(pooling.weight(frame: frame, channel: channel))
        }
      }
      return lags.map { Float(sums[$0] ?? 0) }
    }
    let isOlder = lags.allSatisfy { $0 >= 0 }
    out.side = isOlder ? .older : .both
    out.lags = lags
    out.name += ", pooled"
    out.heldTaps = []
    out.heldReason = nil
    return out
  }
}
