import Base
import Metrics
import Recordings

/// Measures receptive fields by reading a stimulus once, and once more before that to whiten it.
package struct FieldMeasurement {
  /// A twin's rates on some frames, read when they are needed.
  package struct Rates {
    /// Valid frames, ascending.
    package var frames: [Int]
    /// The rates of some of them: `[frame, cell]`.
    package var rows: ([Int]) throws -> [Float]

    package init(frames: [Int], rows: @escaping ([Int]) throws -> [Float]) {
      self.frames = frames
      self.rows = rows
    }
  }

  let stimulus: Stimulus
  /// How messages call the stimulus.
  let label: String
  package let lagCount: Int
  package let isWhitened: Bool
  /// deg/s; nil where all frames are used.
  let maxEyeSpeed: Double?

  /// Largest number of values of the images that are in memory: 16 MB of float32, twice that with their squares.
  private static let stretchValues = 4 << 20
  /// Largest number of pixels of a frame that is whitened; more would take minutes and gigabytes.
  package static let whitenedPixels = 5000
  package static let lagLimit = 240
  private static let fallbackLags = 18

  /// - Parameter lagCount: those of the recording's YAML, else 18, where nil.
  package init(
    of stimulus: Stimulus, label: String, lagCount: Int? = nil, isWhitened: Bool = false, maxEyeSpeed: Double? = nil
  ) {
    self.stimulus = stimulus
    self.label = label
    self.isWhitened = isWhitened
    self.maxEyeSpeed = maxEyeSpeed
    let known = (stimulus.lags?.max()).map { min($0 + 1, Self.lagLimit) }
    self.lagCount = lagCount ?? known ?? Self.fallbackLags
  }

  /// - Parameters:
  ///   - split: the split of the frames, for messages.
  ///   - cells: positions of the cells to measure; all where nil.
  ///   - keepsPlain: whether to keep the averages of the frames as they are beside the whitened ones.
  ///   - rates: computes the twin's rates; not called where the stimulus can't be measured.
  /// - Throws: `undefined` where no frame is left, `mismatch` for images of another size, and what `rates` and reading throw.
  package func measure(
    split: Split, cells: [Int]? = nil, keepsPlain: Bool = false, work: Work, rates: () throws -> Rates
  ) throws -> MeasuredFields {
    // Before the twin runs: a recording without gaze fails at once.
    let speeds = try maxEyeSpeed.map { _ in try stimulus.eyeSpeeds() }
    let rates = try rates()
    let whole = try stimulus.framesWithWholeWindows(rates.frames, lagCount: lagCount)
    guard !whole.isEmpty else {
      throw Failure(
        .undefined, "\(label): no valid frame of split `\(split.rawValue)` has \(lagCount) frames before it",
        hint: "ask for fewer --lags")
    }
    let frames = try slow(whole, speeds)
    let cells = cells ?? Array(0..<stimulus.cellCount)
    let pixels = stimulus.height * stimulus.width
    let whitener = isWhitened ? try whitener(work) : nil
    func sums(_ scale: FieldSums.Scale) -> FieldSums {
      FieldSums(cellCount: cells.count, pixelCount: pixels, lagCount: lagCount, scale: scale)
    }
    var fields = MeasuredFields(
      cids: cells.map { stimulus.cids[$0] },
      scale: FieldScale(height: stimulus.height, width: stimulus.width, rateHz: stimulus.rateHz),
      frameCount: frames.count, eyeSpeed: maxEyeSpeed.map { ($0, whole.count - frames.count) },
      sums: sums(whitener.map { .whitened(meanSquare: $0.meanSquare) } ?? .plain),
      plain: isWhitened && keepsPlain ? sums(.plain) : nil, whitener: whitener)
    let inner = Work(cancellation: work.cancellation)
    var noise = FieldNoise(
      lagCount: lagCount, pixelCount: pixels, scale: fields.sums.scale, frameCount: frames.count)
    try eachStretch(of: frames, lagCount: lagCount, title: "receptive fields", work) { stretch in
      let all = try rates.rows(stretch.frames)
      var chosenRates = [Float](repeating: 0, count: stretch.rows.count * cells.count)
      for (index, place) in stretch.places.enumerated() {
        for (column, cell) in cells.enumerated() {
          chosenRates[place * cells.count + column] = all[index * stimulus.cellCount + cell]
        }
      }
      let counts = chosen(cells, stretch.counts)
      let mask = chosen(cells, stretch.mask)
      let images = stretch.images.values
      let shown = try whitener?(images, work: inner) ?? images
      try fields.sums.add(images: shown, counts: counts, rates: chosenRates, mask: mask, work: inner)
      try fields.plain?.add(images: images, counts: counts, rates: chosenRates, mask: mask, work: inner)
      noise.add(images: shown, places: stretch.places)
    }
    fields.noise = try noise.floor(for: fields.sums.effectiveCounts, work: inner)
    return fields
  }

  /// The frames at which the eye moves more slowly than the limit, where there is one.
  private func slow(_ frames: [Int], _ speeds: [Double]?) throws -> [Int] {
    guard let maxEyeSpeed, let speeds else { return frames }
    let slow = frames.filter { speeds[$0] < maxEyeSpeed }
    guard !slow.isEmpty else {
      let slowest = frames.map { speeds[$0] }.filter(\.isFinite).min()
      throw Failure(
        .undefined, "\(label): the eye moves at \(maxEyeSpeed) deg/s or more in all \(frames.count) frames",
        hint: slowest.map { "the slowest is \(NumberText.rounded($0, decimals: 3)) deg/s" }
          ?? "no frame has a neighbour from which its speed could be computed")
    }
    return slow
  }

  /// From all valid frames, whatever the split, each weighted by the share of cells for which it is valid.
  private func whitener(_ work: Work) throws -> SpatialWhitener {
    var covariance = FrameCovariance(pixelCount: stimulus.height * stimulus.width)
    try eachStretch(of: stimulus.validFrames(), lagCount: 1, title: "covariance of", work) { stretch in
      let cells = stimulus.cellCount
      let weights = stretch.rows.indices.map { row in
        stretch.mask[row * cells..<(row + 1) * cells].reduce(0, +) / Float(cells)
      }
      try covariance.add(images: stretch.images.values, weights: weights)
    }
    return try covariance.whitener()
  }

  private func eachStretch(
    of frames: [Int], lagCount: Int, title: String, _ work: Work, _ body: (ShownStretch) throws -> Void
  ) throws {
    let pixels = stimulus.height * stimulus.width
    let progress = work.progress
    progress?.begin("\(title) \(label)", total: frames.count, unit: "frames")
    defer { progress?.end() }
    var done = 0
    let limit = max(4 * lagCount, Self.stretchValues / max(1, pixels))
    try stimulus.eachStretch(of: frames, lagCount: lagCount, rowLimit: limit) { stretch in
      try work.cancellation.check()
      guard stretch.images.rowCount == pixels else {
        throw Failure(.mismatch, "\(label): images of \(stretch.images.shape.dropFirst()) after its transforms")
      }
      try body(stretch)
      done += stretch.frames.count
      progress?.advance(to: done)
    }
  }

  /// Columns of the chosen cells.
  private func chosen(_ cells: [Int], _ values: [Float]) -> [Float] {
    let width = stimulus.cellCount
    if cells.count == width { return values }
    return stride(from: 0, to: values.count, by: width).flatMap { row in cells.map { values[row + $0] } }
  }
}
