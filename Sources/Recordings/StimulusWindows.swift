import Base

extension Stimulus {
  /// The input of the twin for each frame: `stim[frame - lag]`, after the transforms.
  ///
  /// Reads only the rows that the windows show. As in VisionCore, a lag before frame 0 wraps around to the end of the
  /// recording; frames with a valid bin never need that.
  ///
  /// - Shapes: `[batch, channel, lag, height, width]`, lags in the order given
  /// - Parameter lags: the configuration's where nil.
  /// - Throws: `Failure(.missing)` where no lags are known or a frame lies outside the recording.
  public func windows(frames: [Int], lags: [Int]? = nil) throws -> Tensor {
    let (images, steps) = try sharedWindows(frames: frames, lags: lags)
    let channels = images.shape[1]
    let plane = images.shape[2] * images.shape[3]
    let lagCount = (lags ?? self.lags)?.count ?? 0
    var out: [Float] = []
    out.reserveCapacity(frames.count * channels * lagCount * plane)
    for places in steps {
      for channel in 0..<channels {
        for place in places {
          let start = (place * channels + channel) * plane
          out.append(contentsOf: images.values[start..<start + plane])
        }
      }
    }
    return Tensor(shape: [frames.count, channels, lagCount, images.shape[2], images.shape[3]], values: out)
  }

  /// The same windows, with each image only once: the images, and for each window the positions of its images by lag.
  ///
  /// - Shapes: images `[image, channel, height, width]`
  /// - Throws: as `windows`.
  public func sharedWindows(frames: [Int], lags: [Int]? = nil) throws -> (images: Tensor, steps: [[Int]]) {
    guard let lags = lags ?? self.lags, !lags.isEmpty else {
      throw Failure(
        .missing, "\(label): the lags of the stimulus are unknown", hint: "give a YAML with `keys_lags.stim`")
    }
    let rows = try frames.map { frame in try lags.map { try row(frame, lag: $0) } }
    let needed = Set(rows.joined()).sorted()
    let places = Dictionary(uniqueKeysWithValues: needed.enumerated().map { ($1, $0) })
    return (try images(rows: needed), rows.map { $0.compactMap { places[$0] } })
  }

  /// Single frames of the stimulus, after the transforms.
  ///
  /// - Shapes: `[time, channel, height, width]`, one row for each of `rows`
  /// - Parameter rows: ascending, each once.
  public func images(rows: [Int]) throws -> Tensor {
    let runs = try runs(rows)
    guard let transforms = try frameTransforms() else {
      return try processed.whole("stim, with its channel") { try withChannel(covariate("stim")) }.gathering(rows: rows)
    }
    var values: [Float] = []
    var shape = [0, channelCount, height, width]
    for stretch in joining(runs, within: transforms.margin) {
      let part = try withChannel(transforms.frames(stretch.rows) { try source.tensor("stim", rows: $0) })
      shape = part.shape
      if values.isEmpty { values.reserveCapacity(rows.count * part.rowCount) }
      for run in stretch.runs {
        let first = (run.lowerBound - stretch.rows.lowerBound) * part.rowCount
        values.append(contentsOf: part.values[first..<first + run.count * part.rowCount])
      }
    }
    return Tensor(shape: [rows.count] + shape.dropFirst(), values: values)
  }

  /// The transforms of the stimulus, where each needs only a few frames around a frame. Nil where one needs the whole
  /// recording.
  private func frameTransforms() throws -> FrameTransforms? {
    let entries = configuration.transforms.filter { $0.target == "stim" }
    guard entries.allSatisfy({ $0.source == "stim" && !$0.concatenates }) else { return nil }
    let transforms = try entries.flatMap(\.steps).map(transform)
    guard transforms.allSatisfy({ $0.reach != nil }) else { return nil }
    return try processed.transforms {
      try FrameTransforms(transforms, frameCount: frameCount) { try source.tensor("stim", rows: $0) }
    }
  }

  /// Joins runs that are so close that the frames between them would be read twice.
  private func joining(_ runs: [Range<Int>], within margin: Int) -> [(rows: Range<Int>, runs: [Range<Int>])] {
    var stretches: [(rows: Range<Int>, runs: [Range<Int>])] = []
    for run in runs {
      if let last = stretches.last, run.lowerBound - last.rows.upperBound < margin {
        stretches[stretches.count - 1] = (last.rows.lowerBound..<run.upperBound, last.runs + [run])
      } else {
        stretches.append((run, [run]))
      }
    }
    return stretches
  }

  func row(_ frame: Int, lag: Int) throws -> Int {
    let (shown, overflow) = frame.subtractingReportingOverflow(lag)
    guard !overflow, (0..<frameCount).contains(frame), shown < frameCount, shown >= -frameCount else {
      throw Failure(.missing, "\(label): frame \(frame) at lag \(lag) lies outside its \(frameCount) frames")
    }
    return shown < 0 ? shown + frameCount : shown
  }

  /// Ascending rows as ranges without gaps.
  private func runs(_ rows: [Int]) throws -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for row in rows {
      guard (0..<frameCount).contains(row), row >= runs.last?.upperBound ?? 0 else {
        throw Failure(.missing, "\(label): row \(row) is out of order or outside its \(frameCount) frames")
      }
      if let last = runs.last, last.upperBound == row {
        runs[runs.count - 1] = last.lowerBound..<row + 1
      } else {
        runs.append(row..<row + 1)
      }
    }
    return runs
  }

  /// VisionCore adds the channel axis where the transforms did not.
  private func withChannel(_ frames: Tensor) throws -> Tensor {
    switch frames.rank {
    case 3: return frames.reshaped([frames.shape[0], 1] + frames.shape.dropFirst())
    case 4: return frames
    default: throw Failure(.mismatch, "\(label): `stim` has shape \(frames.shape) after its transforms")
    }
  }
}
