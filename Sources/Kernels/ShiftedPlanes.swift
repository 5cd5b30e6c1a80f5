import CKernels

/// Frames with their border, as sums of shifted planes read them.
///
/// The outputs of a plane and the values between their rows are one run. Output i of it takes, for every channel and tap, the
/// input i + offset.
struct ShiftedPlanes {
  /// The shape that is convolved, one stride in space.
  private let shape: SpatialShape
  private let channels: Int
  private let taps: (height: Range<Int>, width: Range<Int>)
  /// With border.
  private let rows: Int
  private let columns: Int

  /// Channels above which products of columns are as fast.
  private static let fewChannels = 32

  /// - Parameters:
  ///   - height: taps that take part.
  ///   - width: taps that take part.
  /// - Returns: nil where the sums do not fit, or would not stay in registers.
  init?(_ shape: SpatialShape, _ bank: FilterBank, height: Range<Int>, width: Range<Int>) {
    guard bank.groups == 1, max(bank.inChannels, bank.outChannels) <= Self.fewChannels, !height.isEmpty, !width.isEmpty,
      shape.height.stride == 1, shape.width.stride == 1, ck_has_wide_registers() != 0
    else { return nil }
    self.shape = shape
    channels = bank.inChannels
    taps = (height, width)
    rows = shape.outputHeight + (height.count - 1) * shape.height.dilation
    columns = shape.outputWidth + (width.count - 1) * shape.width.dilation
  }

  /// Values of a frame.
  var frame: Int { channels * rows * columns }
  /// Distance of two runs: their length in whole vectors.
  var step: Int { ((shape.outputHeight - 1) * columns + shape.outputWidth + 15) / 16 * 16 }
  /// Values that are read beyond the last frame, at most.
  var slack: Int { 16 }

  /// Of every channel and tap within a frame: `[channel, height tap, width tap]`.
  var offsets: [Int] {
    var offsets: [Int] = []
    for channel in 0..<channels {
      for y in 0..<taps.height.count {
        for x in 0..<taps.width.count {
          offsets.append(
            (channel * rows + y * shape.height.dilation) * columns + x * shape.width.dilation)
        }
      }
    }
    return offsets
  }

  /// Copies frames with their border, one after the other, and zeros behind them.
  func fill(_ target: UnsafeMutablePointer<Float>, from input: UnsafePointer<Float>, frames: [Int]) {
    var columns = ck_columns_shape(
      channels: channels, height: shape.inputHeight, width: shape.inputWidth, rows: rows, columns: columns,
      top: taps.height.lowerBound * shape.height.dilation - shape.height.low,
      left: taps.width.lowerBound * shape.width.dilation - shape.width.low, row_step: 1, column_step: 1, taps: 1,
      tap_step: 1, replicate: shape.padding == .replicate ? 1 : 0)
    for (place, frame) in frames.enumerated() {
      ck_columns(input + frame * channels * shape.inputPlane, target + place * self.frame, &columns)
    }
    ck_fill(target + frames.count * frame, slack, 0)
  }

  /// Calls `body` with the description that kernels take, for frames at `starts`.
  func withShape<Result>(
    starts: [Int], offsets: [Int], outs: Int, _ body: (inout ck_shifted) -> Result
  ) -> Result {
    starts.withUnsafeBufferPointer { starts in
      offsets.withUnsafeBufferPointer { offsets in
        var description = ck_shifted(
          frames: starts.baseAddress, offsets: offsets.baseAddress, frame_count: starts.count,
          offset_count: offsets.count, outs: outs, rows: shape.outputHeight, columns: shape.outputWidth,
          row_step: columns, step: step)
        return body(&description)
      }
    }
  }
}
