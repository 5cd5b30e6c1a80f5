import Base
import Formats
import Foundation
import Twin

/// A cell's predicted rate for stimulus windows, and how it changes with their pixels.
package struct CellActivation {
  private let twin: TrainableTwin
  private let head: Int
  /// Position among the head's cells.
  private let cell: Int

  /// - Throws: as `TrainableTwin`.
  package init(architecture: TwinArchitecture, source: any ArraySource, head: Int, cell: Int) throws {
    twin = try TrainableTwin(
      architecture: architecture, source: source, heads: [head], trained: [], reachesInputs: true)
    self.head = head
    self.cell = cell
  }

  /// Expected counts per bin of each sample, and their gradient in the stimulus, `[sample, channel, time, height, width]`.
  ///
  /// - Parameter input: with `stimulus`, not with shared windows.
  /// - Throws: as `TrainableTwin.gradients`.
  package func callAsFunction(
    _ input: TwinInput, work: Work = .silent
  ) throws -> (activations: [Double], gradient: Tensor) {
    let (cell, isLogRate) = (cell, twin.architecture.outputIsLogRate)
    let found = try twin.gradients(input, head: head, mode: .eval, work: work) { outputs in
      var slopes = Tensor(zeros: outputs.shape)
      let width = outputs.shape[1]
      for row in 0..<outputs.shape[0] {
        let place = row * width + cell
        slopes.values[place] = isLogRate ? exp(outputs.values[place]) : 1
      }
      return (0, slopes)
    }
    let rows = found.outputs.shape[0]
    let outputs = (0..<rows).map { Double(found.outputs.values[$0 * found.outputs.shape[1] + cell]) }
    guard let gradient = found.stimulus else {
      throw Failure(.unsupported, "this twin reads no stimulus, so no stimulus excites it")
    }
    return (isLogRate ? outputs.map { exp($0) } : outputs, gradient)
  }

  /// The mean gradient over all samples, `[channel, time, height, width]`.
  ///
  /// - Parameter inputs: some samples at a time, as above.
  /// - Throws: as above; `interrupted`.
  package func meanGradient(_ inputs: some Sequence<() throws -> TwinInput>, work: Work) throws -> [Double] {
    var sum: [Double] = []
    var count = 0
    for input in inputs {
      try work.cancellation.check()
      let gradient = try self(input(), work: Work(cancellation: work.cancellation)).gradient
      if sum.isEmpty { sum = [Double](repeating: 0, count: gradient.rowCount) }
      for index in gradient.values.indices { sum[index % gradient.rowCount] += Double(gradient.values[index]) }
      count += gradient.shape[0]
    }
    return sum.map { $0 / Double(max(1, count)) }
  }
}

extension TwinInput {
  /// Some windows in place of the first sample's, with its behaviour and spike history.
  package func showing(_ windows: Tensor) -> TwinInput {
    func repeated(_ tensor: Tensor?) -> Tensor? {
      tensor.map { tensor in
        let row = tensor.values.prefix(tensor.rowCount)
        return Tensor(
          shape: [windows.shape[0]] + tensor.shape.dropFirst(),
          values: (0..<windows.shape[0]).flatMap { _ in row })
      }
    }
    var shown = self
    shown.stimulus = windows
    shown.windows = nil
    shown.behavior = repeated(behavior)
    shown.history = repeated(history)
    shown.sampleCount = windows.shape[0]
    shown.groups = nil
    return shown
  }
}
