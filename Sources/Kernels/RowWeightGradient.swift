import CKernels

/// The gradient of a convolution's weight for few channels, row by row.
struct RowWeightGradient {
  private let bank: FilterBank
  private let live: LiveTaps
  private let shape: SpatialShape

  /// Pairs of frames that are summed in float32 registers before they are added in float64: what nearly cancels over the
  /// pixels, as behind a norm, keeps its digits.
  private static let pairsAtOnce = 4

  init(_ bank: FilterBank, _ live: LiveTaps, _ shape: SpatialShape) {
    self.bank = bank
    self.live = live
    self.shape = shape
  }

  /// Whether rows take less time than products of columns.
  var isFaster: Bool {
    guard bank.groups == 1, RowShape.fits(shape), live.height.count * live.width.count > 1 else { return false }
    return bank.outChannels * bank.inChannels <= 32 * 32 && shape.outputWidth >= 8
  }

  /// Adds to the gradient; `uses` has for each input frame the output frames that it enters.
  func add(
    _ gradient: [Float], _ input: [Float], _ uses: [(frame: Int, uses: [FramePlan.Use])], to weight: inout [Float]
  ) {
    let row = RowShape(shape, bank.inChannels, live.height, live.width)
    var rows = row.rows
    let outputs = (bank.outChannels + 3) / 4 * 4
    let outputCount = outputs * shape.outputHeight * row.wide
    let frames = uses.map(\.frame)
    let padded = [Float](unsafeUninitializedCapacity: frames.count * row.paddedCount) { padded, count in
      count = padded.count
      input.withUnsafeBufferPointer { input in
        guard let input = input.baseAddress, let padded = padded.baseAddress else { return }
        for (place, frame) in frames.enumerated() {
          ck_pad_rows(input + frame * bank.inChannels * shape.inputPlane, padded + place * row.paddedCount, &rows)
        }
      }
    }
    let gradientFrames = gradient.count / max(1, bank.outChannels * shape.outputPlane)
    var plain = RowShape(shape, bank.outChannels, 0..<1, 0..<1).rows
    (plain.height, plain.width, plain.top, plain.left) = (shape.outputHeight, shape.outputWidth, 0, 0)
    var wide = [Float](repeating: 0, count: gradientFrames * outputCount)
    gradient.withUnsafeBufferPointer { gradient in
      wide.withUnsafeMutableBufferPointer { wide in
        guard let gradient = gradient.baseAddress, let wide = wide.baseAddress else { return }
        for frame in 0..<gradientFrames {
          ck_pad_rows(gradient + frame * bank.outChannels * shape.outputPlane, wide + frame * outputCount, &plain)
        }
      }
    }
    var pairs: [Range<Int>: [Int]] = [:]
    for (place, use) in uses.enumerated() {
      for target in use.uses {
        pairs[target.taps, default: []] += [place * row.paddedCount, target.output * outputCount]
      }
    }
    for (taps, pairs) in pairs.sorted(by: {
      ($0.key.lowerBound, $0.key.upperBound) < ($1.key.lowerBound, $1.key.upperBound)
    }) {
      var sums = [Double](
        repeating: 0, count: bank.outChannels * bank.inChannels * live.height.count * live.width.count)
      for start in stride(from: 0, to: pairs.count, by: 2 * Self.pairsAtOnce) {
        let some = Array(pairs[start..<min(pairs.count, start + 2 * Self.pairsAtOnce)])
        ck_rows_weight_gradient(padded, wide, some, some.count / 2, &sums, bank.outChannels, &rows)
      }
      live.add(sums.map { Float($0) }, of: taps, to: &weight, bank, kernel: (shape.height.kernel, shape.width.kernel))
    }
  }
}

extension LiveTaps {
  /// Adds `[out channel, in channel, live height, live width]` to some time taps of
  /// `[out channel, in channel, time, height, width]`.
  func add(
    _ sums: [Float], of taps: Range<Int>, to weight: inout [Float], _ bank: FilterBank,
    kernel: (height: Int, width: Int)
  ) {
    let filters = bank.outChannels * bank.inPerGroup
    let times = weight.count / max(1, filters * kernel.height * kernel.width)
    var place = 0
    for filter in 0..<filters {
      for row in height {
        for tap in taps {
          let start = ((filter * times + tap) * kernel.height + row) * kernel.width + width.lowerBound
          for column in 0..<width.count { weight[start + column] += sums[place + column] }
        }
        place += width.count
      }
    }
  }
}
