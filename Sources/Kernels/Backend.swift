import Base

/// Where convolutions run: the one place that a faster library or another device would have to fill.
///
/// All else of a twin is memory-bound loops; a backend is asked for prepared convolutions, which are where the
/// arithmetic is. A new one is a folder beside `OpenBLAS/` with a type that conforms, and a line in `Backends`.
public protocol Backend: Sendable {
  /// For messages and measurements.
  var name: String { get }

  /// Prepares filters; what follows from them alone (rearranged or transformed weights) may be kept.
  func convolution(_ filters: Filters) -> any FrameConvolution
}

/// Filters given to a backend.
public struct Filters: Sendable {
  let bank: FilterBank
}

/// A convolution that a backend has prepared.
public protocol FrameConvolution: Sendable {
  /// Adds the convolution of frames to output frames.
  ///
  /// Shapes: `input` frames `[in channel, height, width]`, one after the other; `output` frames
  /// `[out channel, height, width]` at a distance of `frameStride` values.
  func add(
    _ input: UnsafePointer<Float>, _ call: ConvolutionCall, to output: UnsafeMutablePointer<Float>, frameStride: Int)
}

/// One call of a prepared convolution.
public struct ConvolutionCall {
  let shape: SpatialShape
  let plan: FramePlan
  /// Looked at between frames: a convolution that is cancelled returns at once, its output is not to be used.
  let cancellation: Cancellation
  /// Of the plan, counted once.
  let termCount: Int
  let inputCount: Int

  init(shape: SpatialShape, plan: FramePlan, cancellation: Cancellation) {
    self.shape = shape
    self.plan = plan
    self.cancellation = cancellation
    termCount = plan.termCount
    inputCount = plan.inputCount
  }
}
