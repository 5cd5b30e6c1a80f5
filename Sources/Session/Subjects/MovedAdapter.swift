import Base
import Fitting
import Formats
import Layers
import Twin

/// A head's adapter with its numbers moved: the core's features behind it, and gradients by its numbers.
package struct MovedAdapter {
  /// The tensors that move; a blur's width is none of them, because no gradient reaches it.
  package let names: [String]
  /// Their numbers as they are, one tensor after the other.
  package let start: [Double]

  private let twin: LoadedTwin
  private let head: Int
  private let inputs: TwinInputs
  private let frames: [Int]
  private let shapes: [[Int]]
  private let trainable: TrainableTwin
  private let work: Work

  /// Frames that go through the core together.
  private static let batch = 64
  /// Of all features in memory.
  package static let byteLimit = 4 << 30

  /// - Throws: `unsupported` for an adapter with nothing to move, or features that do not fit in memory; what reading throws.
  package init(_ twin: LoadedTwin, head: Int, data: RefitData, in session: Session) throws {
    self.twin = twin
    self.head = head
    frames = data.frames
    work = session.work
    let features = data.features
    let bytes = 4 * features.rowCount * features.channels * features.height * features.width
    guard bytes <= Self.byteLimit else {
      throw Failure(
        .unsupported,
        "the core's features of \(features.rowCount) frames take \(bytes >> 20) MB, and a moving adapter needs them all in memory",
        hint: "fit on a stimulus with fewer frames, or without --fit adapter")
    }
    inputs = try TwinInputs(twin, head: head, data.source, for: .coreFeatures)
    names = try twin.network(head: head).movableAdapterNames(head: head)
    guard !names.isEmpty else {
      throw Failure(.unsupported, "the adapter of head \(head) of `\(twin.name)` has no number that a fit could move")
    }
    let tensors = try names.map { try twin.source.tensor($0) }
    shapes = tensors.map(\.shape)
    start = tensors.flatMap { $0.values.map(Double.init) }
    trainable = try TrainableTwin(
      architecture: twin.architecture, source: twin.source, heads: [head], trained: Set(names), reachesInputs: false)
  }

  /// The tensors with some numbers, as a checkpoint stores them.
  package func tensors(_ numbers: [Double]) -> [String: Tensor] {
    var first = 0
    var tensors: [String: Tensor] = [:]
    for (name, shape) in zip(names, shapes) {
      let count = shape.reduce(1, *)
      tensors[name] = Tensor(shape: shape, values: numbers[first..<first + count].map { Float($0) })
      first += count
    }
    return tensors
  }

  private func source(_ numbers: [Double]) -> any ArraySource {
    ReplacedArrays(twin.source, without: [], with: tensors(numbers))
  }

  /// Core features of all rows of the data.
  ///
  /// - Throws: what the twin's layers throw of these numbers; `interrupted`.
  package func features(_ numbers: [Double]) throws -> FeatureArray {
    let network = try twin.network(head: head).with(head: head, from: source(numbers))
    var values: [Float] = []
    var shape: [Int] = []
    for batch in batches(frames.count) {
      try work.cancellation.check()
      let made = try network.coreFeatures(inputs.input(frames: Array(frames[batch])), head: head, work: work)
      values += made.values
      shape = Array(made.shape.dropFirst())
    }
    return FeatureArray(Tensor(shape: [frames.count] + shape, values: values))
  }

  /// Gradient of a loss by the numbers.
  ///
  /// - Parameters:
  ///   - rows: of the data, that the loss is of.
  ///   - slope: from the features of some rows, given by their places in `rows`, to the loss's gradient by them.
  /// - Throws: as `features`.
  package func gradient(
    _ numbers: [Double], rows: [Int], slope: @Sendable ([Int], Tensor) -> Tensor
  ) throws -> [Double] {
    let twin = try trainable.with(heads: [head], from: source(numbers))
    var sums = Gradients()
    for batch in batches(rows.count) {
      try work.cancellation.check()
      let input = try inputs.input(frames: rows[batch].map { frames[$0] })
      let first = batch.lowerBound
      sums.add(
        try twin.coreGradients(input, head: head, work: work) { samples, features in
          slope(samples.map { first + $0 }, features)
        })
    }
    return zip(names, shapes).flatMap { name, shape in
      sums[name]?.values.map(Double.init) ?? [Double](repeating: 0, count: shape.reduce(1, *))
    }
  }

  private func batches(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: Self.batch).map { $0..<min(count, $0 + Self.batch) }
  }
}
